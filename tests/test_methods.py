"""The methods page tells the truth: its tables are what the records and the validation spans say."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from benchmarks import calibration_targets as targets

from brentwatch.core.calibration.dimensions import measure_dimension
from brentwatch.core.domain import GroupSize
from brentwatch.core.domain.shares import ExactShare
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.intraday.provisional import ALLOWANCE
from brentwatch.history.bundled import load_heads_up_records
from brentwatch.history.dimension_record import find_sizes, load_dimensions

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
RATES = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
RECORD = load_dimensions()
NAMES = {"Brent spot": "brent_spot", "WTI spot": "wti_spot", "Henry Hub gas": "henry_hub_spot"}
A_SESSION = 1.5


def read_rows(beginning: str) -> list[list[str]]:
    """The cells of the rows that begin so, of all tables."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TEXT.splitlines()
        if line.startswith(f"| {beginning}")
    ]


@cache
def gaps(edition: int, name: str, level: float) -> tuple[GroupSize, ...]:
    sizes = measure_dimension("gap", targets.run_validation_spans(edition)[name])
    return tuple(size for size in sizes if size.nominal == level)


@pytest.mark.parametrize("series", NAMES)
def test_the_sizes_by_gap_are_those_of_both_editions(series: str) -> None:
    for level, cells in zip((0.05, 0.01), read_rows(series), strict=True):
        for place, cell in enumerate(cells[1:4]):
            told = [float(number) for number in re.findall(r"\d\.\d+", cell)]
            found = [gaps(edition, NAMES[series], level)[place] for edition in (2, 1)]
            assert len(told) == 2
            for share, size in zip(told, found, strict=True):
                assert share == pytest.approx(size.size, abs=6e-4 + A_SESSION / size.n)


@pytest.mark.parametrize("series", NAMES)
def test_the_alarms_up_and_down_are_those_of_both_editions(series: str) -> None:
    (_, cells) = read_rows(series)
    told = [int(number) for number in re.findall(r"\d+", cells[4])]
    found = [
        count
        for edition in (2, 1)
        for count in targets.count_directions(targets.run_validation_spans(edition)[NAMES[series]])
    ]

    assert told == pytest.approx(found, abs=2)


def test_the_coverage_is_that_of_the_record() -> None:
    ((_, *cells),) = read_rows("range given an alert")
    _, *sizes = find_sizes(RECORD, "brent-spot", HEADLINE_MODEL, "coverage")

    assert [float(cell) for cell in cells] == pytest.approx([size.size for size in sizes], abs=0.006)
    ((_, *counts),) = read_rows("alerts ")
    assert [int(cell.replace(",", "")) for cell in counts] == [size.n for size in sizes]


def test_the_heads_ups_are_those_of_the_record() -> None:
    record = load_heads_up_records()[-1]
    share = ExactShare(record.abnormal, record.count)
    low, high = share.low, share.high

    assert (
        f"{record.count} sessions since {record.first.year} had a heads-up and were tested; "
        f"{record.abnormal} were abnormal. That is {100 * record.abnormal / record.count:.0f} %, with a 95 % "
        f"range of {100 * low:.0f} to {100 * high:.0f} %, where {100 * record.placebo:.1f} % of all sessions"
    ) in TEXT


def test_a_provisional_move_counts_by_as_much_less_as_it_says() -> None:
    assert f"the provisional move counts by {100 * ALLOWANCE:.1f} % less" in TEXT


def test_the_fifths_are_those_of_the_record() -> None:
    fifths = [
        each.size
        for each in find_sizes(RECORD, "brent-spot", HEADLINE_MODEL, "fifth")
        if each.nominal == 0.05
    ]

    assert f"at 0.05 on the bundled prices: {', '.join(f'{size:.3f}' for size in fifths)}, each" in TEXT


@pytest.mark.parametrize(
    ("series", "model"),
    [
        ("brent-spot", HEADLINE_MODEL),
        ("brent-spot", "garch-t"),
        ("brent-spot", "constant-mean"),
        ("brent-front", HEADLINE_MODEL),
    ],
)
def test_the_page_on_rates_has_the_sizes_by_gap_and_direction_of_the_record(series: str, model: str) -> None:
    def percent(size: GroupSize, digits: int) -> str:
        return " ± ".join(f"{100.0 * share:.{digits}f}" for share in (size.size, size.error)) + " %"

    shares = [each for each in find_sizes(RECORD, series, model, "gap") if each.nominal == 0.05]
    ways = [each for each in find_sizes(RECORD, series, model, "direction") if each.nominal == 0.005]
    cells = [
        *(percent(each, 1) for each in shares),
        *(percent(each, 2) for each in ways),
    ]
    name = f"`{model}`" if model != "constant-mean" else "textbook t, `constant-mean`"
    where = "" if series == "brent-spot" else f" on `{series}`"

    assert f"| {name}{where} | {' | '.join(cells)} |" in RATES
