"""The targets of calibration on three long series: all are kept, and a broken one is told.

The stored fits are read, so that nothing but the filter runs; some months are fitted anew to see that they
are those of today.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from benchmarks import calibration_targets as targets
from benchmarks.calibration import bundled_bars
from benchmarks.long_series import BRENT, LONG_SERIES, LongSeries, read_bars, read_fits

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.fits import month_of
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.volatility import Garch

if TYPE_CHECKING:
    from datetime import date

    from brentwatch.core.domain import Refused
    from brentwatch.core.domain.returns import Returns
    from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, NormalReturns

pytestmark = pytest.mark.slow

every_series = pytest.mark.parametrize("series", LONG_SERIES, ids=lambda series: series.name)


def test_all_targets_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert targets.main() == 0
    told = capsys.readouterr().out
    assert "BROKEN" not in told
    assert told.count("   kept ") == 65
    assert told.splitlines()[-3] == "65 of 65 targets are kept"


def test_every_gap_direction_and_range_of_every_series_has_a_target() -> None:
    found = [(each.series, each.dimension) for each in targets.measure_targets()]

    for series in LONG_SERIES:
        assert found.count((series.name, "gap")) == 6
        assert found.count((series.name, "direction")) == 1
        assert found.count((series.name, "coverage")) == 7
    assert found.count(("all", "pooled")) == 2


def test_the_first_edition_would_break_them() -> None:
    """Edition against itself: what was filed about it is what the targets see."""
    first = targets.run_validation_spans(1)
    broken = {
        (name, target.dimension, target.group)
        for name, placebos in first.items()
        for target in (
            *targets.build_gap_targets(name, placebos, placebos),
            targets.build_direction_target(name, placebos, placebos),
        )
        if not target.is_kept
    }

    assert {
        ("henry_hub_spot", "gap", "4 days and more at 0.05"),
        ("wti_spot", "gap", "4 days and more at 0.01"),
    } <= broken
    assert {name for name, dimension, _ in broken if dimension == "direction"} == {"brent_spot", "wti_spot"}
    pooled = targets.build_pooled_targets(list(first.values()), list(first.values()))
    assert [each.is_kept for each in pooled] == [False, False]


def test_a_broken_target_is_told_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = next(targets.measure_targets())
    monkeypatch.setattr(targets, "measure_targets", lambda: iter([kept, replace(kept, value=0.2)]))

    assert targets.main() == 1
    told = capsys.readouterr().out
    assert told.count("BROKEN") == 1
    assert "1 of 2 targets are kept" in told


@every_series
def test_the_stored_fits_are_those_of_today(series: LongSeries) -> None:
    fits, bars = read_fits(series), read_bars(series)
    returns, model = PriceHistory.build(bars).compute_returns(), table.load(table.HEADLINE_MODEL)

    for month in sorted(fits)[::90]:
        at = next(place for place, day in enumerate(returns.sessions) if month_of(day) == month)
        fit = model.fit(returns.select_between(max(0, at - 1_560), at))
        assert isinstance(fit, Garch)
        kept = fits[month].fit
        assert (fit.fitted_through, fit.n) == (kept.fitted_through, kept.n)
        assert fit.variance**0.5 == pytest.approx(kept.variance**0.5, rel=2e-2)
        assert fit.calendar == pytest.approx(kept.calendar, rel=2e-2)


@every_series
def test_every_month_but_the_first_has_a_stored_fit(series: LongSeries) -> None:
    """The first month begins within the burn-in: its parameters are fitted."""
    months = {month_of(bar.session) for bar in read_bars(series)[501:]}

    assert months - set(read_fits(series)) <= {min(months)}


def test_the_long_series_of_brent_ends_with_the_bundled_prices() -> None:
    bundled = [(bar.session, bar.close) for bar in bundled_bars()]
    assert [(bar.session, bar.close) for bar in read_bars(BRENT)][-len(bundled) :] == bundled


def test_the_first_edition_is_the_forecast_that_is_made_beside_the_headline() -> None:
    """`Path.single`: the same p, session by session, on three years."""
    bars = read_bars(BRENT)[-1_250:]
    first = run_placebos(bars, targets.EDITIONS[1])
    beside = run_placebos(bars, BesideTheHeadline(table.load(table.HEADLINE_MODEL)))

    assert [each.p for each in beside] == pytest.approx([each.p for each in first], rel=1e-9)


@dataclass
class BesideTheHeadline:
    """The headline, of which only the forecast beside it is tested."""

    within: NormalReturns
    name: str = "beside"
    family: str = "garch-t"
    monthly: bool = True
    adaptive: bool = True
    edition: int = 2
    newest: Path = field(default_factory=lambda: Path(()))

    def fit(self, past: Returns) -> Fit | Refused:
        return self.within.fit(past)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        path = self.within.forecast(past, fit, ahead, memory)
        assert isinstance(path, Path)
        assert path.single is not None
        self.newest = path
        return replace(path, steps=(path.single,), scale=None)

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory | None:
        return self.within.learn(memory, self.newest, value, session)
