"""Facts read off the bytes."""

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import damage, documents
from attachwatch.inspection.structure import look
from tests.inspection import arrivals

SHORT = 500  # characters of base64 in
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
    assert look(damage.still_base64(SIX)).transfer_encoding == "base64"
    assert look(damage.still_quoted_printable(SIX)).transfer_encoding == "quoted-printable"
    assert look(arrivals.still_uuencoded(SIX)).transfer_encoding == "uuencode"
    assert look(SIX).transfer_encoding is None


def test_a_lost_character_of_base64_leaves_the_end_mark_shifted() -> None:
    for place in range(SHORT, SHORT + 4):
        facts = look(damage.base64_character_lost(SIX, place))
        assert facts.end_is_shifted
        assert not facts.ends_properly
    assert not look(SIX).end_is_shifted
    assert not look(damage.truncate(SIX, 0.9)).end_is_shifted


def test_line_feeds_that_grew_move_the_cross_reference_by_their_number() -> None:
    plain = documents.report("Plain", 2, compress_streams=False)
    assert look(damage.every_line_feed_doubled(plain)).moved_by_line_ends
    assert not look(plain).moved_by_line_ends
    assert not look(damage.cross_reference_moved(plain)).moved_by_line_ends


def test_an_object_at_the_end_tells_a_lost_cross_reference_from_a_cut() -> None:
    whole = SIX[: SIX.rindex(b"endobj") + 6]
    assert look(whole).ends_with_object
    assert look(SIX.replace(b"%%EOF", b"%'EOF")).ends_with_object
    assert not look(whole[:-3]).ends_with_object


def test_a_file_of_a_few_bytes_has_no_room_for_a_document() -> None:
    assert look(b"%").is_stub
    assert look(b"%PDF-1.7\n").is_stub
    assert not look(b"See the annex in the letter.").is_stub
    assert not look(SIX).is_stub


def test_a_foreign_security_handler_is_named_before_the_standard_one() -> None:
    assert look(documents.certificate("a", 1)).encryption_filter == "Adobe.PubSec"
    assert look(documents.locked("a", 1)).encryption_filter == "Standard"


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"startxref 99999999999999999999", b"%PDF-", b"%%EOF", b"1 0 obj"])
)
def test_any_bytes_can_be_looked_at(data: bytes, mark: bytes) -> None:
    facts = look(data + mark + data)
    assert facts.size == 2 * len(data) + len(mark)
