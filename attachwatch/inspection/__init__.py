"""Bytes -> Inspection. Knows no mail."""
