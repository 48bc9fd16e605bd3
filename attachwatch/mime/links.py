"""Links in a text, and what they lead to. None is ever followed: what a link is, its own letters tell."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from attachwatch.mime.services import FILE_NAME, SERVICES, WRAPPERS, Service, is_one_of

MOST = 500  # links of one text
_LONGEST = 8192  # characters of a link
_WRAPPED = 5  # wrappers around one another
# In angle brackets (RFC 3986 appendix C), where it may be broken over lines, or bare.
LINK = re.compile(
    rf"<\s*(?P<in>https?://[^<>]{{1,{_LONGEST}}})>|(?P<bare>https?://[^\s<>\"\u201c\u201d\u00ab\u00bb]{{1,{_LONGEST}}})",
    re.IGNORECASE,
)
_BEHIND = ".,;:!?'*_\u2019"  # what follows a link in a sentence, and is none of it
_PROOFPOINT_3 = re.compile(r"/v3/__(.+?)__;")
_PATH_OF_TARGET = re.compile(r"/(https?(?:%3a|:).{1,8000})$", re.IGNORECASE)
_PICTURE = re.compile(r"\.(png|jpe?g|gif|svg)$", re.IGNORECASE)  # in brackets, as Outlook writes one in plain text
_NAMED_FILE = re.compile(rf"([^/\\?&=#]{{1,200}}{FILE_NAME})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link, looked through what wraps it. Where `is_bare`, only its host is known, and `url` is the wrapper's."""

    url: str
    host: str
    path: str
    is_bare: bool = False

    @property
    def service(self) -> Service | None:
        """The service that it leads to, be it to a file or to anything else there."""
        known = [s for s in SERVICES if s.serves(self.host)]
        return next(
            (s for s in known if s.files.match(self.path)), next((s for s in known if "*" not in s.hosts), None)
        )

    @property
    def leads_to_files(self) -> bool:
        """Whether it has the form of its service's links to files."""
        return self.service is not None and bool(self.service.files.match(self.path))

    @property
    def file(self) -> str:
        """The name of the file that it ends with, or ""."""
        parts = _split(self.url)
        endings = [parts.path, *(value for values in _query(parts).values() for value in values)]
        return next((found[1].strip() for e in endings if (found := _NAMED_FILE.search(unquote(e)))), "")


def read(url: str) -> Link | None:
    """The link `url`, looked through its wrappers; None where it has no host."""
    for _ in range(_WRAPPED):
        parts = _split(url)
        host = (parts.hostname or "").rstrip(".")
        wrapper = next((w for w in WRAPPERS if is_one_of(host, w.hosts)), None)
        target = _target(parts, wrapper.parameter) if wrapper else _in_path(parts, host)
        if wrapper and wrapper.is_host and target and "/" not in target:
            return Link(url, target.lower(), "/", is_bare=True)
        if not target or not target.lower().startswith(("http://", "https://")):
            return Link(url, host, _after_host(parts)) if host else None
        url = target
    return None


def replaced(text: str, mark: Callable[[int, str], str]) -> tuple[str, list[Link]]:
    """`text` with each link replaced by what `mark` makes of its number, and the links; those beyond MOST go unread."""
    found: list[Link] = []

    def replace(match: re.Match[str]) -> str:
        url = "".join(match["in"].split()) if match["in"] else _ended(match["bare"])
        is_picture = text[match.start() - 1 : match.start()] == "[" and _PICTURE.search(url)
        link = None if is_picture or len(found) >= MOST else read(url)
        behind = "" if match["in"] else match["bare"][len(url) :]
        if link is None:
            return " " + behind
        found.append(link)
        return mark(len(found) - 1, behind)

    return LINK.sub(replace, text), found


def targets(text: str) -> Iterator[str]:
    """Host and path of each link in `text`, as it stands there."""
    for match in islice(LINK.finditer(text), MOST):
        parts = _split("".join(match["in"].split()) if match["in"] else _ended(match["bare"]))
        yield f"{parts.hostname or ''}{parts.path.rstrip('/')}"


def _ended(url: str) -> str:
    url = url.rstrip(_BEHIND)
    while url[-1:] in ")]}" and url.count("([{"[")]}".index(url[-1])]) < url.count(url[-1]):
        url = url[:-1].rstrip(_BEHIND)
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _after_host(parts: SplitResult) -> str:
    return f"{parts.path or '/'}{'#' + parts.fragment if parts.fragment else ''}"


def _query(parts: SplitResult) -> dict[str, list[str]]:
    try:
        return parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return {}


def _target(parts: SplitResult, parameter: str) -> str:
    if found := _PROOFPOINT_3.search(parts.path + ("?" + parts.query if parts.query else "")):
        return re.sub(r"^(https?):/(?!/)", r"\1://", found[1], count=1)
    value = _query(parts).get(parameter, [""])[0].strip()
    if "proofpoint" in parts.netloc and parts.path.startswith("/v2/"):
        value = unquote(value.translate({ord("-"): "%", ord("_"): "/"}))
    return value


def _in_path(parts: SplitResult, host: str) -> str:
    """Cisco's wrapper ends with its target."""
    if host != "secure-web.cisco.com":
        return ""
    found = _PATH_OF_TARGET.search(parts.path)
    return unquote(found[1]) if found else ""
