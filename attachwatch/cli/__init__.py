"""The commands. One file each."""
