"""The benchmark of rules that follow the sun: what each does with a house made up for it, and the figures it prints."""

from collections.abc import Iterator
import gzip
from itertools import product
import json
from pathlib import Path
import sys

import pytest

from benchmarks import surplus
from benchmarks.oracle import GRID_COSTS, ORACLES, Oracle, oracle
from benchmarks.peers import PEERS
from custom_components.tesla_twc.twc.replay.house import Account, MeterSettings, Sample
from custom_components.tesla_twc.twc.replay.parked_car import Socket
from custom_components.tesla_twc.twc.replay.playing import play

START = 1000.0
MINIMUM_WATTS = 6 * 230
FIGURES = {
    "car_kwh", "solar_kwh", "grid_kwh", "ideal_kwh", "solar_percent_of_ideal", "starts_per_day", "sets_per_day",
    "fuse_seconds_over", "max_import_w", "wall_seconds",
}  # fmt: skip


class Lived:
    """What one rule made of a house that needs nothing, with so many W of sun in each minute."""

    def __init__(self, name: str, *solar: float, phases: int = 1, meter: MeterSettings | None = None) -> None:
        self.amps: dict[int, float] = {}
        """A at the end of each second in which something happened."""
        socket = Socket(phases=phases, maximum_amps=32 if phases == 1 else 16)
        samples = [Sample(START + 60.0 * number, 0.0, watts) for number, watts in enumerate(solar)]
        rule = PEERS[name](phases, socket.maximum_amps)
        self._per_ampere = 230 * phases
        self.account: Account = play(samples, [socket], rule, meter=meter, watcher=self._watch)

    def _watch(self, now: float, _: Sample, watts: float) -> None:
        self.amps[int(now - START)] = watts / self._per_ampere

    def at(self, minute: float) -> float:
        return self.amps[max(second for second in self.amps if second <= 60 * minute)]

    @property
    def first_current(self) -> int:
        return min(second for second, amps in self.amps.items() if amps)


@pytest.mark.once
def test_every_peer_takes_a_steady_sun_and_nothing_more() -> None:
    for name in set(PEERS) - {"evcc_min", "openevse_half", "openwb"}:
        steady = Lived(name, *[3000.0] * 30)
        assert steady.at(29) == {"evcc_residual_100": 12.0, "openevse": 12.0}.get(name, 13.0), name
        assert steady.account.starts == 1, name


@pytest.mark.once
def test_three_phases_share_the_sun() -> None:
    assert Lived("naive", *[9000.0] * 5, phases=3).at(4.9) == 13.0


@pytest.mark.once
def test_the_naive_rule_starts_at_once_and_stops_for_every_cloud() -> None:
    clouds = Lived("naive", *([3000.0, 3000.0, 1000.0, 1000.0] * 5))
    assert clouds.first_current < 15
    assert clouds.account.starts == 5


@pytest.mark.once
def test_twcmanager_jumps_to_sixteen_amps_on_every_rise() -> None:
    seen = Lived("twcmanager", *[2000.0] * 5, *[2600.0] * 5)
    assert (seen.at(4), seen.at(9)) == (8.0, 11.0)
    assert max(seen.amps.values()) > 12.0, "on the way to 16 A"


@pytest.mark.once
def test_evcc_starts_after_a_minute_and_stops_after_three() -> None:
    seen = Lived("evcc", *[3000.0] * 10, *[500.0] * 10)
    assert 60 <= seen.first_current < 80
    assert seen.at(12.5) == 6.0
    assert seen.at(14) == 0.0


@pytest.mark.once
def test_evcc_begins_to_wait_anew_when_the_sun_comes_back() -> None:
    seen = Lived("evcc", *[3000.0] * 5, *([500.0] * 2 + [3000.0]) * 5)
    assert seen.account.starts == 1


@pytest.mark.once
def test_evcc_with_a_minimum_never_stops() -> None:
    seen = Lived("evcc_min", *[0.0] * 10, *[3000.0] * 5, *[0.0] * 10)
    assert seen.at(9) == seen.at(24) == 6.0
    assert seen.at(14) == 13.0


@pytest.mark.once
def test_openwb_starts_above_its_line_only_and_then_draws_up_to_its_range_from_the_grid() -> None:
    below = Lived("openwb", *[1380.0] * 20)
    above = Lived("openwb", *[1500.0] * 10)
    assert below.account.starts == 0
    assert 30 <= above.first_current < 50
    assert above.at(9) == 7.0, "with 110 W from the grid"


@pytest.mark.once
def test_openwb_stops_after_a_minute_of_import_at_the_minimum() -> None:
    seen = Lived("openwb", *[3000.0] * 5, *[800.0] * 5)
    assert seen.at(6) > 0.0
    assert seen.at(7) == 0.0


@pytest.mark.once
def test_openevse_charges_for_ten_minutes_at_least() -> None:
    seen = Lived("openevse", *[4000.0] * 2, *[0.0] * 20)
    began = seen.first_current
    assert seen.at(began / 60 + 9) == 6.0
    assert seen.at(20) == 0.0


