"""`attachwatch schema`: the JSON Schemas of what `--json` prints."""

import click

from attachwatch.cli.documents import DOCUMENTS, schema
from attachwatch.cli.output import print_json
from attachwatch.errors import ExitStatus


@click.command(name="schema")
@click.argument("name", required=False, type=click.Choice(list(DOCUMENTS)))
def command(name: str | None) -> int:
    """Print the JSON Schema (draft 2020-12) of the document NAME, or the names."""
    if name is not None:
        print_json(schema(name))
        return ExitStatus.OK
    for each, document in DOCUMENTS.items():
        click.echo(f"{each:<12} {document.__doc__}")
    return ExitStatus.OK
