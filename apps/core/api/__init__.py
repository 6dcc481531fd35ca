"""What every part of the REST API shares: problems, lists, versions, schema. No domain words."""
