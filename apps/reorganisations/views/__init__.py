"""HTTP of this room: baselines, changes of communities, changes of jurisdictions."""
