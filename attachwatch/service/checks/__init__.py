"""What `attachwatch doctor` looks at, one file a part of the house; each check stands for itself."""
