"""What a page's content asks a reader to do (ISO 32000-2 section 7.8.2 and Annex A)."""

import re
from dataclasses import dataclass
from typing import Any

import pikepdf

_KNOWN = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l M m MP n q Q re "
    b"RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
_WORDS_OF_OPERANDS = frozenset((b"true", b"false", b"null", b"R"))  # the last of which has no place in a content
_SHOW_TEXT = frozenset((b"Tj", b"TJ", b"'", b'"'))
_WHITE_AT = {b"g": 1.0, b"rg": 1.0, b"k": 0.0}  # operators that set the fill colour, and what each component is then
_CHANGE_STATE = frozenset((b"Tf", b"Tr", b"cs", b"sc", b"scn", *_WHITE_AT))
_INVISIBLE = (3, 7)  # text rendering modes that paint nothing (section 9.3.6)
_BLANKS = b" \x00\xa0\r\n\t"
_OPERANDS = re.compile(  # section 7.3
    rb"""
    \( (?: [^()\\]++ | \\. )*+ \)  # a string, in which no other brackets are
    | < [0-9A-Fa-f\s]*+ >          # a string in hexadecimal
    | / [^\s()<>\[\]{}/%]*+        # a name
    | % [^\r\n]*+                 # a comment
    | (?<! [^\s\[\]()<>] ) [-+]? (?: \d++ \.? \d*+ | \. \d++ ) (?! [^\s\[\]()<>/%] )  # a number
    """,
    re.DOTALL | re.VERBOSE,
)
_DRAWN = re.compile(rb"/([^\s()<>\[\]{}/%#]+)\s+Do\b")
_DELIMITERS = bytes.maketrans(b"[]<>{}()\x00", b" " * 9)
_SLIPS = 3  # words that are no instruction, from which on a content may be more than slightly wrong


@dataclass(frozen=True, slots=True)
class Drawing:
    """Counts over one page's content, not over the forms that it draws.

    `fonts` are the names that text was shown with; `visible` those of text in a colour and mode that leave a mark,
    None standing for text before any font was set.
    """

    operators: int = 0
    unknown: int = 0
    fonts: frozenset[str] = frozenset()
    visible: frozenset[str | None] = frozenset()

    @property
    def draws_nothing(self) -> bool:
        """Whether something is written there, and none of it is an instruction."""
        return self.unknown == self.operators

    @property
    def is_mangled(self) -> bool:
        """Whether more than a slip or two of what is written there are no instructions."""
        return self.unknown >= _SLIPS and self.unknown * 50 >= self.operators


@dataclass(frozen=True, slots=True)
class _State:
    """Of the graphics state (section 8.4), what decides whether text can be seen."""

    font: str | None = None
    mode: int = 0
    white: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look over one page's content tells, without reading its instructions one by one."""

    words: int  # that should be operators
    unknown: int  # of them, that are none
    draws: frozenset[bytes]  # names of the pictures and forms that are drawn
    ends_in_text: bool  # whether a text object is begun and not ended (section 9.4.1)

    @property
    def may_be_mangled(self) -> bool:
        """Whether `drawing` is worth its time: says no only where hardly a word could be anything but an operator."""
        return self.unknown >= _SLIPS

    @property
    def drawing(self) -> Drawing:
        """What is known where the content cannot be parsed."""
        return Drawing(self.words, self.unknown)


def scan(content: bytes) -> Scan:
    bare = _OPERANDS.sub(b" ", _without_inline_images(content)).translate(_DELIMITERS)
    words = [word for word in bare.split() if word not in _WORDS_OF_OPERANDS]
    return Scan(
        words=len(words),
        unknown=sum(word not in _KNOWN for word in words),
        draws=frozenset(_DRAWN.findall(content)),
        ends_in_text=next((word for word in reversed(words) if word in (b"BT", b"ET")), b"") == b"BT",
    )


def _without_inline_images(content: bytes) -> bytes:
    """The content without the data of pictures that stand in it (section 8.9.7); linear in its length."""
    kept, place = [], 0
    while (begins := content.find(b"ID", place)) >= 0 and (ends := content.find(b"EI", begins + 3)) >= 0:
        is_data = content[begins - 1 : begins].isspace() and content[ends - 1 : ends].isspace()
        kept.append(content[place : begins if is_data else begins + 2])
        place = ends if is_data else begins + 2
    return b"".join((*kept, content[place:])) if kept else content


def drawing(content: pikepdf.Object) -> Drawing:
    """Read the content of a page or form. Raises what pikepdf raises where it cannot be parsed."""
    unknown = operators = 0
    fonts: set[str] = set()
    visible: set[str | None] = set()
    state, saved = _State(), []
    for step in pikepdf.parse_content_stream(content):
        if isinstance(step, pikepdf.ContentStreamInlineImage):
            operators += 1
            continue
        name = bytes(step.operator)
        operators += 1
        unknown += name not in _KNOWN
        if name == b"q":
            saved.append(state)
        elif name == b"Q":
            state = saved.pop() if saved else _State()
        elif name in _SHOW_TEXT:
            if state.font:
                fonts.add(state.font)
            seen = state.font in visible or state.mode in _INVISIBLE or state.white
            if not seen and _says_something(step.operands):
                visible.add(state.font)
        elif name in _CHANGE_STATE:
            state = _after(state, name, list(step.operands))
    return Drawing(operators, unknown, frozenset(fonts), frozenset(visible))


def _after(state: _State, name: bytes, operands: list[Any]) -> _State:
    if name == b"Tf" and len(operands) == 2 and isinstance(operands[0], pikepdf.Name):
        return _State(str(operands[0]), state.mode, state.white)
    if name == b"Tr" and len(operands) == 1:
        return _State(state.font, int(operands[0]), state.white)
    if name in _WHITE_AT and operands:
        return _State(state.font, state.mode, all(float(o) == _WHITE_AT[name] for o in operands))
    if name in (b"sc", b"scn", b"cs"):  # in a colour space that may make anything white
        return _State(state.font, state.mode, name != b"cs" and all(_is_one(o) for o in operands))
    return state


def _is_one(operand: Any) -> bool:
    try:
        return float(operand) == 1.0
    except (TypeError, ValueError):
        return True  # a pattern


def _says_something(given: Any) -> bool:
    operands = list(given)
    last = operands[-1] if operands else None
    pieces = list(last) if isinstance(last, pikepdf.Array) else [last]
    return any(isinstance(p, pikepdf.String) and bytes(p).strip(_BLANKS) for p in pieces)
