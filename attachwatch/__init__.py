"""attachwatch: which attachments of an authority's answer do not open, and the reply that says so."""

__version__ = "0.1.0"
