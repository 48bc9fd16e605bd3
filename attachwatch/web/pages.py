"""Templates -> pages. Whatever a message or a file says is text in them: jinja2 escapes it, and `shown` or `brief` make
what is invisible visible."""

import hashlib
from functools import lru_cache
from importlib import resources

import jinja2
from starlette.responses import HTMLResponse, Response

from attachwatch.cases.history import history
from attachwatch.evidence import words as evidence
from attachwatch.evidence.page import templates
from attachwatch.web import words
from attachwatch.web.gate import STATIC
from attachwatch.web.state import is_paintable

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def page(template: str, root: str, status: int = 200, **values: object) -> Response:
    """A page whose links begin with `root`."""
    return HTMLResponse(_environment().get_template(template).render(values, root=root), status)


def problem(status: int, heading: str, remedy: str, typed: str = "", root: str = "") -> Response:
    """The page of what went wrong, with the words that were typed, if there were any."""
    is_out = status in (403, 421)
    return page("problem.html", root, status, heading=heading, remedy=remedy, typed=typed, signed_out=is_out)


@lru_cache(maxsize=1)
def assets() -> dict[str, tuple[bytes, str]]:
    """What the pages load, with its type, by an address that names its content, so that it may be kept for ever."""
    folder = resources.files("attachwatch.web") / "static"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        data, ending = file.read_bytes(), file.name.rpartition(".")[2]
        if ending in _TYPES:
            found[f"{STATIC}{hashlib.sha256(data).hexdigest()[:16]}/{file.name}"] = data, _TYPES[ending]
    return found


def _asset(name: str) -> str:
    return next(place for place in assets() if place.endswith(f"/{name}"))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = templates("attachwatch.web")
    environment.filters |= {
        "brief": words.brief,
        "size": words.size,
        "moment": words.moment,
        "day": words.day,
        "pages": words.pages,
    }
    environment.globals |= {
        "asset": _asset,
        "count": evidence.count,
        "why": evidence.why,
        "says": evidence.says,
        "evidence": evidence.evidence,
        "note": evidence.note,
        "clock_lines": evidence.clock_lines,
        "history": history,
        "is_paintable": is_paintable,
        "waiting": words.waiting,
        "verdicts": words.VERDICTS,
        "states": words.STATES,
        "draft_states": words.DRAFTS,
        "is_file": words.is_file,
        "kinds": words.KINDS,
        "fates": words.FATES,
    }
    return environment
