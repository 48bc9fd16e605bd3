"""Facts read off the bytes."""

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import damage, documents
from attachwatch.inspection.structure import look

SIX = documents.report("Six", 6)


def test_a_sound_file_has_its_marks_where_they_belong() -> None:
    facts = look(SIX)
    assert (facts.header, facts.headers, facts.size) == (0, 1, len(SIX))
    assert facts.ends_properly
    assert facts.xref_is_there
    assert facts.objects == facts.objects_ended > 6


def test_a_cut_file_does_not_end_properly() -> None:
    assert not look(damage.truncate(SIX, 0.9)).ends_properly


def test_a_long_footer_is_measured() -> None:
    assert look(SIX + b"x" * 5000).trailing >= 5000


def test_zeros_are_found_where_they_are() -> None:
    offset, length = look(damage.zero_fill(SIX, 0.25, 0.75)).longest_zeros
    assert abs(offset - len(SIX) // 4) < 4
    assert abs(length - len(SIX) // 2) < 8


def test_a_moved_cross_reference_is_noticed() -> None:
    assert not look(damage.cross_reference_moved(SIX)).xref_is_there


def test_what_mail_left_on_is_recognised() -> None:
    assert look(damage.still_base64(SIX)).is_base64
    assert look(damage.still_quoted_printable(SIX)).is_quoted_printable
    assert not look(SIX).is_base64
    assert not look(SIX).is_quoted_printable


def test_a_foreign_security_handler_is_named_before_the_standard_one() -> None:
    assert look(documents.certificate("a", 1)).encryption_filter == "Adobe.PubSec"
    assert look(documents.locked("a", 1)).encryption_filter == "Standard"


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"startxref 99999999999999999999", b"%PDF-", b"%%EOF", b"1 0 obj"])
)
def test_any_bytes_can_be_looked_at(data: bytes, mark: bytes) -> None:
    facts = look(data + mark + data)
    assert facts.size == 2 * len(data) + len(mark)
