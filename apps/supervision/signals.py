"""What happens to supervision visits, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

visit_issued = Signal()
visit_withdrawn = Signal()
finding_answered = Signal()
finding_checked = Signal()
