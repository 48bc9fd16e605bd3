"""Measurements. None is a timed test; each compares with a peer in the same run, or scores against a truth."""
