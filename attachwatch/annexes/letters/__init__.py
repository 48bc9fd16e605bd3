"""What an authority's own words say of annexes. Pure."""
