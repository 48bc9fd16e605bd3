"""Every package that attachwatch needs may be used by code under Apache-2.0, and is told of."""

import sys

import pytest
from packaging.utils import canonicalize_name

from docs.generate import licences


def test_every_package_that_is_needed_allows_its_use() -> None:
    assert {name: said for name, said in licences.packages().items() if not licences.allows(said)} == {}


def test_the_table_names_these_and_no_others() -> None:
    """An older Python needs more, so there alone are all of them installed."""
    told = licences.named(licences.PAGE.read_text(encoding="utf-8"))
    found = licences.packages()
    assert {name: told.get(name) for name in found} == found, "run `make licences`"
    if sys.version_info[:2] == (3, 11) and sys.platform == "linux":
        assert list(told) == list(found), "run `make licences`"


def test_the_packages_of_every_extra_are_among_them() -> None:
    """They must be installed to be looked at: an extra's packages stand in the group `dev`, too."""
    named = {canonicalize_name(name) for name in licences.packages()}
    asked = {name for name, _ in licences.direct()}
    assert {"click", "msal", "typst"} <= asked <= named
    assert {"annotated-types", "urllib3"} <= named
    assert "pytest" not in named


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("BSD-3-Clause AND Apache-2.0", True),
        ("BSD-3-Clause AND GPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-only WITH GCC-exception-3.1", False),
        ("Proprietary", False),
        ("", False),
        ("MIT (", False),
    ],
)
def test_a_licence_allows_it_only_if_it_is_known_to(expression: str, is_allowed: bool) -> None:
    assert licences.allows(expression) is is_allowed
