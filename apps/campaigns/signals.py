"""What happens to annual plans, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

plan_submitted = Signal()
plan_decided = Signal()
plan_withdrawn = Signal()
plan_changed = Signal()
