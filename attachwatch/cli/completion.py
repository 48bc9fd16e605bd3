"""`attachwatch completion`: the script that lets a shell complete our commands."""

import click
from click.shell_completion import get_completion_class

from attachwatch.errors import ExitStatus


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for SHELL; for bash: eval "$(attachwatch completion bash)"."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "attachwatch", "_ATTACHWATCH_COMPLETE").source())
    return ExitStatus.OK
