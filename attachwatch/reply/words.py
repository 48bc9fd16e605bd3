"""The words of a language: its letters, its phrases for each cause, its dates, numbers and lists.

They stand in one folder a language beside this module, and a file of the user's own goes before ours. No value from
mail is ever taken for a template; a template is data, too, and is filled in a sandbox.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any, Literal, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from attachwatch.errors import ConfigurationError
from attachwatch.reply.lines import wrapped

LANGUAGES = ("de", "en", "fr")
_PLACE = re.compile(r"\{(?:(\w+)|([^{}|]*)\|([^{}|]*))\}")  # {size}, or {it|each}: for one thing, and for several
_LONGEST_TEMPLATE = 256 * 1024
_FEWEST_OF_A_RUN = 4
_NAME = re.compile(r"[\w-]+\.\w+")  # of a template: no path
_T = TypeVar("_T")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CauseWords(_Table):
    """What is said of a cause, the request that cures it, and what is told of the single file."""

    what: str
    ask: str
    shows: Literal["size", "pages"] | None = None


class Clauses(_Table):
    """What is added to a cause's words where it is known."""

    other: str
    label: str
    dated: str


class Phrases(_Table):
    """What the letters need beside their templates."""

    locale: str
    numbers: tuple[str, ...]
    span: str
    nameless: str
    first_of_month: str | None = None
    clauses: Clauses
    readers: dict[str, str] = {}
    kinds: dict[str, str] | None = None  # by inspection's words for them; None where these are the language's own


