"""Files made to hurt harm nothing but themselves, and none is accused for a bound of ours.

The whole list, at the bounds that users have, is run by `python -m benchmarks.hostile`.
"""

import pytest

from attachwatch.demo import documents
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause, Inspection, Verdict
from tests.inspection.hostile import HOSTILE

COSTLY = (
    "twice deflated",
    "three times deflated",
    "tiling pattern without end",
    "forms that call each other exponentially",
    "form that calls itself",
)
SHOWN = (
    "picture of lying size",
    "page as large as a house",
    "dashes without end",
    "soft mask of itself",
    "JavaScript on opening",
    "starts a program on opening",
    "content from elsewhere",
    "content from a file",
    "length refers to itself",
)
DESTROYED = ("page tree refers to itself", "count lies", "reference to itself", "cross-reference turns in a circle")


@pytest.fixture(scope="module")
def inspections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inspection]:
    folder = tmp_path_factory.mktemp("hostile")
    for name in (*COSTLY, *SHOWN, *DESTROYED):
        (folder / name).write_bytes(HOSTILE[name]())
    (folder / "honest").write_bytes(documents.report("Honest", 2))
    with Inspector(jobs=2, seconds=2, memory_mib=256) as inspector:
        return dict(inspector.inspect_all((p.name, p) for p in sorted(folder.iterdir())))


def test_the_neighbour_is_judged_as_ever(inspections: dict[str, Inspection]) -> None:
    assert inspections["honest"].verdict is Verdict.OK


@pytest.mark.parametrize("name", COSTLY)
def test_a_bound_of_ours_is_no_fault_of_the_file(name: str, inspections: dict[str, Inspection]) -> None:
    assert inspections[name].verdict is Verdict.UNCHECKED
    assert inspections[name].cause in (Cause.TOO_COSTLY, Cause.READER_CRASHED)


@pytest.mark.parametrize("name", SHOWN)
def test_what_viewers_show_is_not_accused(name: str, inspections: dict[str, Inspection]) -> None:
    assert not inspections[name].verdict.accuses


@pytest.mark.parametrize("name", DESTROYED)
def test_what_no_viewer_can_find_its_way_in_is_broken(name: str, inspections: dict[str, Inspection]) -> None:
    assert inspections[name].verdict is Verdict.BROKEN


def test_nothing_of_a_file_elsewhere_is_read(inspections: dict[str, Inspection]) -> None:
    assert "root:" not in str(inspections["content from a file"])
