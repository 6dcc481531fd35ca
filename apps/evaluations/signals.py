"""What happens to annual evaluations, for rooms above: each is sent inside the verb's transaction with its ``row``."""

from django.dispatch import Signal

# The row is the step that was taken: submitted, agreed, returned, approved, withdrawn.
evaluation_stepped = Signal()
# The departments of the unit are asked to countersign; the row is the evaluation.
countersigning_asked = Signal()
# The row is the countersignature.
countersigned = Signal()
