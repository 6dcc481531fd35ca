"""Who acts in the REST API, how often, and verbs that are done once."""
