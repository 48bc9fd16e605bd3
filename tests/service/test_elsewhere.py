"""The whole path with attachments in a bucket: nothing is lost with the cache, the process, or the bucket's absence."""

import hashlib
import json
import mailbox as stdlib_mailbox
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attachwatch import config
from attachwatch.config import StoreSettings
from attachwatch.demo import story
from attachwatch.errors import StoreError
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger import places
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Verdict
from attachwatch.service import setup
from attachwatch.service.checks import store
from attachwatch.service.checks.check import Outcome
from attachwatch.service.pipeline import Pipeline
from attachwatch.service.responses import RULES
from attachwatch.web.pictures import Pictures
from tests import s3
from tests.program import run
from tests.service.test_crash import KILLED
from tests.service.test_letters import pdf
from tests.service.test_pipeline import CUT, HEALTHY, mail, poll
from tests.service.test_responses import LETTER
from tests.service.test_secondlook import zipped

VERDICTS = {"Annex D iii.pdf": Verdict.BROKEN, "Annex A.pdf": Verdict.OK, "Response.pdf": Verdict.OK}


def delivered(folder: Path) -> Path:
    """A Maildir with an answer in it: a letter, and files in the mail and in a zip."""
    inbox = stdlib_mailbox.Maildir(folder / "mail")
    inbox.add(mail(body="This is the final email.", Annex_D_iii=CUT, Response=pdf(*LETTER)))
    whole = mail(subject=f"Re: {story.REFERENCE}", body="Attached.", Annexes=zipped({"Annex A.pdf": HEALTHY}))
    inbox.add(whole.replace(b"application/pdf", b"application/zip").replace(b"Annexes.pdf", b"Annexes.zip"))
    return folder / "mail"


def configured(folder: Path, server: s3.Server, bucket: str) -> Path:
    path = folder / "attachwatch.toml"
    path.write_text(
        f"""
[store]
path = "store"
attachments = "s3://{bucket}/foi"
endpoint = "{server.address}"

[[mailbox]]
name = "foi"
path = "{delivered(folder)}"
username = "{story.USER}"

[[case]]
reference = "{story.REFERENCE}"
mailbox = "foi"
authority = ["{story.AUTHORITY}"]
annexes = ["Annex A", "Annex D(iii)"]
"""
    )
    return path


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=2) as inspector:
        yield inspector


@contextmanager
def watching(configuration: Path, inspector: Inspector) -> Iterator[Pipeline]:
    settings = config.load(configuration)
    with (
        Ledger.open(settings.store.path, attachments=places.as_configured(settings.store)) as ledger,
        ledger.exclusive(),
    ):
        yield Pipeline(settings, setup.cases(settings), ledger, inspector)


def verdicts(pipeline: Pipeline) -> dict[str, Verdict]:
    attachments = [a for m in pipeline.ledger.messages("foi") for a in m.attachments]
    inspections = pipeline.ledger.inspections(a.sha256 for a in attachments)
    return {a.name: inspections[a.sha256].verdict for a in attachments if a.name in VERDICTS}


def objects(server: s3.Server, bucket: str) -> dict[str, str]:
    """The objects by name, each with the time it was made at; every one is what its name says."""
    found = server.client.list_objects_v2(Bucket=bucket).get("Contents", [])
    for one in found:
        data = server.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        sha256 = hashlib.sha256(data).hexdigest()
        assert one["Key"] == f"foi/{sha256[:2]}/{sha256}"
    return {one["Key"]: str(one["LastModified"]) for one in found}


def empty(configuration: Path) -> None:
    shutil.rmtree(configuration.parent / "store" / places.CACHE)


