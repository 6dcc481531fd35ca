"""HTTP of people: the list and one person, what is done to them, invitations, activation."""
