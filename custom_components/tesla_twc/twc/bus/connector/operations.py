"""Which operation carries an offer to a wall connector in its present state (protocol.md 3.3, the table).

The rule is level-triggered: compare with the offer the wall connector *reports*, and repeat until it agrees. A limit
sent once is lost to the first collision, and a car that pauses falls back to 6 A by itself (jnicolson#7).
"""

from ...protocol.codes import ConnectorState, Operation, ProtocolVersion
from ...protocol.messages import ConnectorHeartbeat

_PATIENCE_HEARTBEATS = 3
"""After so many heartbeats without adoption, a plugged P2 connector is sent 09 instead of 05 (protocol.md 3.3)."""

_BEFORE_CHARGING = (ConnectorState.READY, ConnectorState.NOT_CHARGING, ConnectorState.PLUGGED_READY)
_PLUGGED = (ConnectorState.NOT_CHARGING, ConnectorState.PLUGGED_READY)
_NOT_NOW = (ConnectorState.ERROR, ConnectorState.BUSY)


def choose_operation(
    version: ProtocolVersion,
    heartbeat: ConnectorHeartbeat | None,
    amps: int | None,
    tries: int,
    *,
    insist: bool = False,
    duplicates: bool = False,
) -> Operation:
    """Return the operation that brings the offer to ``amps``, or KEEP_ALIVE when it is there or cannot be brought now.

    ``heartbeat`` is the last one heard, None before the first; ``amps`` None means that no limit shall be given;
    ``tries`` counts the heartbeats already sent with this offer in vain. ``insist``: the last report is no proof that
    this offer is in force, so it is sent whatever was reported. ``duplicates``: two units may hear it, one that charges
    and one that does not, and either may have given the last report.
    """
    if version is ProtocolVersion.P1 and amps == 0:
        # A 0 that alternates with keep-alives makes the relay click every second (protocol.md 3.4), and a keep-alive
        # after a restart of ours would start a car that was stopped.
        return Operation.SET_LIMIT
    if heartbeat is None or amps is None:
        return Operation.KEEP_ALIVE
    if duplicates and amps:
        return _for_both(version, tries)
    if heartbeat.state in _NOT_NOW or (heartbeat.offered_amps == amps and not insist):
        return Operation.KEEP_ALIVE
    if version is ProtocolVersion.P1:
        return Operation.SET_LIMIT
    if heartbeat.state in _BEFORE_CHARGING:
        impatient = heartbeat.state in _PLUGGED and tries >= _PATIENCE_HEARTBEATS
        return Operation.SET_SESSION_LIMIT if impatient else Operation.SET_LIMIT
    if heartbeat.state is ConnectorState.STARTING and heartbeat.offered_amps == 0:
        return Operation.GRANT_START
    return Operation.SET_SESSION_LIMIT


def _for_both(version: ProtocolVersion, tries: int) -> Operation:
    """Return what one of two units takes, turn by turn: a P2 unit that charges takes 09, one that waits perhaps
    only 05 (protocol.md 3.3).
    """
    if version is ProtocolVersion.P1 or tries % 2:
        return Operation.SET_LIMIT
    return Operation.SET_SESSION_LIMIT