@pytest.mark.once
def test_openevse_at_half_charges_from_half_the_sun() -> None:
    assert Lived("openevse_half", *[1000.0] * 10).at(9) == 6.0
    assert Lived("openevse", *[1000.0] * 10).account.starts == 0


@pytest.mark.once
def test_peers_hear_of_the_sun_as_late_as_the_meter_tells() -> None:
    """All of them: none looks at the house itself."""
    late = MeterSettings(delay_seconds=600.0)
    for name in set(PEERS) - {"evcc_min"}:
        assert Lived(name, *[0.0], *[6000.0] * 8, meter=late).account.starts == 0, name
        assert Lived(name, *[0.0], *[6000.0] * 8).account.starts == 1, name


# Whoever knows the future


def _value(runs: tuple[bool, ...], solar: list[float], bound: Oracle) -> float | None:
    """What a schedule is worth at 6 A or more on one phase; None if it breaks the minimum times."""
    worth, age, before = 0.0, 99, False
    for runs_now, watts in zip(runs, solar, strict=True):
        if runs_now != before:
            if age < (bound.on_minutes if before else bound.off_minutes):
                return None
            worth -= bound.start_costs if runs_now else 0.0
            age, before = 0, runs_now
        age += 1
        if runs_now:
            worth += (
                max(
                    min(watts, amps * 230) - GRID_COSTS * max(0.0, amps * 230 - watts)
                    for amps in range(6, 33)
                )
                / 60_000
            )
    return worth


HOUSES = (
    [1500.0, 1200.0, 0.0, 2500.0, 900.0, 3100.0, 1000.0, 1400.0],
    [1380.0, 1380.0, 900.0, 1300.0, 0.0, 0.0, 5000.0, 0.0],
)


def _binding() -> Iterator[Oracle]:
    yield from ORACLES.values()
    for on_minutes, off_minutes, start_costs in product((1, 2, 3), (1, 2, 4), (0.0, 0.005, 0.02)):
        yield Oracle(on_minutes=on_minutes, off_minutes=off_minutes, start_costs=start_costs)


@pytest.mark.once
@pytest.mark.parametrize("solar", HOUSES)
@pytest.mark.once
def test_nobody_does_better_than_whoever_knows_the_future(solar: list[float]) -> None:
    samples = [Sample(60.0 * minute, 0.0, watts) for minute, watts in enumerate(solar)]
    for bound in _binding():
        found = oracle(samples, Socket(), bound)
        values = [_value(runs, solar, bound) for runs in product((False, True), repeat=len(solar))]
        best = max(value for value in values if value is not None)
        starts = found["starts_per_day"] * len(solar) / 1440
        worth = found["solar_kwh"] - GRID_COSTS * found["grid_kwh"] - bound.start_costs * starts
        assert worth == pytest.approx(best, abs=0.09), bound  # its energies are rounded to 0.1 kWh


# The command line


def _trace(folder: Path, solar_per_kwp: list[float]) -> Path:
    file = folder / "house.csv.gz"
    rows = [
        f"2026-06-{1 + number // 1440:02} {number // 60 % 24:02}:{number % 60:02}:00,300.0,231.0,{watts}"
        for number, watts in enumerate(solar_per_kwp)
    ]
    with gzip.open(file, "wt") as lines:
        lines.write("\n".join(["time_local,load_w,voltage_v,pv_w_per_kwp", *rows]))
    return file


def _run(monkeypatch: pytest.MonkeyPatch, file: Path, *more: str) -> None:
    command = ["surplus", "--trace", str(file), "--kwp", "8", "--phases", "1", "--max-amps", "32", *more]
    monkeypatch.setattr(sys, "argv", command)
    surplus.main()


@pytest.mark.once
def test_the_command_prints_the_figures_of_every_rule(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [0.0] * 30 + [500.0] * 60)
    _run(monkeypatch, file, "--json", "--oracle")
    results = json.loads(capsys.readouterr().out)
    assert list(results) == ["ours", *PEERS, *ORACLES]
    for name in ("ours", *PEERS):
        assert set(results[name]) == FIGURES
        assert results[name]["ideal_kwh"] == 3.7
        assert results[name]["starts_per_day"] == 16.0, "once in one and a half hours"
        assert results[name]["max_import_w"] >= 300
    assert 3.2 < results["ours"]["solar_kwh"] <= results["oracle"]["solar_kwh"] <= 3.7


@pytest.mark.once
def test_the_table_has_a_line_for_every_rule(tmp_path, monkeypatch, capsys):
    _run(monkeypatch, _trace(tmp_path, [500.0] * 20), "--only", "ours", "naive")
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[0] == "rule"
    assert [line.split()[0] for line in lines] == ["ours", "naive"]


