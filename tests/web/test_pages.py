"""What the pages show of cases and files, and when they look again."""

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attachwatch.config import FILE_NAME
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import CLOSED, MISSING, SUSPENDED, Attachment, CaseState, DraftKind, DraftState, Fate, Verdict
from attachwatch.service import health, review
from attachwatch.service.health import Health
from attachwatch.web import server, state, words
from tests.service.test_pipeline import HEALTHY, mail
from tests.web.reviewing import REFERENCE, Running, configure, deliver, reviewing

CASE = f"/cases/{state.key_of(REFERENCE)}"


def files(running: Running) -> dict[str, str]:
    """The SHA-256 of the files that came, by name."""
    return {a.name: a.sha256 for m in running.ledger.messages("foi") for a in m.attachments}


def test_cases_are_listed_with_what_waits_for_the_user(running: Running) -> None:
    with running.client() as client:
        page = client.get("/").text
    assert REFERENCE in page
    assert '<progress max="2" value="1"' in page
    assert f'<a href="{running.review.root}/drafts/1">Read the reply and decide on it</a>' in page


def test_whether_anybody_watches_is_told(running: Running) -> None:
    with running.client() as client:
        assert "Nobody watches for new mail" in client.get("/").text
        now = datetime.now(UTC)
        health.write(running.pipeline.settings.health_file, Health(1, now, now, ended=False, mailboxes=()))
        assert "New mail is watched for" in client.get("/").text


def test_a_case_shows_each_annex_with_its_state_in_words(running: Running) -> None:
    with running.client() as client:
        page = client.get(CASE).text
        wrong = client.get(f"{CASE}?show=wrong").text
    assert page.index("Annex A.pdf") < page.index("Annex B.pdf")
    assert '<span class="badge ok">Opens</span>' in page
    assert '<span class="badge broken">Does not open</span>' in page
    assert "before its end mark" in page
    assert "Annex A.pdf" not in wrong
    assert "Annex B.pdf" in wrong


def test_a_file_shows_what_each_reader_said(running: Running) -> None:
    with running.client() as client:
        page = client.get(f"{CASE}/files/{files(running)['Annex B.pdf']}").text
        assert all(f"<dt>{reader}</dt>" in page for reader in ("qpdf", "pypdf", "pdfium"))
        assert "does not open it" in page
        assert "/pictures/" not in page
        assert client.get(f"{CASE}/files/{'0' * 64}").status_code == 404
        assert client.get(f"/cases/0123456789ab/files/{files(running)['Annex B.pdf']}").status_code == 404


@pytest.mark.parametrize(("form", "begins"), [("html", b"<!doctype html>"), ("pdf", b"%PDF-")])
def test_the_record_of_a_case_is_a_file_to_keep(running: Running, form: str, begins: bytes) -> None:
    with running.client() as client:
        answer = client.get(f"{CASE}/record.{form}")
        assert answer.status_code == 200
        assert answer.content.lower().startswith(begins.lower())
        assert answer.headers["content-disposition"] == f'attachment; filename="record-FOI2024-01234.{form}"'
        assert client.get(f"{CASE}/record.exe").status_code == 404
        assert client.get(f"/cases/0123456789ab/record.{form}").status_code == 404


