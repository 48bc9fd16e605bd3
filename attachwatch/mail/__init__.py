"""A mailbox -> messages and attachments. Knows no PDF."""
