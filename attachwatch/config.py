"""A TOML file -> checked settings. Secrets never stand in it; `mail.signin` knows where they come from."""

import difflib
import os
import re
import tomllib
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from attachwatch.errors import ConfigurationError

FILE_NAME = "attachwatch.toml"
ENVIRONMENT_VARIABLE = "ATTACHWATCH_CONFIG"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(value: object) -> timedelta:
    """Read `"90s"`, `"5m"`, `"2d"`, `"1h30m"`; raise ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and re.fullmatch(r"(\s*\d+\s*[smhdw])+\s*", value):
        return sum((timedelta(**{_UNITS[u]: int(n)}) for n, u in re.findall(r"(\d+)\s*(\w)", value)), timedelta())
    raise ValueError('write a duration such as "90s", "5m", "2h" or "2d"')


Duration = Annotated[timedelta, BeforeValidator(duration)]
Text = Annotated[str, Field(min_length=1)]
PastDay = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 1, 1), strict=True)]


def one_or_several(value: object) -> object:
    """Where a list is wanted, one text alone is a list of one."""
    return (value,) if isinstance(value, str) else value


def language(value: object) -> object:
    """A language that replies can be in, alone or with a country: `"de"`, `"en-IE"`."""
    if isinstance(value, str) and not re.fullmatch(r"(de|en|fr)(-[A-Z]{2})?", value):
        raise ValueError('write "en", "de" or "fr", alone or with a country, such as "en-IE"')
    return value


Language = Annotated[str, BeforeValidator(language)]
ServerIds = Annotated[tuple[Annotated[str, Field(pattern=r"^[^\s;()\"]+$")], ...], BeforeValidator(one_or_several)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def without_password(url: str) -> str:
    """`url` of a database, which others may read where it stands; raises ValueError where it tells a password."""
    before_host = url.partition("://")[2].rpartition("@")[0]
    if ":" in before_host or "password=" in url.partition("?")[2].lower():
        raise ValueError("leave the password out of it: PGPASSWORD or ~/.pgpass tell it")
    return url


class StoreSettings(_Table):
    """Where attachments, ledger and lock are kept."""

    path: Path = Path("var/attachwatch")
    attachments: str = ""  # s3://bucket/prefix or file:///folder; by default the folder attachments in `path`
    endpoint: str = ""  # of a server that speaks S3; by default where AWS's own tools would go
    cache: int = Field(default=1024, ge=64)  # MiB of what is kept elsewhere that are at hand in `path`
    database: str = ""  # a URL of PostgreSQL, for several watchers; by default SQLite in the store

    @field_validator("database")
    @classmethod
    def _without_password(cls, value: str) -> str:
        return without_password(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problem := _attachments_problem(self):
            raise ValueError(problem)
        return self


def _attachments_problem(store: StoreSettings) -> str | None:
    """What of the keys that say where attachments are kept does not go together. No secret is repeated."""
    try:
        place, endpoint = urlsplit(store.attachments), urlsplit(store.endpoint)
    except ValueError:
        return "attachments and endpoint are addresses such as s3://bucket and https://s3.example.org"
    is_address = endpoint.scheme in ("http", "https") and endpoint.hostname
    is_open = endpoint.scheme == "http" and not _is_loopback(endpoint.hostname or "")
    tells = (
        (
            "@" in place.netloc or "@" in endpoint.netloc,
            "attachments and endpoint hold no credentials; those come from the environment or ~/.aws",
        ),
        (place.query or place.fragment, "attachments is s3://bucket/prefix or file:///folder, without ? and #"),
        (store.endpoint and place.scheme != "s3", 'endpoint is for attachments = "s3://..."'),
        (store.endpoint and not is_address, "endpoint is an address such as https://s3.example.org"),
        (is_open, "endpoint without TLS is only for a server on this machine; write https://"),
    )
    return next((says for wrong, says in tells if wrong), None)


class LimitSettings(_Table):
    """Bounds on one inspection and one attachment. Beyond them a file is `unchecked`, never broken."""

    seconds: float = Field(default=8.0, gt=0)  # wall clock of one inspection; twice that for its second try
    memory: int = Field(default=512, ge=256)  # MiB of address space of one inspection
    attachment: int = Field(default=100, ge=1)  # MiB of one attachment, decoded
    jobs: int = Field(default=2, ge=1, le=64)  # inspections side by side


class DaemonSettings(_Table):
    """How `watch` tells others how it is."""

    health_file: Path | None = None  # by default health.json in the store
    metrics_port: int | None = Field(default=None, gt=0, lt=65536)  # for Prometheus, on this machine only


class ReplySettings(_Table):
    """How the replies are written."""

    templates: Path | None = None  # a folder of the user's, whose files go before those that come with attachwatch
    html: bool = False  # whether a draft is there as HTML, too
    thanks: bool = True  # whether a letter of thanks is drafted, once all that was asked for is there
    firm: bool = False  # whether a report names what the law says of files that cannot be read


class NoticeSettings(_Table):
    """How the user is told of a new draft; not at all where nothing is given."""

    command: tuple[Text, ...] = ()  # run with the draft's number, case and kind behind it; never by a shell
    desktop: bool = False  # whether by the desktop's own notifications


class MailboxSettings(_Table):
    """One IMAP account and the folders watched in it; or, where `path` is given, mail in files on this machine."""

    name: Text
    host: str = ""
    path: Path | None = None  # a Maildir, an mbox file or a folder of .eml files, in the place of host
    port: int | None = Field(default=None, gt=0, lt=65536)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    username: Text
    password_env: str | None = None
    password_command: str | None = None
    auth: Literal["password", "xoauth2", "oauthbearer"] = "password"
    token_command: str | None = None
    sign_in: Literal["microsoft365", "google"] | None = None
    client_id: Text | None = None
    client_secret_env: str | None = None
    tenant: str = Field(default="common", pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")  # it becomes part of an address
    folders: tuple[Text, ...] = Field(default=("INBOX",), min_length=1)
    trusted_authserv_id: ServerIds = ()  # of Authentication-Results; none: From is believed
    drafts_folder: str | None = None
    poll_every: Duration = timedelta(minutes=5)
    timeout: Duration = timedelta(seconds=30)
    deadline: Duration = timedelta(hours=1)  # of reading in one poll; what is left is the next one's
    idle: bool = True  # whether to have the server tell of new mail
    in_flight: int = Field(16, ge=1, le=100)  # parts that are asked for ahead; some servers want fewer

    @property
    def effective_port(self) -> int:
        return self.port or (993 if self.tls == "implicit" else 143)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problem := _place_problem(self):
            raise ValueError(problem)
        if self.tls == "none" and not _is_loopback(self.host):
            raise ValueError('tls = "none" is only for a server on this machine; use "implicit" or "starttls"')
        if self.password_env and self.password_command:
            raise ValueError("give password_env or password_command, not both")
        if problem := _sign_in_problem(self):
            raise ValueError(problem)
        return self


_OF_A_SERVER = (
    "host", "port", "tls", "ca_file", "password_env", "password_command", "auth", "token_command", "sign_in",
)  # fmt: skip


def _place_problem(mailbox: MailboxSettings) -> str | None:
    """What of the keys that say where the mail is does not go together."""
    if mailbox.path is None:
        return None if mailbox.host else "give host, the name of the IMAP server; or path, where the mail lies in files"
    given = next((key for key in _OF_A_SERVER if key in mailbox.model_fields_set), None)
    return f"{given} is for a server; with path, leave it out" if given else None


def _sign_in_problem(mailbox: MailboxSettings) -> str | None:
    """What of the keys of signing in does not go together."""
    by_token = mailbox.auth != "password"
    device = mailbox.sign_in is not None
    if not by_token and (mailbox.token_command or device):
        return 'token_command and sign_in are for auth = "xoauth2" or "oauthbearer"'
    if by_token and (mailbox.password_env or mailbox.password_command):
        return f'auth = "{mailbox.auth}" takes a token: give token_command or sign_in in place of a password'
    if by_token and bool(mailbox.token_command) == device:
        return f'auth = "{mailbox.auth}" needs either token_command, or sign_in = "microsoft365" or "google"'
    if device and not mailbox.client_id:
        return f'sign_in = "{mailbox.sign_in}" needs client_id, the program\'s number that the provider gave you'
    return None


class CaseSettings(_Table):
    """One request to one authority."""

    reference: Text
    other_references: tuple[Text, ...] = ()
    mailbox: Text
    authority: tuple[Text, ...] = Field(min_length=1)
    annexes: Path | tuple[Text, ...] = ()
    quiet_period: Duration = timedelta(days=2)
    sign_off: str = ""  # by default as the language has it
    language: Language = "en"  # of the reply; a country goes with it for its dates
    jurisdiction: Text = "GB"  # by whose law and holidays days are counted
    requested: PastDay | None = None
    review_requested: PastDay | None = None
    chase_after: int = Field(default=5, ge=0, le=366)  # working days; 0: never
    chase_again: int = Field(default=10, ge=0, le=366)  # working days after the first reminder; 0: never
    post_after: int = Field(default=10, ge=1, le=366)  # working days for what is to come by post


class Settings(_Table):
    """The whole file. Paths in it are relative to the folder it stands in, and absolute once loaded."""

    store: StoreSettings = StoreSettings()
    limits: LimitSettings = LimitSettings()
    daemon: DaemonSettings = DaemonSettings()
    reply: ReplySettings = ReplySettings()
    notice: NoticeSettings = NoticeSettings()
    mailbox: tuple[MailboxSettings, ...] = Field(min_length=1)
    case: tuple[CaseSettings, ...] = ()

    @property
    def health_file(self) -> Path:
        return self.daemon.health_file or self.store.path / "health.json"

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [m.name for m in self.mailbox]
        if twice := {n for n in names if names.count(n) > 1}:
            raise ValueError(f"two mailboxes are named {min(twice)!r}; give each its own name")
        references = [c.reference.casefold() for c in self.case]
        if twice := {r for r in references if references.count(r) > 1}:
            raise ValueError(f"two cases have the reference {min(twice)!r}; give each its own")
        for case in self.case:
            if case.mailbox not in names:
                raise ValueError(f"case {case.reference!r} names the mailbox {case.mailbox!r}; there is {names}")
        return self


def locate(given: Path | None) -> Path:
    """The configuration file to use; raise ConfigurationError where there is none."""
    if given is not None:
        return given
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(named)
    candidates = (Path(FILE_NAME), platformdirs.user_config_path("attachwatch") / FILE_NAME)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConfigurationError(
        f"no configuration found: looked for {' and '.join(map(str, candidates))}",
        f"Name one with --config FILE or {ENVIRONMENT_VARIABLE}, or have `attachwatch init` write the first one.",
    )


def load(path: Path) -> Settings:
    """Read and check `path`; raise ConfigurationError naming file, key and remedy."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file", "Give the configuration with --config FILE.") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}", "Check its permissions.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}", "See https://toml.io for the form.") from None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError(*_explain(path, error)) from None
    return _with_absolute_paths(settings, path.resolve().parent)


