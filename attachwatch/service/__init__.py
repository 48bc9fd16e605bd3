"""The one path that every attachment takes, and its clock."""
