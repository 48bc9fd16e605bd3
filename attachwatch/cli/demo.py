"""`attachwatch demo`: an authority's answer, from an embedded server through the real pipeline."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from attachwatch import config
from attachwatch.cli import options, reading, shapes, tables
from attachwatch.cli.output import console, print_json
from attachwatch.config import MailboxSettings, Settings
from attachwatch.demo import server, story
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.session import connect
from attachwatch.model import Draft
from attachwatch.service import review, setup
from attachwatch.service.overview import overview
from attachwatch.service.pipeline import Pipeline

_PASSWORD = "demo"
_PASSWORD_ENV = "ATTACHWATCH_DEMO_PASSWORD"


@click.command(name="demo")
@click.option("--folder", type=options.PATH, metavar="DIR", help="Where to leave configuration, store and drafts.")
@options.common
def command(folder: Path | None, as_json: bool, config_file: Path | None) -> int:  # noqa: ARG001 - it makes its own
    """Replay an answer over four emails, and the re-sends after it. Needs no configuration and no network."""
    started = time.monotonic()
    out = console(stderr=as_json)
    folder = _new_folder(folder)
    os.environ[_PASSWORD_ENV] = _PASSWORD
    with server.serve(story.USER, _PASSWORD) as (host, port):
        settings = _configure(folder, host, port)
        mailbox = settings.mailbox[0]
        with options.open_ledger(settings) as ledger, setup.inspector(settings.limits) as inspector:
            pipeline = Pipeline(settings, setup.cases(settings), ledger, inspector)
            first = _round(pipeline, story.first_response(), "The authority answers in four emails.", out)
            review.approve(settings, ledger, first.id)
            out.print(
                f"\nYou approve draft {first.id} and send it from your mail program. Days later ...\n", style="bold"
            )
            second = _round(pipeline, story.resends(first.message_id), "Six re-sends arrive, one email each.", out)
            _export(ledger, [first, second], folder)
            if as_json:
                print_json(shapes.status_document({mailbox.name: overview(ledger, mailbox.name, pipeline.cases)}))
    _say_more(out, folder, time.monotonic() - started)
    return ExitStatus.OK


def _round(pipeline: Pipeline, mail: list[bytes], heading: str, out: Console) -> Draft:
    """Deliver `mail`, poll, and show what came of it."""
    mailbox = pipeline.settings.mailbox[0]
    out.print(heading, style="bold")
    _deliver(mailbox, mail)
    drafts = pipeline.poll(mailbox)
    for progress in pipeline.overview(mailbox).progress:
        tables.print_annexes(out, progress)
    (draft,) = drafts
    out.rule(f"draft {draft.id}")
    reading.print_draft(out, draft)
    out.rule()
    return draft


def _deliver(mailbox: MailboxSettings, mail: list[bytes]) -> None:
    """Play the authority's part: put `mail` into the mailbox."""
    with connect(mailbox, _PASSWORD) as session:
        for message in mail:
            session.client.append("INBOX", message)


def _new_folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="attachwatch-demo-"))
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"{folder} exists already", "Name a folder that does not, with --folder.") from None
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}", "Name another with --folder.") from None
    return folder.resolve()


def _configure(folder: Path, host: str, port: int) -> Settings:
    (folder / "annexes.txt").write_text(story.ANNEXES, encoding="utf-8")
    path = folder / config.FILE_NAME
    path.write_text(
        f"""\
[store]
path = "store"

[[mailbox]]
name = "foi"
host = "{host}"
port = {port}
tls = "none"                  # the demo's server is on this machine
username = "{story.USER}"
password_env = "{_PASSWORD_ENV}"

[[case]]
reference = "{story.REFERENCE}"
mailbox = "foi"
authority = ["{story.AUTHORITY}"]
annexes = "annexes.txt"
sign_off = '''{story.SIGN_OFF}'''
""",
        encoding="utf-8",
    )
    return config.load(path)


def _export(ledger: Ledger, drafts: list[Draft], folder: Path) -> None:
    (folder / "drafts").mkdir()
    for draft in drafts:
        review.export(ledger, draft.id, folder / "drafts" / f"draft-{draft.id}.eml")


def _say_more(out: Console, folder: Path, seconds: float) -> None:
    configuration = folder / config.FILE_NAME
    started = f"{sys.executable} -m attachwatch" if sys.argv[0].endswith("__main__.py") else sys.argv[0]
    program = "attachwatch" if shutil.which("attachwatch") else started
    out.print(f"\nAll of it took {seconds:.0f} s. Configuration, store and drafts are in {folder}", soft_wrap=True)
    out.print("To look further:")
    for words in ("status", "drafts", "drafts show 2", "review"):
        out.print(f"  {program} {words} --config {configuration}", soft_wrap=True)
