"""Whether a car is plugged in at one wall connector, and since when."""

from enum import Enum, auto

from ...protocol.codes import ConnectorState, PlugState
from ...protocol.messages import ConnectorHeartbeat
from ..snapshot import CHARGING_AMPS

_PLUGGED_STATES = (
    ConnectorState.CHARGING,
    ConnectorState.NOT_CHARGING,
    ConnectorState.PLUGGED_READY,
    ConnectorState.STARTING,
)


class PlugChange(Enum):
    """What has changed at the plug."""

    FOUND = auto()
    """A car is plugged in, and it is not known since when."""
    ARRIVED = auto()
    """A car was plugged in just now: before, there was none."""
    LEFT = auto()


class Plug:
    """The plug of one wall connector."""

    def __init__(self) -> None:
        """Start without knowing whether there is a car."""
        self.state: PlugState | None = None
        """What the firmware answered when it was last asked."""
        self.plugged_in: bool | None = None
        self.plugged_in_since: float | None = None

    def take_heartbeat(
        self,
        before: ConnectorHeartbeat | None,
        message: ConnectorHeartbeat,
        *,
        tells_plug_state: bool,
        now: float,
    ) -> PlugChange | None:
        """Take a heartbeat; ``before``: the last one, ``tells_plug_state``: its firmware answers when asked.

        The state proves a car, never its absence where the firmware has a better answer (protocol.md 2.4). A state
        that merely lasts does not outvote a newer plug state: 03 may stick after the car has left.
        """
        new = before is None or before.state is not message.state or self.state is None
        if message.drawn_amps >= CHARGING_AMPS or (message.state in _PLUGGED_STATES and new):
            return self._set(True, now)
        if message.state is ConnectorState.READY and not tells_plug_state:
            return self._set(False, now)
        return None

    def take_car(self, now: float) -> PlugChange | None:
        """Take that a car is plugged in, in whatever way that is known."""
        return self._set(True, now)

    def take_departure(self, now: float) -> PlugChange | None:
        """Take that no car is plugged in."""
        return self._set(False, now)

    def forget(self) -> None:
        """Take that nobody knows any more whether there is a car."""
        self.plugged_in = self.plugged_in_since = None

    def forget_state(self) -> None:
        """Forget the last answer, because it rebooted: it may be another unit with the same TWCID by now."""
        self.state = None

    def take_state(self, state: PlugState, *, charging: bool, now: float) -> PlugChange | None:
        """Take the answer to the question about the plug."""
        self.state = state
        if state is PlugState.UNEXPLAINED:
            return None
        return self._set(state is not PlugState.UNPLUGGED or charging, now)

    def _set(self, plugged_in: bool, now: float) -> PlugChange | None:
        if plugged_in is self.plugged_in:
            return None
        known_empty = self.plugged_in is False
        self.plugged_in = plugged_in
        self.plugged_in_since = now if plugged_in else None
        if not plugged_in:
            return PlugChange.LEFT
        return PlugChange.ARRIVED if known_empty else PlugChange.FOUND
