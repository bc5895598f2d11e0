"""What a simulated wall connector is made of: model, firmware, and the habits that differ between units."""

from dataclasses import dataclass

from ..protocol.codes import ProtocolVersion, TwcId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitModel:
    """The hardware."""

    name: str
    """As FD1A tells it."""
    rated_amps: float
    """A per phase; announced in FDE2 and not the limit of the wiring (protocol.md 1.11)."""
    volts: tuple[int, int, int]
    """V of L1, L2, L3; 0 where the phase is absent."""


EU = UnitModel(name="EVW2T32HL", rated_amps=32.0, volts=(230, 230, 230))
US = UnitModel(name="EVW2T80HL", rated_amps=80.0, volts=(240, 0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFirmware:
    """The firmware and what it decides (protocol.md 1.13, 2.1)."""

    version: str
    """Four numbers; FD1B tells the first three."""
    announce_seconds: float
    """Between two announcements of a unit without a controller."""
    watchdog_seconds: float
    """Without a heartbeat for this long it announces itself again."""
    answers_data: bool
    """Whether it knows meter, VIN, plug state, serial number and contactor commands: 4.5.3 and later."""


FIRMWARE_OLD = UnitFirmware(
    version="4.4.13.0", announce_seconds=10.0, watchdog_seconds=10.0, answers_data=False
)
FIRMWARE_MIDDLE = UnitFirmware(
    version="4.5.3.2", announce_seconds=10.0, watchdog_seconds=10.0, answers_data=True
)
FIRMWARE_NEW = UnitFirmware(
    version="4.5.10.2", announce_seconds=6.0, watchdog_seconds=30.0, answers_data=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Peculiarities seen on some units and not on others. The defaults describe an ordinary one."""

    idle_offset_amps: float = 0.0
    """Reported on top of the true current: 0.19 to 0.25 A on some units (protocol.md 2.4)."""
    measuring_gain: float = 1.0
    """Reported for each true ampere: 1.05 to 1.15 (protocol.md 3.9)."""
    ignores_session_limit_when_ready: bool = False
    """Operation 09 in state 00 does nothing (protocol.md 3.4, #215)."""
    answers_wrong_size: bool = True
    """Whether a heartbeat of the other version's size is answered: one program sends 16 bytes to all (protocol.md 1.6).
    """
    answers_odd_lengths: bool = True
    """Whether messages of 13 and 15 bytes are heard: other programs send them (protocol.md 1.6)."""
    repicks_twcid: bool = True
    """Whether it takes a new TWCID on hearing its own from another wall connector (protocol.md 1.10)."""
    relinks: bool = True
    """Whether heartbeats are heard again after they were missed too long (protocol.md 3.2, #229, #250)."""
    sticks_in_starting: bool = False
    """After a stop by the car it waits in state 08 for a limit other than the last (protocol.md 2.4)."""
    busy_share: float = 0.0
    """Share of heartbeats answered with state 05, busy (protocol.md 2.4)."""
    nonsense_share: float = 0.0
    """Share of heartbeats answered with figures that cannot be."""
    counts_per_kwh: float = 1.0
    """What its energy counter counts: 1000 for one of Wh (protocol.md 2.5), 0.45 for one that loses half
    (ngardiner#470), 0 for one that stands still (ngardiner#644)."""
    tells_phase_amps: bool = True
    """Whether its meter tells a current for each phase."""
    ignores_limits: bool = False
    """It echoes no limit and obeys none: what it offers the car stays as it was."""
    ignores_lowering: bool = False
    """It takes over no offer that is lower than the one it has; the watchdog of its contactor works all the same."""
    ignores_zero: bool = False
    """0 A means nothing to it: what it offers the car stays as it was."""
    lowers_late_seconds: float = 0.0
    """A lower offer is taken over, and told, only so late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One wall connector as it left the factory."""

    serial_number: str = "A17A0003495"
    version: ProtocolVersion = ProtocolVersion.P2
    model: UnitModel = EU
    firmware: UnitFirmware = FIRMWARE_NEW
    habits: Habits = Habits()
    energy_kwh: float = 0.0
    """What it has delivered before the simulation begins."""

    @property
    def factory_twcid(self) -> TwcId:
        """The last four digits of the serial number, read as hex (protocol.md 1.10)."""
        return TwcId.parse(self.serial_number[-4:])


def old_unit(serial_number: str = "A16K0001234", *, model: UnitModel = EU, habits: Habits = Habits()) -> Unit:
    """Describe a wall connector of protocol 1, from before March 2018."""
    return Unit(
        serial_number=serial_number,
        version=ProtocolVersion.P1,
        model=model,
        firmware=FIRMWARE_OLD,
        habits=habits,
    )
