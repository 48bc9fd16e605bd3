"""Labels of annexes, read off names in any dress. Pure."""
