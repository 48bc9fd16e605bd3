"""Names and texts -> annexes and matches. Pure."""