@pytest.mark.once
def test_a_figure_of_our_pace_can_be_set(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [0.0] * 5 + [500.0] * 20 + [0.0] * 5)

    def taken(*more: str) -> float:
        _run(monkeypatch, file, "--only", "ours", "--json", *more)
        return json.loads(capsys.readouterr().out)["ours"]["solar_kwh"]

    assert taken("--set", "start_hold_seconds=600", "few_starts=80") < taken() - 0.3
    with pytest.raises(SystemExit):
        taken("--set", "patience=3")
    assert "a pace has no patience" in capsys.readouterr().err


@pytest.mark.once
def test_another_seed_is_another_noise(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [400.0] * 120)

    def changes(seed: int) -> float:
        _run(monkeypatch, file, "--only", "naive", "--json", "--noise", "100", "--seed", str(seed))
        return json.loads(capsys.readouterr().out)["naive"]["sets_per_day"]

    assert changes(1) == changes(1) != changes(2)


@pytest.mark.once
def test_a_gap_in_the_trace_is_bridged_by_what_was_before(tmp_path):
    file = tmp_path / "house.csv"
    rows = ["t1,,230,10", "t2,300,,20", "t3,nan,240,", "t4,400,241,-1"]
    file.write_text("\n".join(["time_local,load_w,voltage_v,pv_w_per_kwp", *rows]))
    samples, times = surplus.samples_of(file, 8.0)
    assert times == ["t1", "t2", "t3", "t4"]
    assert [one.load_watts for one in samples] == [300.0, 300.0, 300.0, 400.0]
    assert [one.volts for one in samples] == [230.0, 230.0, 240.0, 241.0]
    assert [one.solar_watts for one in samples] == [80.0, 160.0, 160.0, 0.0]
    file.write_text("time_local,load_w,voltage_v,pv_w_per_kwp\nt1,300,,10")
    with pytest.raises(SystemExit, match="voltage_v is empty"):
        surplus.samples_of(file, 8.0)


@pytest.mark.once
def test_a_house_that_is_ahead_of_the_sun_begins_again_at_the_end(tmp_path):
    file = tmp_path / "house.csv"
    rows = [f"t{minute},{minute},{200 + minute // 1440},{minute}" for minute in range(3 * 1440)]
    file.write_text("\n".join(["time_local,load_w,voltage_v,pv_w_per_kwp", *rows]))
    samples, _ = surplus.samples_of(file, 1.0, shift_days=2)
    assert [one.load_watts for one in samples[::1440]] == [2880.0, 0.0, 1440.0]
    assert [one.volts for one in samples[::1440]] == [202.0, 200.0, 201.0]
    assert [one.solar_watts for one in samples[::1440]] == [0.0, 1440.0, 2880.0]


@pytest.mark.once
def test_a_car_that_stays_below_its_offer_takes_less(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [0.0] * 60)
    taken = []
    for shortfall in ("0", "3"):
        _run(monkeypatch, file, "--only", "evcc_min", "--json", "--shortfall", shortfall)
        taken.append(json.loads(capsys.readouterr().out)["evcc_min"]["car_kwh"])
    assert taken == [1.4, 0.7]


@pytest.mark.once
def test_ours_keeps_the_minimum_where_it_is_told_to(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [0.0] * 60)
    taken = []
    for mode in ("solar", "solar_min"):
        _run(monkeypatch, file, "--only", "ours", "--json", "--mode", mode)
        taken.append(json.loads(capsys.readouterr().out)["ours"]["car_kwh"])
    assert taken == [0.0, 1.4]


@pytest.mark.once
def test_who_looks_between_two_minutes_sees_a_cloud_later(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [1000.0, 500.0] * 30)

    def bought(late: str) -> float:
        _run(monkeypatch, file, "--only", "naive", "--json", "--peers-late", late)
        return json.loads(capsys.readouterr().out)["naive"]["grid_kwh"]

    assert bought("10") > 2 * bought("0") > 0


@pytest.mark.once
def test_a_fuse_is_watched_when_there_is_one(tmp_path, monkeypatch, capsys):
    file = _trace(tmp_path, [0.0] * 60)
    for fuse, least, most in ((("--fuse", "6"), 3000, 3600), ((), 0, 0)):
        _run(monkeypatch, file, "--only", "evcc_min", "--json", *fuse)
        figures = json.loads(capsys.readouterr().out)["evcc_min"]
        assert least <= figures["fuse_seconds_over"] <= most


@pytest.mark.once
def test_a_day_that_is_not_in_the_trace_is_not_drawn(tmp_path, monkeypatch):
    file = _trace(tmp_path, [500.0] * 20)
    with pytest.raises(
        SystemExit, match="There is no 2026-07-01 in this trace, only 2026-06-01 to 2026-06-01"
    ):
        _run(monkeypatch, file, "--plot", str(tmp_path / "day.png"), "--day", "2026-07-01")


def test_a_day_is_drawn(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="only the current environment draws")
    picture = tmp_path / "day.png"
    file = _trace(tmp_path, [0.0] * 1440 + [100.0] * 1440)
    _run(monkeypatch, file, "--only", "naive", "evcc", "--plot", str(picture), "--day", "2026-06-02")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000
