"""What happens to filings, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

filing_submitted = Signal()
filing_withdrawn = Signal()
filing_decided = Signal()
due_date_moved = Signal()
escalated = Signal()
