"""What happens to campaigns, annual plans and targets, for rooms above: sent inside the verb's transaction with the ``row``."""

from django.dispatch import Signal

# Something of an opened campaign was changed, its opening and its end included.
campaign_changed = Signal()
plan_submitted = Signal()
plan_decided = Signal()
plan_withdrawn = Signal()
plan_changed = Signal()
# A unit above has set a unit's own target, changed it or taken it back; the row is the moment of the target's history.
target_handed_down = Signal()
