"""How files are packed in messages (RFC 2045, 2046, 2183, 2231): names, encodings, trees of parts.

Pure. For mail, and for inspection where a message is itself a file.
"""