def test_first_pages_are_shown_small_and_never_a_file(running: Running) -> None:
    sha256 = files(running)["Annex A.pdf"]
    with running.client() as client:
        for size in ("small", "large"):
            answer = client.get(f"/pictures/{size}/{sha256}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "image/webp"
            assert answer.content[:4] == b"RIFF"
            assert answer.content == client.get(f"/pictures/{size}/{sha256}").content
        assert client.get(f"/pictures/huge/{sha256}").status_code == 404
        assert client.get(f"/pictures/small/{files(running)['Annex B.pdf']}").status_code == 404
        assert client.get(f"/pictures/small/{'0' * 64}").status_code == 404
        assert client.get("/pictures/small/..%2F..%2Fledger.sqlite3").status_code == 404


def test_pictures_are_painted_once(
    running: Running, tmp_path: Path, inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = files(running)["Annex A.pdf"]
    with running.client() as client:
        first = client.get(f"/pictures/small/{sha256}").content
    monkeypatch.setattr(inspector, "paint", None)
    with reviewing(tmp_path / "review" / FILE_NAME, inspector) as again, again.client() as client:
        assert client.get(f"/pictures/small/{sha256}").content == first


def test_a_file_that_the_store_lost_has_no_picture(running: Running) -> None:
    sha256 = files(running)["Annex A.pdf"]
    running.ledger.blobs.path(sha256).unlink()
    with running.client() as client:
        assert client.get(f"/pictures/small/{sha256}").status_code == 404


def test_the_picture_of_all_is_derived_anew_only_when_something_changed(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = running.review.state.picture()
    assert running.review.state.picture() is first
    review.discard(running.ledger, 1)
    second = running.review.state.picture()
    assert second is not first
    assert running.review.state.picture() is second
    running.ledger.record_poll("foi", datetime(2024, 10, 1, tzinfo=UTC), "The server is gone.")
    polled = running.review.state.picture()
    assert [p.problem for p in polled.polls] == ["The server is gone."]
    assert polled.overviews is second.overviews
    monkeypatch.setattr(state, "_LASTS", 0.0)  # an edited list of annexes is looked for each time
    assert running.review.state.picture() is polled


def test_it_is_derived_anew_when_its_time_is_over(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_LASTS", 0.0)
    first = running.review.state.picture()
    kept = running.review.state._kept
    assert kept is not None
    assert datetime.now(UTC) < kept.until
    over = replace(first, overviews={name: replace(o, until=o.made) for name, o in first.overviews.items()})
    monkeypatch.setattr(running.review.state, "_kept", replace(kept, picture=over))
    fresh = running.review.state.picture()
    assert fresh.overviews is not over.overviews
    (running.review.state.configuration.parent / "annexes.txt").write_text("Annex Q")
    (listed,) = running.review.state.picture().cases.values()
    assert [a.label for a in listed.case.annexes] == ["Q"]


def test_what_another_process_wrote_is_seen(running: Running, tmp_path: Path, inspector: Inspector) -> None:
    with running.client() as client:
        client.get("/")
        with reviewing(tmp_path / "review" / FILE_NAME, inspector) as other:
            deliver(other.mail, mail(body="Here is another.", Annex_Z=b"%PDF-1.7 nothing"))
            other.poll()
        assert "Annex Z.pdf" in client.get(CASE).text


def test_the_configuration_is_read_again_and_what_is_wrong_with_it_is_told(running: Running) -> None:
    place = running.review.state.configuration
    good = place.read_text()
    with running.client() as client:
        client.get("/")
        place.write_text(f'{good}[[case]]\nreference = "NEW/1"\nmailbox = "foi"\nauthority = ["new.example"]\n')
        assert "NEW/1" in client.get("/").text
        place.write_text("[[[")
        page = client.get("/").text
        assert "NEW/1" in page
        assert "cannot be used as it is now" in page
        place.write_text(good)
        assert "NEW/1" not in client.get("/").text


def test_a_fault_of_ours_is_told_without_its_words(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(running.review.state, "picture", fail)
    with running.client() as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["content-security-policy"]


def test_sizes_are_told_as_a_person_counts() -> None:
    assert [words.size(n) for n in (0, 1, 999, 1000, 9949, 99_499, 999_500, 1_500_000, 2_000_000_000)] == [
        "0 bytes",
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "9.9 kB",
        "99 kB",
        "1.0 MB",
        "1.5 MB",
        "2.0 GB",
    ]


def test_long_names_are_cut_in_tables_alone() -> None:
    assert words.brief("a" * 160) == "a" * 160
    assert words.brief("a" * 161) == f"{'a' * 160}… (161 characters)"


def test_a_case_of_500_files_is_a_light_page(running: Running) -> None:
    ledger = running.ledger
    (found,) = ledger.inspections([files(running)["Annex A.pdf"]]).values()
    for first in range(0, 500, 20):
        attachments = []
        for number in range(first, first + 20):
            sha256 = hashlib.sha256(str(number).encode()).hexdigest()
            name = f"Annex {number} OFF SEN Case Handling Reference Manual v01 FINAL REDACTED.pdf"
            attachments.append(Attachment(f"{number}", name, "application/pdf", 1000 + number, sha256))
            ledger.add_inspection(replace(found, sha256=sha256, size=1000 + number))
        (message,) = [m for m in ledger.messages("foi") if m.id == 1]
        header = replace(message.header, message_id=f"<{first}@interior.example>")
        key = replace(message.key, uid=10_000 + first)
        ledger.store(replace(message, key=key, header=header, attachments=tuple(attachments)))
    place = running.review.state.configuration
    place.write_text(place.read_text().replace('annexes = "annexes.txt"', 'annexes = ["Annex 0 to 499"]'))
    with running.client() as client:
        answer = client.get(CASE)
    assert answer.text.count("<tr>") > 500
    assert answer.text.count('loading="lazy"') >= 500
    assert len(answer.content) < 300_000
    assert answer.headers["content-encoding"] == "gzip"


def test_a_browser_is_opened_only_where_there_are_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not server.open_browser("http://127.0.0.1:1/")
    monkeypatch.setenv("DISPLAY", ":0")
    assert server.open_browser("http://127.0.0.1:1/")
    deadline = time.monotonic() + 5
    while not opened and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened == ["http://127.0.0.1:1/"]


def test_what_is_not_there_is_merely_awaited_while_more_is_to_come(tmp_path: Path, inspector: Inspector) -> None:
    place = configure(tmp_path, annexes="Annex A\nAnnex B", messages=[mail(body="More is to come.", Annex_A=HEALTHY)])
    place.write_text(f'{place.read_text()}quiet_period = "520w"\n')
    with reviewing(place, inspector) as running, running.client() as client:
        running.poll()
        page = client.get(CASE).text
        assert '<span class="badge awaited">Still to come</span>' in page
        assert "to look at" not in page
        deliver(running.mail, mail(body="This is the final email.", Annex_C=HEALTHY))
        running.poll()
        page = client.get(CASE).text
        assert '<span class="badge missing">Not received</span>' in page
        assert "1 to look at" in page


def test_every_state_has_its_word() -> None:
    states = {*Verdict, MISSING, CLOSED, SUSPENDED, state.AWAITED}
    assert set(words.VERDICTS) == states
    assert set(words.STATES) == set(CaseState)
    assert set(words.DRAFTS) == set(DraftState)
    assert set(words.KINDS) == set(DraftKind)
    assert set(words.FATES) == set(Fate)
