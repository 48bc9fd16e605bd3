"""Where a case stands -> Draft. Pure."""
