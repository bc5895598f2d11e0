"""What a wall connector answers to a question (protocol.md 2.5, 2.6)."""

from ..protocol.codes import Code, PlugState, TwcId
from ..protocol.messages import (
    ConnectorMessage,
    ContactorReply,
    Firmware,
    Meter,
    PlugStateReply,
    SerialNumber,
    UnaddressedFirmware,
    UnaddressedModel,
    UnaddressedSerialNumber,
    VinPart,
)
from .offered_charge import OfferedCharge
from .unit import Habits, Unit

PLUG_CHARGING_AMPS = 1.0
"""From here on the plug state is "charging"."""

_VIN_PARTS = {
    Code.GET_VIN_START: (Code.VIN_START, slice(0, 7)),
    Code.GET_VIN_MIDDLE: (Code.VIN_MIDDLE, slice(7, 14)),
    Code.GET_VIN_END: (Code.VIN_END, slice(14, 17)),
}


def answer(code: Code, twcid: TwcId, unit: Unit, session: OfferedCharge) -> ConnectorMessage | None:
    """Return the answer to a question or contactor command; None where the firmware knows none."""
    match code:
        case Code.GET_UNADDRESSED_SERIAL_NUMBER:
            return UnaddressedSerialNumber(serial_number=unit.serial_number)
        case Code.GET_UNADDRESSED_MODEL:
            return UnaddressedModel(model=unit.model.name)
        case Code.GET_UNADDRESSED_FIRMWARE:
            return UnaddressedFirmware(firmware=unit.firmware.version.rpartition(".")[0])
    return _addressed(code, twcid, unit, session) if unit.firmware.answers_data else None


def _addressed(code: Code, twcid: TwcId, unit: Unit, session: OfferedCharge) -> ConnectorMessage:
    """Answer as firmware 4.5.3 and later does."""
    match code:
        case Code.GET_METER:
            return _meter(twcid, session, unit.habits)
        case Code.GET_FIRMWARE:
            return Firmware(sender=twcid, firmware=unit.firmware.version)
        case Code.GET_SERIAL_NUMBER:
            return SerialNumber(sender=twcid, serial_number=unit.serial_number)
        case Code.GET_PLUG_STATE:
            return PlugStateReply(sender=twcid, plug_state=_plug_state(session))
        case Code.CLOSE_CONTACTOR | Code.OPEN_CONTACTOR:
            return ContactorReply(sender=twcid, closed=code is Code.CLOSE_CONTACTOR)
    part, characters = _VIN_PARTS[code]
    vin = session.car.vin if session.car is not None else None
    return VinPart(code=part, sender=twcid, text=(vin or "")[characters])


def _meter(twcid: TwcId, session: OfferedCharge, habits: Habits) -> Meter:
    """Tell what the counter counts, mostly whole kWh, and amps in steps of 0.5 A."""
    told = session.outlet.phase_amps if habits.tells_phase_amps else (0.0, 0.0, 0.0)
    one, two, three = (min(round(amps * 2) / 2, 127.5) for amps in told)
    return Meter(
        sender=twcid,
        energy_kwh=int(session.outlet.energy_kwh * habits.counts_per_kwh) & 0xFFFFFFFF,
        volts=session.outlet.volts,
        phase_amps=(one, two, three),
    )


def _plug_state(session: OfferedCharge) -> PlugState:
    if session.car is None:
        return PlugState.UNPLUGGED
    return PlugState.CHARGING if session.outlet.amps >= PLUG_CHARGING_AMPS else PlugState.NOT_CHARGING
