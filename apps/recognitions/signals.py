"""What happened around a recognition, for rooms above: each is sent inside the verb's transaction with its ``row``; a corrected
document number with the row of the recognition's history that keeps the correction."""

from django.dispatch import Signal

notice_published = Signal()
notice_withdrawn = Signal()
objection_recorded = Signal()
objection_decided = Signal()
recheck_recorded = Signal()
document_number_corrected = Signal()
