"""The benchmarks run and report honestly. How fast anything is, no test says: machines differ."""

import json
import sys

import pytest

from benchmarks import __main__ as benchmarks, bus, goals
from benchmarks.figures import Figure, percentile, spread
from benchmarks.report import as_json, as_table

pytestmark = pytest.mark.once

REACHED = Figure(name="limit to wire", value=0.7, unit="× interval", at_most=1.2)
MISSED = Figure(name="rows, idle", value=1234, unit="rows/h", at_most=120)
PLAIN = Figure(name="decoding", value=98085.4, unit="frames/s")


def test_a_percentile_is_a_value_that_was_measured():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, percent) for percent in (0, 20, 50, 99, 100)] == [1.0, 1.0, 3.0, 5.0, 5.0]


def test_nothing_measured_is_no_percentile():
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_only_the_99th_percentile_of_a_spread_has_the_goal():
    median, p99, longest = spread("interval", [1.0] * 99 + [9.0], "s", p99_at_most=2.5)
    assert (median.value, p99.value, longest.value) == (1.0, 1.0, 9.0)
    assert (median.reached, p99.reached, longest.reached) == (None, True, None)


def test_the_table_says_which_goals_are_missed():
    lines = as_table({"bus": [REACHED, MISSED], "protocol": [PLAIN]}).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert cells == [
        ["bus", "limit to wire", "0.7", "× interval", "≤ 1.2", "reached"],
        ["", "rows, idle", "1,234", "rows/h", "≤ 120", "MISSED"],
        ["protocol", "decoding", "98,085", "frames/s", "", ""],
    ]


def test_json_has_every_figure_and_what_it_was_measured_with():
    report = as_json({"bus": [MISSED], "protocol": [PLAIN]})
    assert set(report["environment"]) == {"home_assistant", "python", "system", "cores"}
    assert [(figure["benchmark"], figure["reached"]) for figure in report["figures"]] == [
        ("bus", False),
        ("protocol", None),
    ]


def test_one_benchmark_can_be_run_by_itself(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", "protocol", "--quick", "--json"])
    benchmarks.main()
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert [figure["name"] for figure in figures] == ["decoding", "encoding"]
    assert all(figure["value"] > 0 for figure in figures)


async def test_the_simulated_bus_speaks_after_it_has_listened_and_sooner_after_a_restart():
    cold, warm = await bus.first_heartbeats()
    assert cold.value == pytest.approx(12.0, abs=0.5)
    assert warm.value <= goals.WARM_START_SECONDS
