"""HTTP of standards: reading them, editing drafts."""