def test_what_is_in_the_bucket_is_inspected_and_shown_whatever_is_at_hand(
    aws: s3.Server, inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = aws.new_bucket()
    configuration = configured(tmp_path, aws, bucket)
    with watching(configuration, inspector) as pipeline:
        (draft,) = poll(pipeline)
        assert [(i.labels, i.file) for i in draft.items] == [(("D(iii)",), "Annex D iii.pdf")]
        assert verdicts(pipeline) == VERDICTS
        hashes = {Path(key).name for key in objects(aws, bucket)}
        letters = pipeline.ledger.letters(hashes, RULES)
        assert any(letters.values())
    made = objects(aws, bucket)
    assert len(made) == 4  # with the zip
    assert not (tmp_path / "store" / places.OWN_FOLDER).exists()

    empty(configuration)
    monkeypatch.setattr(judge, "RULES", judge.RULES + 1)  # so that all of it is inspected anew
    with watching(configuration, inspector) as pipeline:
        assert poll(pipeline) == []
        assert verdicts(pipeline) == VERDICTS
        assert pipeline.ledger.letters(hashes, RULES) == letters
        assert pipeline.ledger.drafts() == [draft]
        empty(configuration)
        pictures = Pictures(pipeline.inspector, pipeline.ledger.blobs.path, tmp_path / "pictures")
        assert pictures.made(hashlib.sha256(HEALTHY).hexdigest(), "small").startswith(b"RIFF")
    assert objects(aws, bucket) == made


def test_a_bucket_that_is_not_there_fails_the_poll_and_loses_nothing(
    aws: s3.Server, inspector: Inspector, tmp_path: Path
) -> None:
    configuration = configured(tmp_path, aws, "foi-that-comes-late")
    with watching(configuration, inspector) as pipeline:
        with pytest.raises(StoreError, match="names a bucket that is not there"):
            poll(pipeline)
        (record,) = pipeline.ledger.polls()
        assert "a bucket that is not there" in (record.problem or "")
        assert pipeline.ledger.messages("foi") == []
        aws.client.create_bucket(Bucket="foi-that-comes-late")
        assert len(poll(pipeline)) == 1
        assert verdicts(pipeline) == VERDICTS
        assert [p.problem for p in pipeline.ledger.polls()] == [None]


def test_one_object_that_is_lost_or_altered_keeps_no_other_from_being_inspected(
    aws: s3.Server, inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = aws.new_bucket()
    configuration = configured(tmp_path, aws, bucket)
    with watching(configuration, inspector) as pipeline:
        drafts = poll(pipeline)
    empty(configuration)
    for data, becomes in ((HEALTHY, None), (CUT, b"x" * len(CUT))):
        sha256 = hashlib.sha256(data).hexdigest()
        key = {"Bucket": bucket, "Key": f"foi/{sha256[:2]}/{sha256}"}
        if becomes is None:
            aws.client.delete_object(**key)
        else:
            aws.client.put_object(**key, Body=becomes)
    monkeypatch.setattr(judge, "RULES", judge.RULES + 1)
    with watching(configuration, inspector) as pipeline:
        assert len(pipeline.ledger.uninspected("foi", judge.RULES)) == 4
        assert poll(pipeline) == []
        left = pipeline.ledger.uninspected("foi", judge.RULES)
        assert sorted(left) == sorted(hashlib.sha256(data).hexdigest() for data in (HEALTHY, CUT))
        assert verdicts(pipeline) == VERDICTS  # as they were found
        assert pipeline.ledger.drafts() == drafts


def test_a_poll_that_is_killed_between_bucket_and_ledger_is_completed_by_the_next(
    aws: s3.Server, inspector: Inspector, tmp_path: Path
) -> None:
    bucket = aws.new_bucket()
    configuration = configured(tmp_path, aws, bucket)
    stopped = run("watch", "--once", "--config", configuration, ATTACHWATCH_STOP_AT="object-created:2")
    assert stopped.returncode == KILLED, stopped.stderr
    events = [json.loads(line)["event"] for line in stopped.stderr.splitlines()]
    assert events == ["poll.started"]  # and nothing of where credentials are
    before = objects(aws, bucket)
    assert len(before) == 2
    with watching(configuration, inspector) as pipeline:
        (_,) = poll(pipeline)
        assert len(pipeline.ledger.messages("foi")) == 2
        assert verdicts(pipeline) == VERDICTS
        assert poll(pipeline) == []
    after = objects(aws, bucket)
    assert len(after) == 4
    assert {key: made for key, made in after.items() if key in before} == before


# --- the doctor ---------------------------------------------------------------------------------------------


def test_the_doctor_tries_a_bucket_and_changes_nothing(aws: s3.Server, tmp_path: Path) -> None:
    bucket = aws.new_bucket()
    settings = StoreSettings(path=tmp_path, attachments=f"s3://{bucket}/foi")
    for _ in range(2):
        (check,) = store.attachments(settings)
        assert check.outcome is Outcome.OK
        assert check.says.startswith(f"s3://{bucket}/foi: it can be listed and read; writing was not tried")
        aws.client.put_object(Bucket=bucket, Key="foi/ab/ab", Body=b"one")
    with pytest.raises(StoreError, match="a bucket that is not there"):
        list(store.attachments(StoreSettings(path=tmp_path, attachments="s3://no-such-bucket")))
    listed = aws.client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [o["Key"] for o in listed] == ["foi/ab/ab"]


def test_the_doctor_tells_of_attachments_that_were_left_in_the_own_folder(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    settings = StoreSettings(path=tmp_path / "store", attachments=(tmp_path / "share").as_uri())
    (check,) = store.attachments(settings)
    assert (check.outcome, list((tmp_path / "share").iterdir())) == (Outcome.OK, [])
    with places.own_folder(tmp_path / "store").writer() as writer:
        writer.write(b"of before")
        writer.commit()
    _, left = store.attachments(settings)
    assert left.outcome is Outcome.WARNING
    assert "holds 1 that are looked for in file://" in left.says


def test_the_doctor_says_who_else_cannot_read_the_own_folder(tmp_path: Path) -> None:
    places.own_folder(tmp_path)
    (alone,) = store.attachments(StoreSettings(path=tmp_path))
    (shared,) = store.attachments(StoreSettings(path=tmp_path, database="postgresql+psycopg://db.example.org/foi"))
    assert "cannot read them" in shared.says
    assert (alone.outcome, shared.outcome, "cannot" in alone.says) == (Outcome.OK, Outcome.OK, False)
