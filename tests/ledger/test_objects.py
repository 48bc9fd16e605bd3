"""Attachments elsewhere, in a bucket over HTTP and in a folder: created once, believed by their hash, bounded here."""

import hashlib
import os
import socket
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attachwatch import errors
from attachwatch.config import StoreSettings
from attachwatch.errors import AttachmentError, ConfigurationError, StoreError
from attachwatch.ledger import bucket, places
from attachwatch.ledger.interface import Attachments
from attachwatch.ledger.objects import Objects
from tests import s3

DATA = b"%PDF-1.7 a letter"
SHA256 = hashlib.sha256(DATA).hexdigest()
MIB = 1 << 20


@dataclass(frozen=True)
class Elsewhere:
    """A place as it is configured, and as who is not attachwatch sees it."""

    settings: StoreSettings
    objects: Callable[[], dict[str, bytes]]
    overwrite: Callable[[str, bytes], None]
    remove: Callable[[str], None]

    def opened(self, root: Path) -> Attachments:
        return places.as_configured(self.settings)(root)


def in_bucket(server: s3.Server, root: Path) -> Elsewhere:
    client, name = server.client, server.new_bucket()

    def objects() -> dict[str, bytes]:
        found = client.list_objects_v2(Bucket=name).get("Contents", [])
        return {o["Key"]: client.get_object(Bucket=name, Key=o["Key"])["Body"].read() for o in found}

    def overwrite(sha256: str, data: bytes) -> None:
        client.put_object(Bucket=name, Key=f"case/{sha256[:2]}/{sha256}", Body=data)

    def remove(sha256: str) -> None:
        client.delete_object(Bucket=name, Key=f"case/{sha256[:2]}/{sha256}")

    settings = StoreSettings(path=root / "store", attachments=f"s3://{name}/case/", endpoint=server.address)
    return Elsewhere(settings, lambda: {k.removeprefix("case/"): v for k, v in objects().items()}, overwrite, remove)


def in_folder(root: Path) -> Elsewhere:
    folder = root / "share d"
    folder.mkdir()

    def objects() -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def overwrite(sha256: str, data: bytes) -> None:
        (folder / sha256[:2]).mkdir(exist_ok=True)
        (folder / sha256[:2] / sha256).write_bytes(data)

    def remove(sha256: str) -> None:
        (folder / sha256[:2] / sha256).unlink()

    settings = StoreSettings(path=root / "store", attachments=folder.as_uri())
    return Elsewhere(settings, objects, overwrite, remove)


@pytest.fixture(params=["bucket", "folder"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    return in_bucket(request.getfixturevalue("aws"), tmp_path) if request.param == "bucket" else in_folder(tmp_path)


def write(attachments: Attachments, data: bytes = DATA) -> str:
    with attachments.writer() as writer:
        for start in range(0, len(data), 1000):
            writer.write(data[start : start + 1000])
        sha256, size = writer.commit()
    assert size == len(data)
    return sha256


def cached(root: Path) -> dict[str, Path]:
    """By name, what is at hand in the store of `root`."""
    return {p.name: p for p in (root / places.CACHE).rglob("*") if p.is_file()}


# --- what is kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [DATA, b"", bytes(range(256)) * 20_000], ids=["small", "empty", "two-pieces"])
def test_what_was_written_comes_back_when_nothing_is_at_hand(elsewhere: Elsewhere, tmp_path: Path, data: bytes) -> None:
    sha256 = write(elsewhere.opened(tmp_path / "one"), data)
    assert elsewhere.objects() == {f"{sha256[:2]}/{sha256}": data}
    path = elsewhere.opened(tmp_path / "other").path(sha256)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(cached(tmp_path / "other")) == [sha256]


def test_a_write_that_fails_leaves_nothing_here_or_there(elsewhere: Elsewhere, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="line cut"), elsewhere.opened(tmp_path / "one").writer() as writer:
        writer.write(b"half of it")
        raise OSError("line cut")
    assert elsewhere.objects() == {}
    assert cached(tmp_path / "one") == {}


def test_what_is_there_is_never_replaced(elsewhere: Elsewhere, tmp_path: Path) -> None:
    elsewhere.overwrite(SHA256, DATA.upper())  # of the same length, so that only reading it tells
    one = elsewhere.opened(tmp_path / "one")
    assert write(one) == SHA256
    elsewhere.overwrite(SHA256, b"shorter")
    with pytest.raises(StoreError, match=rf"the attachment {SHA256[:12]} in .* has 7 bytes, not 17") as caught:
        write(one)
    assert not isinstance(caught.value, AttachmentError)  # the message is tried again by the next poll
    assert list(elsewhere.objects().values()) == [b"shorter"]


def test_what_was_altered_or_is_gone_is_told_and_never_handed_out(elsewhere: Elsewhere, tmp_path: Path) -> None:
    write(elsewhere.opened(tmp_path / "one"))
    other = elsewhere.opened(tmp_path / "other")
    elsewhere.overwrite(SHA256, DATA.upper())
    with pytest.raises(AttachmentError, match="is not what was stored: its SHA-256 begins with"):
        other.path(SHA256)
    elsewhere.remove(SHA256)
    with pytest.raises(AttachmentError, match="is not what was stored: it is not there"):
        other.path(SHA256)
    assert cached(tmp_path / "other") == {}


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256.upper(), f"{SHA256}\n", "x" * 64])
def test_no_name_but_a_hash_is_looked_for(elsewhere: Elsewhere, tmp_path: Path, name: str) -> None:
    with pytest.raises(AttachmentError, match="no SHA-256"):
        elsewhere.opened(tmp_path / "one").path(name)


