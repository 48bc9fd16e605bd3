"""What the two sides of the sandbox say to one another: who asks (`workers.py`), and what works (`zygote.py`)."""

import struct

# Parent -> zygote: what to do, the job's number, bytes of memory, seconds, an argument; with the handles of the
# document and of the answer. Zygote -> parent: the job's number, its wait status, the most memory that it held (KiB);
# the first message, numbered 0, says what confines the workers.
REQUEST = struct.Struct("=cQQdQ")
REPORT = struct.Struct("=QiQ")
INSPECT, PAINT, EXTRACT, TEXT, KILL = b"I", b"P", b"X", b"T", b"K"
# What EXTRACT answers: for each file inside, its pieces, each behind its length; then whether it came whole, behind 0.
FRAME = struct.Struct("=cI")
PIECE, WHOLE, LOST = b"P", b"W", b"L"
OUT_OF_MEMORY = 12  # the exit status of a worker that reached its bound
