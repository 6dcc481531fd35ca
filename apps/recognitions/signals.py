"""What happened around a recognition, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

notice_published = Signal()
notice_withdrawn = Signal()
objection_recorded = Signal()
objection_decided = Signal()
recheck_recorded = Signal()
