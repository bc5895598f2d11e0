"""Finding the next frame in a stream that starts, stops and is damaged anywhere; counting the damage."""

from collections.abc import Iterator

from hypothesis import example, given, strategies as st
import pytest
from twc.protocol.codes import Code, Damage
from twc.protocol.encoding import encode
from twc.protocol.framing import MAX_RAW_BYTES, FrameDecoder, RejectedFrame, check_body, wrap

from message_strategies import messages, with_checksum

HEARTBEAT = bytes.fromhex("FDE0349579730000000000000000" + "0095")
ANNOUNCEMENT = bytes.fromhex("FDE234958E0C800000000000000000C5")

bodies = messages.map(encode)


def damages(rejected: RejectedFrame) -> list[Damage]:
    return [rejection.damage for rejection in rejected.reasons]


def found_in(wire: bytes, decoder: FrameDecoder | None = None) -> list[bytes | RejectedFrame]:
    return list((decoder or FrameDecoder()).feed(wire))


def good(found: list[bytes | RejectedFrame]) -> list[bytes]:
    return [part for part in found if isinstance(part, bytes)]


def chunks(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@given(
    st.lists(st.one_of(bodies.map(wrap), st.binary(max_size=60))).map(b"".join), st.lists(st.integers(0, 30))
)
def test_any_chunking_of_a_stream_gives_the_same_frames_and_counts(wire: bytes, sizes: list[int]) -> None:
    whole, split = FrameDecoder(), FrameDecoder()
    at_once = found_in(wire, whole)
    in_parts = [part for chunk in chunks(wire, sizes) for part in split.feed(chunk)]
    assert in_parts == at_once
    assert split.drop_partial() == whole.drop_partial()
    assert split.counts == whole.counts


@given(st.lists(bodies), st.lists(st.sampled_from([b"", b"\xfc", b"\xf8", b"\xff\xfe"]), min_size=1))
def test_intact_frames_are_all_found_whatever_filler_follows_them(
    sent: list[bytes], filler: list[bytes]
) -> None:
    wire = b"".join(wrap(body)[:-1] + filler[i % len(filler)] for i, body in enumerate(sent))
    decoder = FrameDecoder()
    assert found_in(wire, decoder) == sent
    assert decoder.drop_partial() is None
    assert not set(+decoder.counts) - {Damage.FILLER}


@given(st.lists(bodies, min_size=1))
def test_frames_may_share_their_delimiters(sent: list[bytes]) -> None:
    wire = b"".join(wrap(body)[:-2] for body in sent) + b"\xc0"
    assert found_in(wire) == sent


@st.composite
def damaged(draw: st.DrawFn, wire: bytes) -> bytes:
    """One frame on the wire, after bytes were changed, lost or added anywhere in it."""
    start = draw(st.integers(0, len(wire) - 1))
    end = draw(st.integers(start, min(start + 4, len(wire))))
    return wire[:start] + draw(st.binary(max_size=6)) + wire[end:]


@given(st.lists(bodies, min_size=3, max_size=6), st.data())
def test_a_damaged_frame_never_costs_more_than_itself_and_the_next(
    sent: list[bytes], data: st.DataObject
) -> None:
    victim = data.draw(st.integers(0, len(sent) - 1))
    wires = [wrap(body) for body in sent]
    wires[victim] = data.draw(damaged(wires[victim]))
    found = good(found_in(b"".join(wires)))
    before, after = sent[:victim], sent[victim + 2 :]
    assert found[: len(before)] == before
    assert found[len(found) - len(after) :] == after


@given(st.binary())
@example(b"\xc0" + HEARTBEAT * 3)
@example(b"\xc0\xdb\xc0\xc0\xdb\xdb" * 20)
def test_no_bytes_at_all_raise_and_whatever_is_yielded_is_checked(data: bytes) -> None:
    decoder = FrameDecoder()
    for body in good(found_in(data, decoder)):
        assert check_body(body) in Code
    decoder.drop_partial()
    assert found_in(wrap(HEARTBEAT), decoder) == [HEARTBEAT]


def test_a_stream_may_start_in_the_middle_of_a_frame() -> None:
    decoder = FrameDecoder()
    assert good(found_in(wrap(HEARTBEAT)[5:] + wrap(ANNOUNCEMENT), decoder)) == [ANNOUNCEMENT]
    assert decoder.counts[Damage.RUNT] == 1


def test_a_body_without_an_opening_delimiter_is_no_frame() -> None:
    decoder = FrameDecoder()
    [rejected] = found_in(HEARTBEAT + b"\xc0", decoder)
    assert damages(rejected) == [Damage.DELIMITER]
    assert rejected.code is Code.CONNECTOR_HEARTBEAT
    assert decoder.counts == {Damage.DELIMITER: 1}


def test_a_frame_cut_off_by_silence_is_given_up_and_counted() -> None:
    decoder = FrameDecoder()
    assert found_in(wrap(HEARTBEAT)[:-2], decoder) == []
    rejected = decoder.drop_partial()
    assert rejected is not None
    assert rejected.raw == HEARTBEAT
    assert decoder.drop_partial() is None
    assert decoder.counts[Damage.DELIMITER] == 1
    assert found_in(wrap(ANNOUNCEMENT), decoder) == [ANNOUNCEMENT]


def test_a_frame_interrupted_by_silence_is_not_joined_with_what_follows() -> None:
    decoder = FrameDecoder()
    wire = wrap(HEARTBEAT)
    list(decoder.feed(wire[:8]))
    assert damages(decoder.drop_partial()) == [Damage.RUNT]
    assert good(found_in(wire[8:], decoder)) == []


def test_silence_after_a_whole_frame_is_no_damage() -> None:
    decoder = FrameDecoder()
    list(decoder.feed(wrap(HEARTBEAT)))
    assert decoder.drop_partial() is None
    assert +decoder.counts == {Damage.FILLER: 1}


@pytest.mark.parametrize("length", [3, 12])
def test_a_few_bytes_between_delimiters_are_a_runt(length: int) -> None:
    decoder = FrameDecoder()
    [rejected] = found_in(b"\xc0" + HEARTBEAT[:length] + b"\xc0", decoder)
    assert rejected.reason == f"only {length} bytes"
    assert +decoder.counts == {Damage.RUNT: 1}


def test_one_or_two_bytes_between_frames_are_filler_and_no_damage() -> None:
    decoder = FrameDecoder()
    assert good(found_in(b"\xfc" + wrap(HEARTBEAT) + b"\xf0" + wrap(ANNOUNCEMENT), decoder)) == [
        HEARTBEAT,
        ANNOUNCEMENT,
    ]
    assert dict(decoder.counts) == {Damage.FILLER: 3}


def test_the_longest_frame_with_every_byte_escaped_is_not_too_long() -> None:
    body = b"\xc0" * 20
    [rejected] = found_in(wrap(body))
    assert Damage.OVERFLOW not in damages(rejected)
    assert rejected.raw == body


def test_noise_without_delimiters_is_dropped_in_one_piece() -> None:
    decoder = FrameDecoder()
    wire = b"\xc0" + b"\x55" * 10_000 + wrap(HEARTBEAT)
    rejected, body = found_in(wire, decoder)
    assert damages(rejected) == [Damage.OVERFLOW]
    assert rejected.reason == f"more than {MAX_RAW_BYTES} bytes"
    assert len(rejected.raw) == MAX_RAW_BYTES
    assert body == HEARTBEAT
    assert decoder.counts[Damage.OVERFLOW] == 1


def test_noise_that_falls_silent_does_not_taint_what_follows() -> None:
    decoder = FrameDecoder()
    list(decoder.feed(b"\x55" * 100))
    assert damages(decoder.drop_partial()) == [Damage.OVERFLOW]
    [rejected] = found_in(b"\x55" * 5 + b"\xc0", decoder)
    assert damages(rejected) == [Damage.RUNT]


def test_every_kind_of_damage_is_counted_by_itself() -> None:
    decoder = FrameDecoder()
    wrong_length = with_checksum(HEARTBEAT[:-2])
    parts = (
        HEARTBEAT,  # no delimiter yet
        HEARTBEAT[:5],
        HEARTBEAT[:-1] + b"\x00",
        wrong_length,
        b"\x55" * 50,
        HEARTBEAT[:-1] + b"\xdb",
        b"\xf2" + HEARTBEAT[1:],
        b"\xfd\x99" + bytes(12),
        with_checksum(b"\xfc\x19".ljust(13, b"\x00")),
        b"\xfe",
        ANNOUNCEMENT[:-2] + b"\xff",  # both too short and wrong
    )
    assert good(found_in(b"\xc0".join(parts) + b"\xc0", decoder)) == []
    assert +decoder.counts == {
        Damage.DELIMITER: 1,
        Damage.RUNT: 1,
        Damage.CHECKSUM: 3,
        Damage.LENGTH: 2,
        Damage.OVERFLOW: 1,
        Damage.ESCAPE: 1,
        Damage.FIRST_BYTE: 1,
        Damage.UNKNOWN_CODE: 1,
        Damage.FORBIDDEN_CODE: 1,
        Damage.FILLER: 1,
    }
