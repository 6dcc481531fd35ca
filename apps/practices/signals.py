"""What happens to good practice, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

practice_sent = Signal()
practice_decided = Signal()
practice_commended = Signal()
practice_recalled = Signal()