def test_two_that_store_the_same_at_once_both_have_it_and_it_is_there_once(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    files = [os.urandom(50_000) for _ in range(6)]
    together, told = threading.Barrier(2), list[list[str]]()

    def store(root: Path) -> None:
        attachments = elsewhere.opened(root)
        hashes = []
        for data in files:
            together.wait(20)
            hashes.append(write(attachments, data))
        told.append(hashes)

    threads = [threading.Thread(target=store, args=(tmp_path / name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    hashes = [hashlib.sha256(data).hexdigest() for data in files]
    assert told == [hashes, hashes]
    assert elsewhere.objects() == {f"{h[:2]}/{h}": d for h, d in zip(hashes, files, strict=True)}
    assert set(cached(tmp_path / "one")) == set(cached(tmp_path / "other")) == set(hashes)


# --- what is at hand ----------------------------------------------------------------------------------------


def test_what_is_at_hand_is_not_fetched_and_is_fetched_anew_where_it_was_altered(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    one = elsewhere.opened(tmp_path / "one")
    write(one)
    one.path(SHA256).write_bytes(b"a disk that forgets")
    assert one.path(SHA256).read_bytes() == DATA
    elsewhere.remove(SHA256)
    assert one.path(SHA256).read_bytes() == DATA


def test_what_was_longest_not_asked_for_gives_way_and_what_may_be_in_use_does_not(tmp_path: Path) -> None:
    elsewhere = in_folder(tmp_path)
    one = Objects(places.place_of(elsewhere.settings), tmp_path / "one" / places.CACHE, MIB)
    hashes = [write(one, os.urandom(MIB // 4)) for _ in range(3)]
    held = one.path(hashes[0])
    for number, sha256 in enumerate(hashes[1:]):
        os.utime(one.path(sha256), (time.time() - 1000 + number,) * 2)
    last = write(one, os.urandom(MIB // 4))
    assert set(cached(tmp_path / "one")) == {hashes[0], hashes[2], last}
    assert held.exists()
    assert one.path(hashes[1]).stat().st_size == MIB // 4


def test_asking_for_a_file_does_not_look_like_a_change_to_who_reads_it(tmp_path: Path) -> None:
    one = in_folder(tmp_path).opened(tmp_path / "one")
    write(one)
    before = one.path(SHA256).stat()
    after = one.path(SHA256).stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)


def test_what_crashes_left_is_swept_away_once_it_is_nobodys(tmp_path: Path) -> None:
    elsewhere = in_folder(tmp_path)
    one = elsewhere.opened(tmp_path / "one")
    write(one)
    here, there = tmp_path / "one" / places.CACHE / "incoming", tmp_path / "share d" / "incoming"
    for incoming in (here, there):
        for name, age in (("old", 2 * 86400), ("young", 0)):
            (incoming / name).touch()
            os.utime(incoming / name, (time.time() - age,) * 2)
    one.sweep()
    assert [p.name for incoming in (here, there) for p in incoming.iterdir()] == ["young", "young"]
    assert one.path(SHA256).read_bytes() == DATA


# --- S3 -----------------------------------------------------------------------------------------------------


def test_a_large_file_goes_in_parts_and_is_created_only_where_there_is_none(
    aws: s3.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "_PART", 5 * MIB)
    elsewhere = in_bucket(aws, tmp_path)
    one = elsewhere.opened(tmp_path / "one")
    large = os.urandom(11 * MIB)
    sha256 = write(one, large)
    place = places.place_of(elsewhere.settings)
    (tmp_path / "other").write_bytes(b"x" * 11 * MIB)
    assert not place.create(f"{sha256[:2]}/{sha256}", tmp_path / "other")
    assert write(one, large) == sha256
    assert elsewhere.objects() == {f"{sha256[:2]}/{sha256}": large}


@pytest.mark.parametrize(
    ("answer", "said", "remedy"),
    [
        ((403, "AccessDenied"), "refuses us", "s3:PutObject"),
        ((404, "NoSuchBucket"), "a bucket that is not there", "correct [store] attachments"),
        ((501, "NotImplemented"), "only if there is none", "conditional writes"),
        ((400, "Bad\x9b31m"), "failed", "the next try"),
    ],
)
def test_a_bucket_that_does_not_take_it_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str], said: str, remedy: str
) -> None:
    with s3.answering(*answer, []) as address:
        s3.known_as(monkeypatch, tmp_path, address)
        one = places.as_configured(StoreSettings(attachments="s3://foi", endpoint=address))(tmp_path / "one")
        with pytest.raises(StoreError) as caught:
            write(one)
    assert said in caught.value.problem
    assert remedy in caught.value.remedy
    assert str(caught.value).isprintable()
    assert caught.value.status == errors.ExitStatus.FAILURE


def test_who_meets_another_that_creates_the_same_tries_again_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with s3.answering(409, "ConditionalRequestConflict", asked) as address:
        s3.known_as(monkeypatch, tmp_path, address)
        one = places.as_configured(StoreSettings(attachments="s3://foi", endpoint=address))(tmp_path / "one")
        with pytest.raises(StoreError, match="ConditionalRequestConflict"):
            write(one)
    assert asked == [f"PUT /foi/{SHA256[:2]}/{SHA256}"] * 3


def test_a_server_that_is_gone_or_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bucket._HTTP, "retries", {"mode": "standard", "max_attempts": 1})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        s3.known_as(monkeypatch, tmp_path, address)
        settings = StoreSettings(attachments="s3://foi", endpoint=address)
        with monkeypatch.context() as hurried, pytest.raises(StoreError, match="does not answer in time"):
            hurried.setattr(bucket, "_PATIENCE", 0.5)
            places.as_configured(settings)(tmp_path / "one").path(SHA256)
    with pytest.raises(StoreError, match="cannot be reached"):
        places.as_configured(settings)(tmp_path / "one").path(SHA256)


def test_without_credentials_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with s3.answering(403, "AccessDenied", asked) as address:
        s3.known_as(monkeypatch, tmp_path, address)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(StoreError, match="no credentials"):
            write(places.as_configured(StoreSettings(attachments="s3://foi", endpoint=address))(tmp_path / "one"))
    assert asked == []


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    elsewhere = in_folder(tmp_path)
    (tmp_path / "share d").rmdir()
    with pytest.raises(StoreError, match="is not there"):
        write(elsewhere.opened(tmp_path / "one"))
    assert not (tmp_path / "share d").exists()


# --- the configuration --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3://UPPER", "s3://b", "s3://foi/../x", "s3://foi/a b", "file://host/x", "file:x", "gs://foi", "/srv"],
)
def test_what_names_no_place_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[store\] attachments"):
        places.as_configured(StoreSettings(attachments=url))


def test_without_s3fs_the_package_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Any = lambda _name: None  # noqa: E731
    monkeypatch.setattr(bucket, "find_spec", nothing)
    with pytest.raises(ConfigurationError, match=r"pip install 'attachwatch\[s3\]'"):
        places.as_configured(StoreSettings(attachments="s3://foi"))
