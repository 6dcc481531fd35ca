"""REST: self-assessments with results and evidence, and the steps of their review."""
