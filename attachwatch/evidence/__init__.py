"""What came and what is wrong with it, as a record for others: a page, a PDF or JSON that needs nothing beside it."""
