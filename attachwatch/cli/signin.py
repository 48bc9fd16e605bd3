"""`attachwatch signin`: sign in to a mailbox in the browser, once; the daemon goes on from there."""

from pathlib import Path

import click

from attachwatch.cli import options
from attachwatch.cli.output import print_json, shown
from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.mail import signin
from attachwatch.mail.session import connect


@click.command(name="signin")
@click.argument("name", metavar="MAILBOX")
@click.option("--in-file", is_flag=True, help="Keep it in the store, not in the keyring, which a daemon may not reach.")
@options.common
def command(name: str, in_file: bool, as_json: bool, config_file: Path | None) -> int:
    """Sign in to a MAILBOX that has `sign_in`, in your browser, and keep what lets attachwatch in from then on.

    Its refresh token goes into the system keyring, or where there is none into a file in the store that only you can
    read. Nothing that is secret is printed.
    """
    settings = options.settings(config_file)
    mailbox = _find(settings, name)
    with options.open_ledger(settings):  # it makes the store, and refuses one that is not ours
        kept = signin.sign_in(mailbox, settings.store.path, _show, in_file=in_file)
    with connect(mailbox, signin.credentials(mailbox, settings.store.path)):
        pass  # so that what the server has against it is said now, and not at night
    if as_json:
        print_json({"version": 1, "mailbox": mailbox.name, "username": mailbox.username, "kept": kept})
    else:
        click.echo(f"Signed in as {shown(mailbox.username)}; {shown(mailbox.host)} accepts it. Kept in {kept}.")
    return ExitStatus.OK


def _show(url: str, what: str) -> None:
    # To stderr, so that --json prints its document and nothing else.
    click.echo(f"Open {shown(url)}\nand {shown(what)}.", err=True)


def _find(settings: Settings, name: str) -> MailboxSettings:
    names = [mailbox.name for mailbox in settings.mailbox]
    if name not in names:
        raise UsageError(f"there is no mailbox {name!r}", f"There are: {', '.join(names)}.")
    mailbox = settings.mailbox[names.index(name)]
    if not mailbox.sign_in:
        raise UsageError(
            f"the mailbox {name!r} is not signed in to in a browser",
            'That is for sign_in = "microsoft365" or "google".',
        )
    return mailbox
