"""Which file is which annex. Pure."""
