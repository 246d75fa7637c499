"""`brentwatch calibrate --by`: sizes by group, coverage of ranges and tests of fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from brentwatch.commands.calibrate.tables import format_level, format_p
from brentwatch.commands.printer import print_rows
from brentwatch.core.domain import FitTest, GroupSize

if TYPE_CHECKING:
    from brentwatch.commands.calibrate.daily_prices import PricedSessions
    from brentwatch.core.calibration.daily import Placebo

ALL = "all"
PIT = FitTest.dimension
NAMES = (
    *("gap", "direction", "weekday", "month", "year", "fifth", "shock", "expiry", "after_alert", "coverage"),
    PIT,
)
"""Values of `--by` other than "all": `DIMENSIONS` of `core/calibration/dimensions.py`, and tests of fit."""

_TESTS = ("model", "test", "n", "statistic", "df", "p")

_TITLES = {
    "gap": "Size by calendar days since the session before",
    "direction": "Size by direction (half of each level is expected)",
    "fifth": "Size by fifth of volatility (1 = calmest)",
    "shock": "Size within 20 sessions after a shock, and later",
    "expiry": "Size by sessions since the last expiry",
    "after_alert": "Size of the windows after a session at the alert level",
    "coverage": "Coverage of the 95 % ranges, by true effect",
}
_WIDTH = 78

Figures = Sequence[tuple[str, GroupSize | FitTest]]


def choose_names(asked: Sequence[str]) -> tuple[str, ...]:
    """The dimensions to measure, each once, all in the order of `NAMES`.

    Raises:
        UsageError: if a name is unknown.
    """
    if unknown := [name for name in asked if name not in (*NAMES, ALL)]:
        raise click.BadParameter(
            f"{', '.join(map(repr, unknown))}: expected {', '.join(NAMES)} or {ALL}", param_hint="--by"
        )
    return NAMES if ALL in asked else tuple(dict.fromkeys(asked))


def measure_figures(
    series: PricedSessions, tested: Sequence[tuple[str, Placebo]], names: Sequence[str]
) -> list[tuple[str, GroupSize | FitTest]]:
    """(model, figure) of every model and dimension, the tests in windows [0, 0] and [0, 4]."""
    from brentwatch.core.calibration.dimensions import measure_dimension, split_windows
    from brentwatch.core.calibration.uniformity import run_fit_tests

    sessions = tuple(bar.session for bar in series.bars)
    found: list[tuple[str, GroupSize | FitTest]] = []
    for model in dict.fromkeys(name for name, _ in tested):
        own = [placebo for name, placebo in tested if name == model]
        placebos = split_windows(own, sessions, series.instrument.series.roll)
        for name in names:
            figures = run_fit_tests(placebos.tested) if name == PIT else measure_dimension(name, placebos)
            found.extend((model, figure) for figure in figures)
    return found


def print_figures(figures: Figures, form: str) -> None:
    """For people a table for each dimension; for programs one table, in the columns of the record."""
    from brentwatch.history.dimension_record import COLUMNS

    if form != "table":
        print_rows(COLUMNS[1:], [_build_row(model, figure) for model, figure in figures], form, keys=3)
        return
    for number, dimension in enumerate(dict.fromkeys(figure.dimension for _, figure in figures)):
        if number:
            click.echo()
        if dimension == PIT:
            _print_fit_tests([(model, each) for model, each in figures if isinstance(each, FitTest)])
        else:
            _print_sizes(dimension, figures)


def _print_sizes(dimension: str, figures: Figures) -> None:
    share = "coverage" if dimension == "coverage" else "size"
    rows = [
        {
            "model": model,
            "group": figure.group,
            "level": format_level(figure.nominal),
            "n": figure.n,
            share: figure.size,
            "error": figure.error,
        }
        for model, figure in figures
        if isinstance(figure, GroupSize) and figure.dimension == dimension
    ]
    click.echo(f"{_TITLES.get(dimension, f'Size by {dimension}')}\n")
    print_rows(("model", "group", "level", "n", share, "error"), rows, "table", keys=3)


def _print_fit_tests(tests: Sequence[tuple[str, FitTest]]) -> None:
    """The tests, and once for each its null hypothesis."""
    rows = [
        {
            "model": model,
            "test": each.name,
            "n": each.n,
            "statistic": each.statistic,
            "df": each.degrees_of_freedom,
            "p": format_p(each.p),
        }
        for model, each in tests
    ]
    click.echo("Tests of fit, on the one-sided p-values\n")
    print_rows(_TESTS, rows, "table", keys=2)
    click.echo("\nNull hypotheses:")
    for name, null in dict.fromkeys((each.name, each.null) for _, each in tests):
        for line in wrap(f"{name}: {null}", _WIDTH, initial_indent="  ", subsequent_indent="    "):
            click.echo(line)


def dump_figures(series: PricedSessions, figures: Figures) -> str:
    """The rows of the bundled record."""
    from brentwatch.history.dimension_record import RecordedFigure, dump_dimensions

    name = series.instrument.series.name
    return dump_dimensions(RecordedFigure(name, model, figure) for model, figure in figures)


def _build_row(model: str, figure: GroupSize | FitTest) -> Mapping[str, object]:
    row: dict[str, object] = {"model": model, "dimension": figure.dimension}
    match figure:
        case GroupSize():
            sizes = {"nominal": figure.nominal, "n": figure.n, "size": figure.size, "error": figure.error}
            tests = dict.fromkeys(("statistic", "df", "p", "null"))
            return {**row, "group": figure.group, **sizes, **tests}
        case FitTest():
            row |= {"group": figure.name, "nominal": None, "n": figure.n, "size": None, "error": None}
            df = figure.degrees_of_freedom
            return {**row, "statistic": figure.statistic, "df": df, "p": figure.p, "null": figure.null}
