"""Every message that may be sent, as hypothesis strategies; with a liking for bytes that must be escaped."""

from collections.abc import Sequence

from hypothesis import strategies as st
from twc.protocol.codes import (
    BODY_LENGTHS,
    QUERIES,
    Code,
    ConnectorState,
    Operation,
    PlugState,
    ProtocolVersion,
    TwcId,
)
from twc.protocol.framing import checksum
from twc.protocol.messages import (
    VIN_PART_LENGTHS,
    ConnectorHeartbeat,
    ConnectorLinkReady,
    ContactorCommand,
    ContactorReply,
    ControllerHeartbeat,
    ControllerIdle,
    ControllerLinkReady1,
    ControllerLinkReady2,
    Firmware,
    Message,
    Meter,
    PlugStateReply,
    Query,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)

awkward_bytes = st.one_of(st.sampled_from([0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0xFE, 0xFF]), st.integers(0, 0xFF))


def numbers(size: int) -> st.SearchStrategy[int]:
    """Unsigned numbers of so many bytes."""
    return st.lists(awkward_bytes, min_size=size, max_size=size).map(
        lambda b: int.from_bytes(bytes(b), "big")
    )


def amps(low: int = 0, high: int = 0xFFFF) -> st.SearchStrategy[float]:
    """Hundredths of an ampere, as the wire carries them."""
    return st.one_of(st.integers(low, high), numbers(2).filter(lambda n: low <= n <= high)).map(
        lambda n: n / 100
    )


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=longest)


def dotted(count: int) -> st.SearchStrategy[str]:
    return st.lists(awkward_bytes, min_size=count, max_size=count).map(lambda n: ".".join(map(str, n)))


twcids = numbers(2).map(TwcId)
versions = st.sampled_from(ProtocolVersion)


def _announcements() -> st.SearchStrategy[Message]:
    kinds = (ControllerLinkReady1, ControllerLinkReady2, ConnectorLinkReady)
    return st.one_of(
        st.builds(kind, sender=twcids, sign=awkward_bytes, max_amps=amps(high=8000), version=versions)
        for kind in kinds
    )


def _heartbeats(
    operations: Sequence[Operation], offers: st.SearchStrategy[float]
) -> st.SearchStrategy[ControllerHeartbeat]:
    return st.builds(
        ControllerHeartbeat,
        sender=twcids,
        receiver=twcids,
        operation=st.sampled_from(operations),
        amps=offers,
        plugged_in=st.booleans(),
        version=versions,
    )


controller_heartbeats = st.one_of(
    _heartbeats([Operation.KEEP_ALIVE], st.just(0.0)),
    _heartbeats(
        [Operation.SET_LIMIT, Operation.GRANT_START, Operation.SET_SESSION_LIMIT],
        st.one_of(st.just(0.0), amps(500, 8000)),
    ),
)
connector_heartbeats = st.builds(
    ConnectorHeartbeat,
    sender=twcids,
    receiver=twcids,
    state=st.sampled_from(ConnectorState),
    offered_amps=amps(),
    drawn_amps=amps(),
    version=versions,
)
binary_messages = st.one_of(
    _announcements(),
    controller_heartbeats,
    connector_heartbeats,
    st.builds(ControllerIdle, sender=twcids),
    st.builds(Query, code=st.sampled_from(sorted(QUERIES)), sender=twcids, receiver=twcids, version=versions),
    st.builds(ContactorCommand, close=st.booleans(), sender=twcids, receiver=twcids, version=versions),
    st.builds(
        Meter,
        sender=twcids,
        energy_kwh=numbers(4),
        volts=st.tuples(numbers(2), numbers(2), numbers(2)),
        phase_amps=st.tuples(*[awkward_bytes.map(lambda n: n / 2)] * 3),
    ),
    st.builds(Firmware, sender=twcids, firmware=dotted(4)),
    st.builds(PlugStateReply, sender=twcids, plug_state=st.sampled_from(PlugState)),
    st.builds(ContactorReply, closed=st.booleans(), sender=twcids),
    st.builds(UnaddressedFirmware, firmware=dotted(3)),
)
text_messages = st.one_of(
    st.builds(SerialNumber, sender=twcids, serial_number=texts(11)),
    st.sampled_from(sorted(VIN_PART_LENGTHS)).flatmap(
        lambda code: st.builds(VinPart, code=st.just(code), sender=twcids, text=texts(VIN_PART_LENGTHS[code]))
    ),
    st.builds(UnaddressedSerialNumber, serial_number=texts(11)),
    st.builds(UnaddressedModel, model=texts(11)),
)
messages = st.one_of(binary_messages, text_messages)


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
