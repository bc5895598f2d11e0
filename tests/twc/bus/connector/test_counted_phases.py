"""How many phases a car loads, learnt from an energy counter, and corrected by it."""

import pytest
from twc.bus.connector.counted_phases import CountedPhases
from twc.bus.connector.energy import EnergyMeter
from twc.bus.connector.power import volts_per_ampere
from twc.protocol.messages import Meter

from bus_peers import GARAGE

AMPS, VOLTS = 10.0, 230


class Counting:
    """A wall connector with a counter of kWh whose car is told apart by nothing else."""

    def __init__(self, volts: tuple[int, int, int]) -> None:
        self.counted = CountedPhases()
        self.energy = EnergyMeter()
        self.volts = volts
        self.stated: int | None = None
        self.amps = (0.0, 0.0, 0.0)
        self.true_kwh, self.now = 842.4, 0.0

    def charge(self, phases: int, kwh: float) -> "Counting":
        """Let a car charge so much on so many phases."""
        self.energy.watch.measure_anew()
        end = self.true_kwh + kwh
        while self.true_kwh < end:
            self.now += 20.0
            self.true_kwh += phases * AMPS * VOLTS * 20.0 / 3.6e6
            meter = Meter(
                sender=GARAGE, energy_kwh=int(self.true_kwh), volts=self.volts, phase_amps=self.amps
            )
            self.energy.read_counter(meter.energy_kwh)
            self.counted.compare(self.energy)
            self.counted.reckon(meter, self.energy, stated=self.stated, assumed=3)
            reckoned = self.counted.in_use(stated=self.stated, assumed=3)
            self.energy.integrate(1.1 * AMPS * volts_per_ampere(meter, reckoned, VOLTS), self.now)
        return self


@pytest.mark.parametrize("volts", [(230, 230, 230), (0, 0, 0)], ids=["volts are told", "no volts are told"])
def test_what_was_learnt_of_one_car_is_corrected_by_the_next(volts: tuple[int, int, int]) -> None:
    counting = Counting(volts)
    for phases in (1, 3, 2, 1):
        assert counting.charge(phases, 12.0).counted.phases == phases


def test_where_one_phase_is_there_no_more_are_learnt() -> None:
    assert Counting((230, 0, 0)).charge(1, 12.0).counted.phases == 1


def test_what_the_owner_says_or_the_meter_shows_takes_the_place_of_what_was_learnt() -> None:
    counting = Counting((230, 230, 230)).charge(1, 12.0)
    counting.stated = 3
    assert counting.charge(1, 1.0).counted.phases is None
    counting.stated = None
    assert counting.charge(1, 12.0).counted.phases == 1
    counting.amps = (10.0, 10.0, 0.0)
    assert counting.charge(2, 1.0).counted.phases is None
