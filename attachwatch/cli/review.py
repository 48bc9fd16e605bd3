"""`attachwatch review`: the pages for a person who would rather not use a terminal."""

from pathlib import Path

import click

from attachwatch import config
from attachwatch.cli import options
from attachwatch.cli.output import print_json
from attachwatch.config import Settings
from attachwatch.errors import ExitStatus
from attachwatch.model import Case
from attachwatch.service import setup


@click.command(name="review")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on; by default a free one.")
@click.option("--no-browser", is_flag=True, help="Print the link, and do not open it.")
@options.common
def command(port: int, no_browser: bool, as_json: bool, config_file: Path | None) -> int:
    """Review cases and drafts in a web browser, on this machine alone. Runs beside `watch`, until Ctrl-C.

    The link that it prints signs in one browser, once, for ten minutes. Nothing is ever sent: approving places a draft
    in your Drafts folder.
    """
    from attachwatch.web import server
    from attachwatch.web.gate import Keys
    from attachwatch.web.pictures import Pictures
    from attachwatch.web.review import Review
    from attachwatch.web.state import State

    place = config.locate(config_file)

    def read() -> tuple[Settings, tuple[Case, ...]]:
        settings = options.settings(place)
        return settings, setup.cases(settings)

    settings, _ = read()
    with (
        server.listening(port) as listening,
        options.open_ledger(settings) as ledger,
        setup.inspector(settings.limits) as inspector,
    ):
        review = Review(
            State(ledger, read, place),
            Pictures(inspector, ledger.blobs.path, settings.store.path / "cache" / "pictures"),
            Keys(),
            listening.getsockname()[1],
        )
        review.state.picture()  # what is wrong with the configuration or the store is told before there is a page

        def tell() -> None:
            address = server.link(review)
            if as_json:
                print_json({"link": address, "port": review.port})
                return
            opened = not no_browser and server.open_browser(address)
            click.echo("Opening your browser. If it does not, open this link:" if opened else "Open this link:")
            click.echo(f"  {address}")
            click.echo("It can be used once, within ten minutes. Ctrl-C ends the review.")

        server.serve(review, listening, tell)
    return ExitStatus.OK
