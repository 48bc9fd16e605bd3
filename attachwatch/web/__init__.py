"""Pages on this machine alone, by which a person who never opens a terminal reviews cases and drafts."""
