"""An embedded server and an authority's mail, for `attachwatch demo`."""
