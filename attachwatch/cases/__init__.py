"""What has come and what was found in it -> where a case stands. Pure."""
