"""BODYSTRUCTURE (RFC 9051 section 7.5.2) -> the parts worth having. Pure: nothing is fetched here."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from attachwatch.mime.names import from_field
from attachwatch.mime.parts import DEEPEST, MESSAGES, MOST, Leaf, Part, Structure, TextPart, media_type, sort
from attachwatch.mime.words import decode

__all__ = ["Part", "Structure", "TextPart", "read"]


def read(body: Any) -> Structure:
    """Sort the leaves of IMAPClient's BODYSTRUCTURE into files and the text of the message itself.

    A body of any other shape gives an empty structure: what a server says is not to be trusted either.
    """
    leaves: list[Leaf] = []
    try:
        for leaf in _leaves(body, "", (), 0):
            leaves.append(leaf)
            if len(leaves) > MOST:
                break
    except (IndexError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    return sort(leaves)


def _leaves(body: Any, section: str, containers: tuple[str, ...], depth: int) -> Iterator[Leaf]:
    if depth > DEEPEST:
        yield Leaf(section, "multipart/mixed", {}, "", "", "", 0, containers)
        return
    if isinstance(body[0], list | tuple):
        # IMAPClient gathers the children in a list, but not below a message/rfc822.
        children = body[0] if isinstance(body[0], list) else takewhile(lambda b: isinstance(b, tuple), body)
        for number, child in enumerate(children, 1):
            yield from _leaves(child, f"{section}.{number}".lstrip("."), containers, depth + 1)
        return
    leaf = _leaf_of(body, section or "1", containers)
    if leaf.media_type in MESSAGES and len(body) > 8 and isinstance(body[8], list | tuple):
        inner = (*containers, leaf.name or _subject(body[7]) or "forwarded message")
        is_multipart = isinstance(body[8][0], list | tuple)
        # The only part of a message that is no multipart is numbered 1 (RFC 9051 section 6.4.5).
        yield from _leaves(body[8], leaf.section if is_multipart else f"{leaf.section}.1", inner, depth + 1)
        return
    yield leaf


def _leaf_of(body: Sequence[Any], section: str, containers: tuple[str, ...]) -> Leaf:
    parameters = _parameters(body[2])
    disposition, about = _disposition(body)
    return Leaf(
        section=section,
        media_type=media_type(f"{_text(body[0])}/{_text(body[1])}"),
        parameters=parameters,
        disposition=disposition,
        name=_name(about, "filename") or _name(parameters, "name") or _name(parameters, "filename"),
        encoding=_text(body[5]).strip().lower(),
        size=int(body[6] or 0),
        containers=containers,
    )


def _disposition(body: Sequence[Any]) -> tuple[str, dict[str, str]]:
    """Wherever it stands: its place depends on the type, and servers leave fields out."""
    for field in body[7:]:
        if isinstance(field, tuple | list) and len(field) == 2 and isinstance(field[0], bytes):
            word = _text(field[0]).lower()
            if word in ("attachment", "inline") or isinstance(field[1], tuple | list):
                return word, _parameters(field[1])
    return "", {}


def _parameters(pairs: Any) -> dict[str, str]:
    """A flat list of attributes and values, attributes in lower case."""
    if not isinstance(pairs, tuple | list):
        return {}
    words = [_text(p) for p in pairs]
    return {words[n].lower(): words[n + 1] for n in range(0, len(words) - 1, 2)}


def _name(parameters: dict[str, str], wanted: str) -> str:
    """Servers hand RFC 2231 on as it was sent, or joined but still percent-coded: put it together again and decode."""
    own = {k: v for k, v in parameters.items() if k.split("*")[0] == wanted}
    field = "".join(f'; {k}="{_quoted(v)}"' for k, v in own.items())
    return from_field(field, wanted)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _subject(envelope: Any) -> str:
    subject = getattr(envelope, "subject", None)
    if subject is None and isinstance(envelope, tuple | list) and len(envelope) > 1:
        subject = envelope[1]
    return " ".join(decode(_text(subject)).split())


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else str(value)