def _explain(path: Path, error: ValidationError) -> tuple[str, str]:
    details = error.errors()
    first = next((d for d in details if d["type"] == "extra_forbidden"), details[0])
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    key = ".".join(str(p + 1) if isinstance(p, int) else p for p in first["loc"] if not _is_union_branch(p))
    return f"{path}: {key or 'file'}: {_problem(first)}{more}", _remedy(first)


def _is_union_branch(place: int | str) -> bool:
    return isinstance(place, str) and (place == "path" or "[" in place) and place not in StoreSettings.model_fields


def _problem(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    if detail["type"] == "missing":
        return "missing"
    return detail["msg"].removeprefix("Value error, ").rstrip(".").lower()


def _remedy(detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return "Add it; config/attachwatch.example.toml shows how."
    if detail["type"] != "extra_forbidden":
        return "Correct it; config/attachwatch.example.toml shows the form."
    key = str(detail["loc"][-1])
    if key in ("password", "token", "secret"):
        return "Secrets never stand in the file: use password_env, password_command or the system keyring."
    if key == "client_secret":
        return "Secrets never stand in the file: use client_secret_env."
    known = _known_keys(detail["loc"][:-1])
    close = difflib.get_close_matches(key, known, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known here: {', '.join(sorted(known))}."


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    table: Any = Settings
    for step in place:
        if isinstance(step, str):
            annotation = table.model_fields[step].annotation
            table = next((a for a in get_args(annotation) if isinstance(a, type)), annotation)
    return list(table.model_fields)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _with_absolute_paths(settings: Settings, base: Path) -> Settings:
    def absolute(path: Path) -> Path:
        return base / path.expanduser()

    mailboxes = tuple(
        m.model_copy(update={key: absolute(path) for key in ("ca_file", "path") if (path := getattr(m, key))})
        for m in settings.mailbox
    )
    cases = tuple(
        c.model_copy(update={"annexes": absolute(c.annexes)}) if isinstance(c.annexes, Path) else c
        for c in settings.case
    )
    store = settings.store.model_copy(update={"path": absolute(settings.store.path)})
    daemon = settings.daemon
    if daemon.health_file:
        daemon = daemon.model_copy(update={"health_file": absolute(daemon.health_file)})
    reply = settings.reply
    if reply.templates:
        reply = reply.model_copy(update={"templates": absolute(reply.templates)})
    tables = {"mailbox": mailboxes, "case": cases, "store": store, "daemon": daemon, "reply": reply}
    return settings.model_copy(update=tables)
