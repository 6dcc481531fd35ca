"""What happened to baselines, communities and jurisdictions, for rooms above: sent with the ``row``, in its transaction."""

from django.dispatch import Signal

baseline_confirmed = Signal()
baseline_reopened = Signal()
community_changed = Signal()
jurisdiction_changed = Signal()
