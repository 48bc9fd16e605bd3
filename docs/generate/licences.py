"""The packages that attachwatch needs at run time and for its extras, and what licences they declare.

`python -m docs.generate.licences` writes the table of docs/licences.md anew, and fails for a package whose licence does
not let it be used by code under Apache-2.0.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, Licensing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.generate.markdown import table

PAGE = Path(__file__).parents[1] / "licences.md"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
ALLOWED = frozenset(  # of which each lets code under Apache-2.0 import the package unchanged
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "LGPL-2.1-only",
        "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
        "Unlicense", "Zlib", "ZPL-2.1",
    }
)  # fmt: skip
_OLDER = {  # what packages write that declare no SPDX expression, in their own words or by a classifier
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
}
_BY_ITS_FILE = {"imapclient": "BSD-3-Clause"}  # declares nothing; read, in version 4.1
# The least that attachwatch promises to run on, so that the table is the same wherever it is made.
_WHERE = {
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "os_name": "posix",
}


def main() -> None:
    found = packages()
    if refused := {name: said for name, said in found.items() if not allows(said)}:
        sys.exit(f"not known to allow use from Apache-2.0 code: {refused}")
    before, _, _ = PAGE.read_text(encoding="utf-8").partition("| package |")
    PAGE.write_text(before + listing(found), encoding="utf-8")


def packages() -> Mapping[str, str]:
    """Each package that is installed and needed, by the name that it gives itself, with its licence (SPDX)."""
    found = {d.name: declared(d) for d in needed()}
    return dict(sorted(found.items(), key=lambda item: canonicalize_name(item[0])))


def needed() -> Iterator[Distribution]:
    """What attachwatch needs with all of its extras, what that needs, and so on, as far as it is installed."""
    seen: set[tuple[str, str]] = set()
    names: set[str] = set()
    todo = list(direct())
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            one = distribution(name)
        except PackageNotFoundError:  # an older Python alone needs it
            continue
        if name not in names:
            names.add(name)
            yield one
        todo += _asked(one.requires or (), extra)


def direct() -> Iterator[tuple[str, str]]:
    """What pyproject.toml asks for, and its extras: names with an extra of theirs, or with none."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return _asked([*project["dependencies"], *chain(*project["optional-dependencies"].values())])


def declared(package: Distribution) -> str:
    """Its licence as an SPDX expression, or what it says where that is none."""
    said: Any = package.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    words = said.get("License") or _BY_ITS_FILE.get(canonicalize_name(package.name), "")
    if allows(spdx := _OLDER.get(words, words)):
        return spdx
    classifiers = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License ::")]
    return " OR ".join(_OLDER.get(c, c) for c in classifiers) or words


def allows(expression: str) -> bool:
    """Whether an SPDX expression lets Apache-2.0 code use it; False for what is none."""
    try:
        parsed = Licensing().parse(expression)
    except ExpressionError:
        return False
    if parsed is None:
        return False
    truth = {symbol: Licensing().TRUE if str(symbol) in ALLOWED else Licensing().FALSE for symbol in parsed.symbols}
    return bool(parsed.subs(truth, simplify=True) == Licensing().TRUE)


def listing(found: Mapping[str, str]) -> str:
    return table(("package", "licence"), found.items())


def named(page: str) -> Mapping[str, str]:
    """What the table of a page says."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    return dict(rows[2:])


def _asked(requirements: Iterable[str], extra: str = "") -> Iterator[tuple[str, str]]:
    """The packages of requirements that hold where we are promised to run, each by itself and with its extras."""
    environment = {**_WHERE, "extra": extra}
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield from ((canonicalize_name(requirement.name), e) for e in ("", *sorted(requirement.extras)))


if __name__ == "__main__":
    main()