class Words:
    """How one language says it, with the files of `folder` in the place of ours where there are any."""

    def __init__(self, language: str, folder: Path | None = None) -> None:
        self._language, _, region = language.partition("-")
        self._folders = [folder / x for x in dict.fromkeys((language, self._language))] if folder else []
        self.phrases = self._table("words.toml", Phrases)
        self._asks = self._table("asks.toml", dict[str, Annotated[tuple[str, ...], Field(min_length=1)]])
        self.causes = self._table("causes.toml", dict[str, CauseWords])
        if unknown := {c.ask for c in self.causes.values()} - self._asks.keys():
            raise self._failure("causes.toml", ValueError(f"asks.toml has no request {min(unknown)!r}"))
        self._locale = _locale(self._language, region) or self._usual_locale()
        self._environment = self._made_environment()

    def letter(self, name: str, facts: Mapping[str, object]) -> str:
        """The letter whose template is `name`, of these facts; raise ConfigurationError where it cannot be made."""
        try:
            text = self._environment.get_template(name).render(facts)
        except ConfigurationError:
            raise
        except Exception as error:  # a template is a program, and may fail in any way
            raise self._failure(name, error) from error
        return re.sub(r"\n{3,}", "\n\n", text.strip("\n")) + "\n"

    def cause(self, code: str) -> CauseWords:
        return self.causes.get(code, self.causes["default"])

    def ask(self, name: str, report: int, files: int) -> str:
        """The request `name` by the way of our n-th report, since what did not work is asked for otherwise."""
        ways = (*self._asks[name], *self._asks["last"])
        return self.filled(ways[min(max(report, 1), len(ways)) - 1], {}, files)

    def clause(self, name: Literal["other", "label", "dated"], value: str, **more: str) -> str:
        """What is added to a cause's words where `value` is known; empty where it is not."""
        return self.filled(getattr(self.phrases.clauses, name), {name: value, **more}) if value else ""

    def kind(self, words: str) -> str:
        """What inspection calls a kind of file, in this language; empty where it has no word for it."""
        return words if self.phrases.kinds is None else self.phrases.kinds.get(words, "")

    def reader(self, name: str, version: str) -> str:
        """A program with its version, without what that says of how it was built."""
        known = self.phrases.readers.get(name, "{name} {version}")
        return self.filled(known, {"name": name, "version": version.partition("@")[0]}).strip()

    def filled(self, text: str, values: Mapping[str, str], count: int = 1) -> str:
        """`text` with its places filled, once: what stands in a value is never looked at."""

        def fill(place: re.Match[str]) -> str:
            if place[1] is None:
                return self.form(count, place[2], place[3])
            if place[1] not in values:
                raise self._failure("", ValueError(f"{{{place[1]}}} stands for nothing in {text!r}"))
            return values[place[1]]

        return _PLACE.sub(fill, text)

    def form(self, count: int, one: str, many: str) -> str:
        """The form for a number of things."""
        return one if self._locale.plural_form(count) == "one" else many

    def spelled(self, count: int) -> str:
        """A small number as a word."""
        words = self.phrases.numbers
        return words[count] if 0 <= count < len(words) else self.number(count)

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=self._locale))

    def day(self, day: date) -> str:
        said = format_date(day, "long", locale=self._locale)
        first = self.phrases.first_of_month
        return re.sub(r"^1\b", first, said) if first and day.day == 1 else said

    def days(self, days: Iterable[date]) -> str:
        """One day, two, or from when to when."""
        ordered = sorted(set(days))
        if len(ordered) > 2:
            return self._span(self.day(ordered[0]), self.day(ordered[-1]))
        return self.listed([self.day(day) for day in ordered])

    def listed(self, words: Sequence[object]) -> str:
        return str(format_list([str(w) for w in words], locale=self._locale)) if words else ""

    def numbers(self, numbers: Iterable[int]) -> str:
        """Numbers in a row, with "1 to 5" for runs."""
        runs = ([self._span(r[0], r[-1])] if len(r) >= _FEWEST_OF_A_RUN else r for r in _runs(numbers))
        return self.listed([part for run in runs for part in run])

    def _span(self, first: object, last: object) -> str:
        return self.filled(self.phrases.span, {"first": str(first), "last": str(last)})

    def _made_environment(self) -> ImmutableSandboxedEnvironment:
        # Plain text, so nothing is escaped.
        environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._template),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters |= {
            "day": self.day, "days": self.days, "form": self.form, "listed": self.listed, "number": self.number,
            "numbers": self.numbers, "spelled": self.spelled, "capital": lambda text: text[:1].upper() + text[1:],
            "paragraph": lambda text: _flat(text, ""), "below": lambda text: _flat(text, "   ", "   "),
            "bullet": lambda text: _flat(text, "- ", "  "),
        }  # fmt: skip
        return environment

    def _usual_locale(self) -> Locale:
        try:
            return Locale.parse(self.phrases.locale)
        except (UnknownLocaleError, ValueError) as error:
            raise self._failure("words.toml", error) from None

    def _template(self, name: str) -> tuple[str, str, None]:
        """Its words, and the file that they are from, as the loader wants them."""
        if not _NAME.fullmatch(name):
            raise TemplateNotFound(name)
        path = next(iter(self._own(name)), None)
        return (self._text(path), str(path), None) if path else (_ours(self._language, name), name, None)

    def _table(self, name: str, shape: type[_T]) -> _T:
        """A table of ours, and over it what the user's says otherwise."""
        table = tomllib.loads(_ours(self._language, name))
        for path in reversed(self._own(name)):
            try:
                table = _over(table, tomllib.loads(self._text(path)))
            except tomllib.TOMLDecodeError as error:
                raise _unusable(str(path), None, error) from None
        try:
            return TypeAdapter(shape).validate_python(table)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise self._failure(name, ValueError(f"{place}: {first['msg'].lower()}")) from None

    def _own(self, name: str) -> list[Path]:
        return [path for folder in self._folders if (path := folder / name).is_file()]

    def _text(self, path: Path) -> str:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(str(path), None, error) from None
        if len(text) > _LONGEST_TEMPLATE:
            raise _unusable(str(path), None, ValueError("it is too long"))
        return text

    def _failure(self, name: str, error: Exception) -> Exception:
        """The same as an error of the user's, where a file of theirs is at fault; a bug of ours stays what it is.

        Without a name, it is one of the tables.
        """
        if at_fault := self._line_at_fault(error):
            return _unusable(*at_fault, error)
        names = [name] if name else ["causes.toml", "asks.toml", "words.toml"]
        own = [path for n in names for path in self._own(n)]
        return _unusable(str(own[0]), None, error) if own else error

    def _line_at_fault(self, error: Exception) -> tuple[str, int | None] | None:
        """The line of the user's that was being filled, last of all."""
        lines: list[tuple[str, int | None]] = [(f.filename, f.lineno) for f in extract_tb(error.__traceback__)]
        if isinstance(error, TemplateSyntaxError):
            lines.append((error.filename or "", error.lineno))
        theirs = [(file, line) for file, line in lines if Path(file).parent in self._folders]
        return theirs[-1] if theirs else None


@cache
def built_in(language: str) -> Words:
    """The words of `language` as they come with attachwatch."""
    return Words(language)


def words(language: str, folder: Path | None = None) -> Words:
    """The words of `language`, "de" or with a region "en-IE"; those of the user's `folder` before ours."""
    return Words(language, folder) if folder else built_in(language)


def _ours(language: str, name: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"there are no templates in {language!r}")
    try:
        return files("attachwatch.reply").joinpath("templates", language, name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TemplateNotFound(name) from None


def _locale(language: str, region: str) -> Locale | None:
    try:
        return Locale(language, region) if region else None
    except UnknownLocaleError:
        return None


def _over(table: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {k: _over(table[k], v) for k, v in own.items() if isinstance(v, dict) and isinstance(table.get(k), dict)}
    return {**table, **own, **both}


def _unusable(file: str, line: int | None, error: Exception) -> ConfigurationError:
    why = " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
    return ConfigurationError(
        f"{file}{f', line {line}' if line else ''}: {why}",
        "Correct it, or move it away to have the words that come with attachwatch.",
    )


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _flat(text: str, begins: str, indent: str = "") -> str:
    """Running text as lines that end; breaks in the template are those of its writer's screen."""
    flat = re.sub(r"[ \t\n]+", " ", text).strip(" ")
    return f"{begins}{wrapped(flat, len(indent))}\n" if flat else ""
