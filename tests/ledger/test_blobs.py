"""Blobs: byte for byte under their hash, whole or not there."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attachwatch.ledger.blobs import Blobs


@given(chunks=st.lists(st.binary(max_size=2000), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_what_was_written_is_kept_under_its_hash(tmp_path: Path, chunks: list[bytes]) -> None:
    blobs = Blobs(tmp_path)
    with blobs.writer() as writer:
        for chunk in chunks:
            writer.write(chunk)
        sha256, size = writer.commit()
    whole = b"".join(chunks)
    assert (sha256, size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert blobs.path(sha256).read_bytes() == whole
    assert blobs.path(sha256).stat().st_mode & 0o077 == 0
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with pytest.raises(OSError, match="line cut"), blobs.writer() as writer:
        writer.write(b"half of it")
        raise OSError("line cut")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_equal_bytes_are_kept_once_and_never_rewritten(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    inodes = set()
    for _ in range(2):
        with blobs.writer() as writer:
            writer.write(b"same")
            sha256, _ = writer.commit()
        inodes.add(blobs.path(sha256).stat().st_ino)
    assert len(inodes) == 1


def test_what_a_crash_left_is_swept_away_and_blobs_stay(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with blobs.writer() as writer:
        writer.write(b"whole")
        sha256, _ = writer.commit()
    (tmp_path / "incoming" / "tmp123").write_bytes(b"half")
    blobs.sweep()
    assert list((tmp_path / "incoming").iterdir()) == []
    assert blobs.path(sha256).read_bytes() == b"whole"
