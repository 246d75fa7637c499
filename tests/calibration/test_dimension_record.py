"""The record by dimension is what the headline does on the bundled prices today, and says what it must.

`make calibration` makes it anew. Fitted p-values agree between machines to about 3e-5.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from benchmarks import calibration as maker

from brentwatch.core.domain import FitTest, GroupSize
from brentwatch.core.forecasts.table import HEADLINE_MODEL, MODELS
from brentwatch.history.dimension_record import (
    FILE,
    RecordedFigure,
    dump_dimensions,
    find_sizes,
    load_dimensions,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RECORD = load_dimensions()
SPOT, FRONT, WTI = "brent-spot", "brent-front", "wti-front"
A_FEW_SESSIONS = 3.5
BY_ALERTS = ("after_alert", "coverage")
"""Their sessions are those at the alert level, of which one more or less comes and goes."""


@cache
def made_anew() -> list[GroupSize | FitTest]:
    return maker.measure_figures(HEADLINE_MODEL)


def recorded() -> list[GroupSize | FitTest]:
    return [each.figure for each in RECORD if (each.series, each.model) == (SPOT, HEADLINE_MODEL)]


def test_the_groups_are_those_of_today() -> None:
    made, kept = made_anew(), recorded()

    assert [name_figure(each) for each in made] == [name_figure(each) for each in kept]


def name_figure(figure: GroupSize | FitTest) -> tuple[object, ...]:
    match figure:
        case GroupSize():
            return figure.dimension, figure.group, figure.nominal
        case FitTest():
            return figure.name, figure.n, figure.degrees_of_freedom, figure.null


def test_the_sizes_are_those_of_today() -> None:
    for made, kept in zip(made_anew(), recorded(), strict=True):
        if isinstance(made, GroupSize) and isinstance(kept, GroupSize):
            spare = A_FEW_SESSIONS if made.dimension in BY_ALERTS else 0.0
            assert made.n == pytest.approx(kept.n, abs=spare)
            assert made.size == pytest.approx(kept.size, abs=A_FEW_SESSIONS / kept.n)
            assert made.error == pytest.approx(kept.error, rel=0.5)


def test_the_tests_of_the_fit_are_those_of_today() -> None:
    for made, kept in zip(made_anew(), recorded(), strict=True):
        if isinstance(made, FitTest) and isinstance(kept, FitTest):
            assert made.statistic == pytest.approx(kept.statistic, rel=0.15, abs=0.5)


@pytest.mark.parametrize("series", [SPOT, FRONT, WTI])
def test_every_model_has_every_dimension(series: str) -> None:
    whole = ["gap", "direction", "weekday", "month", "year", "fifth", "shock", "expiry", "after_alert"]
    expected = [name for name in [*whole, "coverage", "pit"] if series != SPOT or name != "expiry"]
    for model in MODELS:
        told = [each.figure.dimension for each in RECORD if (each.series, each.model) == (series, model)]
        assert list(dict.fromkeys(told)) == expected


def test_no_gap_of_the_headline_is_wrong_by_more_than_two_errors() -> None:
    for size in find_sizes(RECORD, SPOT, HEADLINE_MODEL, "gap"):
        assert abs(size.size - size.nominal) <= 2.0 * size.error + 1e-4


def test_the_textbook_is_wrong_by_day_of_the_week_and_by_direction() -> None:
    monday = next(
        each for each in find_sizes(RECORD, SPOT, "constant-mean", "weekday") if each.group == "Monday"
    )

    assert monday.size - monday.nominal > 2.0 * monday.error


def test_the_range_of_an_alert_holds_the_truth_in_93_to_98_of_100() -> None:
    for size in find_sizes(RECORD, SPOT, HEADLINE_MODEL, "coverage"):
        assert 0.93 <= size.size <= 0.98


def test_the_maker_writes_the_file_that_is_bundled() -> None:
    bundled = (files("brentwatch.history") / "data" / FILE).read_text("utf-8")

    assert maker.DIMENSION_RECORD.read_text("utf-8") == bundled
    assert dump_dimensions(RECORD) == bundled


def test_rows_that_were_measured_elsewhere_take_the_place_of_their_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, rows = tmp_path / FILE, tmp_path / "rows.csv"
    record.write_text(dump_dimensions(RECORD), encoding="utf-8")
    monkeypatch.setattr(maker, "DIMENSION_RECORD", record)
    size = GroupSize(dimension="gap", group="3 days", nominal=0.05, n=555, size=0.07, error=0.01)
    rows.write_text(dump_dimensions([RecordedFigure(FRONT, HEADLINE_MODEL, size)]), encoding="utf-8")

    assert maker.main([str(rows)]) == 0
    spot, wti = ([each for each in RECORD if each.series == name] for name in (SPOT, WTI))
    measured = RecordedFigure(FRONT, HEADLINE_MODEL, size)
    assert record.read_text("utf-8") == dump_dimensions([*spot, measured, *wti])
