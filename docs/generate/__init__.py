"""What of the documentation is made from the code, and never written by hand."""
