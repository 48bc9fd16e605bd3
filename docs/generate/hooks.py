"""MkDocs: puts what is made from the code among the pages. None of it is kept, so none of it can be out of date."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs.generate import causes, commands, configuration, documents, events

ROOT = Path(__file__).parents[2]
ICON = ROOT / "attachwatch" / "web" / "static" / "icon.svg"
MADE: Mapping[str, Callable[[], str]] = {
    "reference/causes.md": causes.page,
    "reference/commands.md": commands.page,
    "reference/configuration.md": configuration.page,
    "reference/example.md": configuration.example,
    "reference/json.md": documents.page,
    "reference/log-events.md": events.page,
}
OF_THE_PROJECT = {  # files at the top of the repository, and their places in the site
    "CHANGELOG.md": "project/changelog.md",
    "CODE_OF_CONDUCT.md": "project/conduct.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
}


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Add the pages of the reference and of the project, and the JSON Schemas."""
    pages = {place: make() for place, make in MADE.items()}
    project = {place: moved((ROOT / name).read_text(encoding="utf-8")) for name, place in OF_THE_PROJECT.items()}
    for place, content in (pages | project | dict(documents.files())).items():
        files.append(File.generated(config, place, content=content))
    files.append(File.generated(config, "assets/icon.svg", abs_src_path=str(ICON)))
    return files


def on_post_page(output: str, /, **_: object) -> str:
    """Give the search, which the theme has as a dialog without a name, the name that a screen reader says."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )


def moved(text: str) -> str:
    """A file of the repository's top, with its links as they are from a folder of the site."""

    def link(match: re.Match[str]) -> str:
        path, mark, anchor = match[1].partition("#")
        place = OF_THE_PROJECT.get(path) or path.removeprefix("docs/")
        return f"](../{place}{mark}{anchor})"

    return re.sub(r"\]\((?!https?:|#)([^)]+)\)", link, text)
