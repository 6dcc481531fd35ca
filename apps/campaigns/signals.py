"""What happens to annual plans and targets, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

plan_submitted = Signal()
plan_decided = Signal()
plan_withdrawn = Signal()
plan_changed = Signal()
# A unit above has set a unit's own target, changed it or taken it back; the row is the moment of the target's history.
target_handed_down = Signal()
