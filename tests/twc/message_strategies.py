"""Every message as hypothesis strategies, made from its specification; with a liking for bytes that must be escaped."""

from typing import Any

from hypothesis import strategies as st
from twc.protocol.codes import Code, TwcId
from twc.protocol.fields import Address, Amps, Byte, Choice, Dotted, Field, Flag, Number, PerPhase, Text
from twc.protocol.framing import checksum
from twc.protocol.messages import BODY_LENGTHS, CODECS, Message
from twc.protocol.specification import Codec, Layout

awkward_bytes = st.one_of(st.sampled_from([0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0xFE, 0xFF]), st.integers(0, 0xFF))


def numbers(size: int) -> st.SearchStrategy[int]:
    """Unsigned numbers of so many bytes."""
    return st.lists(awkward_bytes, min_size=size, max_size=size).map(
        lambda b: int.from_bytes(bytes(b), "big")
    )


def hundredths() -> st.SearchStrategy[float]:
    """Amps as the wire carries them; two in three are 0 A or what may be offered."""
    return st.one_of(st.just(0), st.integers(500, 8000), numbers(2)).map(lambda n: n / 100)


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=longest)


def dotted(count: int) -> st.SearchStrategy[str]:
    return st.lists(awkward_bytes, min_size=count, max_size=count).map(lambda n: ".".join(map(str, n)))


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Everything that a field can hold, whether it may be sent or not."""
    match field:
        case Address():
            return numbers(2).map(TwcId)
        case Byte():
            return awkward_bytes
        case Flag():
            return st.booleans()
        case Choice():
            return st.sampled_from(field.kind)
        case Amps():
            return hundredths()
        case Number():
            return numbers(4)
        case PerPhase(steps=1):
            return st.tuples(*[numbers(field.width)] * 3)
        case PerPhase():
            return st.tuples(*[numbers(field.width).map(lambda n: n / field.steps)] * 3)
        case Text():
            return texts(field.width)
        case Dotted():
            return dotted(field.count)
    raise NotImplementedError(type(field))


def _in_layout(codec: Codec, layout: Layout) -> st.SearchStrategy[Message]:
    held = {name: values_of(field) for name, field in layout.fields.items()}
    return st.builds(codec.kind, **held, **{name: st.just(value) for name, value in layout.implied.items()})


def readable(codec: Codec) -> st.SearchStrategy[Message]:
    """Every message of a kind that can be heard."""
    return st.one_of(_in_layout(codec, layout) for layout in codec.layouts.values())


def _makeable(codecs: list[Codec]) -> st.SearchStrategy[Message]:
    """Those of them that ``encode`` makes."""
    return st.one_of(
        readable(codec).filter(lambda message, codec=codec: codec.refusal(message) is None)
        for codec in codecs
    )


def _has_text(codec: Codec) -> bool:
    """Whether two bodies may say the same, for texts are padded in two ways."""
    return any(isinstance(field, Text) for field in codec.fields.values())


binary_messages = _makeable([codec for codec in CODECS.values() if not _has_text(codec)])
messages = _makeable(list(CODECS.values()))


def with_checksum(payload: bytes) -> bytes:
    return payload + bytes([checksum(payload)])


@st.composite
def intact_bodies(draw: st.DrawFn) -> bytes:
    """Bodies of a known code, an allowed length and a right sum, with anything in between."""
    code = draw(st.sampled_from(Code))
    length = draw(st.sampled_from(sorted(BODY_LENGTHS[code])))
    fields = draw(st.lists(awkward_bytes, min_size=length - 3, max_size=length - 3))
    used = draw(st.integers(0, length - 3))
    return with_checksum(code.to_bytes(2, "big") + bytes(fields[:used]).ljust(length - 3, b"\x00"))
