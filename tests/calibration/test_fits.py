"""The bundled fits are those that the bundled prices give: every month, refitted."""

from __future__ import annotations

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.forecasts import table
from brentwatch.core.monitor.bundling import bundle_fits
from brentwatch.history.rules import load_fits

pytestmark = pytest.mark.slow


def test_every_month_is_fitted_as_it_is_bundled() -> None:
    made = bundle_fits(bundled_bars(), table.load(table.HEADLINE_MODEL))
    kept = load_fits()

    assert made.keys() == kept.keys()
    for month, row in made.items():
        assert (row.checksum, row.memory.since, row.fit.fitted_through) == (
            kept[month].checksum,
            kept[month].memory.since,
            kept[month].fit.fitted_through,
        )
        # The optimiser ends a little elsewhere on another machine; no p moves by more than 1e-4 for it.
        assert row.fit.variance**0.5 == pytest.approx(kept[month].fit.variance ** 0.5, rel=2e-2)
        assert row.fit.calendar == pytest.approx(kept[month].fit.calendar, rel=2e-2)
        assert row.memory.log_k == pytest.approx(kept[month].memory.log_k, abs=0.07)
        for side in ("up", "down"):
            made_tail, kept_tail = getattr(row.memory, side), getattr(kept[month].memory, side)
            assert made_tail.log_k == pytest.approx(kept_tail.log_k, abs=0.13)
            assert made_tail.bend == pytest.approx(kept_tail.bend, abs=0.13)
        for name in ("arch_lm_p", "ljung_box_p", "jarque_bera_p"):
            made_p, kept_p = getattr(row.fit.diagnostics, name), getattr(kept[month].fit.diagnostics, name)
            assert made_p == pytest.approx(kept_p, abs=0.02)
        assert row.fit.n == kept[month].fit.n
