"""Every frame ever published decodes to its stated meaning, or is rejected for its stated reason."""

import pytest
from twc.protocol.codes import Damage
from twc.protocol.decoding import decode
from twc.protocol.encoding import ForbiddenMessage, encode
from twc.protocol.framing import FrameDecoder, FrameRejected, RejectedFrame, wrap

from captures import CAPTURES, NAMES, Capture, stated_message

INTACT = [c for c in CAPTURES if c.is_frame and not c.malformed]
MALFORMED = [c for c in CAPTURES if c.is_frame and c.malformed]
UNFRAMED = [c for c in CAPTURES if not c.is_frame and not c.is_stream]
STREAMS = [c for c in CAPTURES if c.is_stream]
WRONGLY_SWAPPED_AMPS = 66
"""A controller that sent 163.9 A for 16.00 A: to be understood, never to be sent."""


def by_id(captures: list[Capture]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("capture", captures, ids=lambda c: f"number_{c.id}")


def found_in(decoder: FrameDecoder, wire: bytes) -> list[bytes | RejectedFrame]:
    """What the decoder finds in a stream that then falls silent."""
    found = list(decoder.feed(wire))
    rest = decoder.drop_partial()
    return found if rest is None else [*found, rest]


def test_the_file_is_complete() -> None:
    assert len(CAPTURES) == 77
    assert len(INTACT) + len(MALFORMED) + len(UNFRAMED) + len(STREAMS) == 77
    assert {capture.meaning["name"] for capture in INTACT + MALFORMED} == set(NAMES)


@by_id(INTACT)
def test_an_intact_frame_means_what_was_published(capture: Capture) -> None:
    message = decode(capture.body)
    assert message == stated_message(capture.meaning)
    assert f"{message.code:04X}" == capture.meaning["code"]
    assert message.code.slug == NAMES[capture.meaning["name"]]
    assert capture.body[-1] == int(capture.meaning["checksum_computed"], 16)


@by_id([capture for capture in INTACT if capture.delimited])
def test_a_delimited_frame_yields_its_body_and_counts_its_filler(capture: Capture) -> None:
    decoder = FrameDecoder()
    assert found_in(decoder, capture.wire) == [capture.body]
    trailing = bytes.fromhex(capture.entry.get("trailing", ""))
    assert dict(+decoder.counts) == ({Damage.FILLER: len(trailing)} if trailing else {})


@by_id([capture for capture in INTACT if capture.delimited])
def test_a_delimited_frame_is_rebuilt_as_it_was_on_the_wire(capture: Capture) -> None:
    assert wrap(capture.body)[:-1] == capture.wire.removesuffix(
        bytes.fromhex(capture.entry.get("trailing", ""))
    )


@by_id([capture for capture in INTACT if capture.id != WRONGLY_SWAPPED_AMPS])
def test_an_intact_frame_is_encoded_to_the_same_body(capture: Capture) -> None:
    assert encode(decode(capture.body)) == capture.body


def test_the_announcement_of_164_amps_is_understood_but_never_sent() -> None:
    [capture] = [capture for capture in INTACT if capture.id == WRONGLY_SWAPPED_AMPS]
    message = decode(capture.body)
    with pytest.raises(ForbiddenMessage, match=r"163\.9 A is more than 80 A"):
        encode(message)


@by_id(MALFORMED)
def test_a_malformed_frame_is_rejected_for_its_published_reasons(capture: Capture) -> None:
    with pytest.raises(FrameRejected) as caught:
        decode(capture.body)
    rejected = caught.value.rejected
    assert rejected.reason == ", ".join(capture.malformed)
    assert rejected.raw == capture.body
    assert (rejected.code and rejected.code.slug) == NAMES[capture.meaning["name"]]


@by_id([capture for capture in MALFORMED if capture.delimited])
def test_a_malformed_frame_is_rejected_in_a_stream_too(capture: Capture) -> None:
    [rejected] = found_in(FrameDecoder(), capture.wire)
    assert isinstance(rejected, RejectedFrame)
    assert rejected.reason == ", ".join(capture.malformed)


def test_a_good_frame_with_a_surplus_byte_is_dropped_though_its_head_is_readable() -> None:
    [capture] = [capture for capture in MALFORMED if "valid_prefix_length" in capture.meaning]
    length = capture.meaning["valid_prefix_length"]
    head = {**capture.meaning, **capture.meaning["prefix_fields"], "length": length}
    assert decode(capture.body[:length]) == stated_message(head)
    assert capture.body[length:] == bytes.fromhex(capture.meaning["surplus"])
    with pytest.raises(FrameRejected):
        decode(capture.body)


@by_id(UNFRAMED)
def test_a_frame_with_a_damaged_delimiter_is_no_frame(capture: Capture) -> None:
    decoder = FrameDecoder()
    found = found_in(decoder, capture.wire)
    assert [rejected.reason for rejected in found] == capture.malformed
    filler = [part for part in capture.meaning["discarded"] if len(part) <= 4]
    assert [part.raw.hex().upper() for part in found] + filler == capture.meaning["discarded"]


@by_id(STREAMS)
def test_a_stream_yields_its_frames_and_discards_the_rest(capture: Capture) -> None:
    decoder = FrameDecoder()
    found = found_in(decoder, capture.wire)
    frames = [
        part for part in found if not isinstance(part, RejectedFrame) or Damage.RUNT not in damages(part)
    ]
    for part, meaning in zip(frames, capture.meaning["frames"], strict=True):
        if "malformed" in meaning:
            assert part.reason == ", ".join(meaning["malformed"])
        else:
            assert decode(part) == stated_message(meaning)
    runts = [part.raw.hex().upper() for part in found if part not in frames]
    discarded = capture.meaning["discarded"]
    assert runts == [part for part in discarded if len(part) > 4]
    assert decoder.counts[Damage.FILLER] == len([part for part in discarded if len(part) <= 4])


def damages(rejected: RejectedFrame) -> set[Damage]:
    return {rejection.damage for rejection in rejected.reasons}
