"""The bundled fits are those that the bundled prices give: every month, refitted."""

from __future__ import annotations

import pytest
from benchmarks.calibration import bundled_bars

from brentwatch.core.forecasts import table
from brentwatch.core.monitor.bundling import bundle_fits
from brentwatch.history.rules import load_fits

pytestmark = pytest.mark.slow


def test_every_month_is_fitted_as_it_is_bundled() -> None:
    made = bundle_fits(bundled_bars(), [table.load(name) for name in table.ADAPTIVE])
    kept = load_fits()

    assert made.keys() == kept.keys()
    for month, row in made.items():
        assert (row.checksum, row.since, row.fit.fitted_through) == (
            kept[month].checksum,
            kept[month].since,
            kept[month].fit.fitted_through,
        )
        # The optimiser ends a little elsewhere on another machine; no p moves by more than 1e-4 for it.
        assert row.fit.variance**0.5 == pytest.approx(kept[month].fit.variance ** 0.5, rel=2e-2)
        assert row.log_k == pytest.approx(kept[month].log_k, abs=0.07)
        for name in ("arch_lm_p", "ljung_box_p", "jarque_bera_p"):
            made_p, kept_p = getattr(row.fit.diagnostics, name), getattr(kept[month].fit.diagnostics, name)
            assert made_p == pytest.approx(kept_p, abs=0.02)
        assert row.fit.n == kept[month].fit.n
