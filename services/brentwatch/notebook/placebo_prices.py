"""The prices of a calibration: read once for all models, with what was left out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from brentwatch.core.calibration.daily import Placebo, explain_untested, run_placebos
from brentwatch.core.domain import Instrument, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.fits import select_fits
from brentwatch.history.rules import load_fits
from brentwatch.notebook.given_prices import read_given_prices, warn_of

if TYPE_CHECKING:
    import pandas as pd

    from brentwatch.notebook.names import Prices


class PlaceboPrices:
    """The prices of a calibration, read once for all models."""

    def __init__(self, prices: Prices | None, instrument: str | Instrument | None) -> None:
        given = read_given_prices(prices, instrument)
        self._untested, self._bars = given.find_untested(), given.build_bars()
        self._left_out, self._notes = given.all_left_out, given.notes

    def test_model(self, model: str, windows: Sequence[Window]) -> tuple[Placebo, ...]:
        """The placebos of a model.

        Raises:
            InvalidInput: if there is none; the reason says what is missing.
        """
        chosen, bars = table.load(model), self._bars
        found = run_placebos(bars, chosen, select_fits(bars, load_fits()), windows, self._untested)
        if not found:
            reason = explain_untested(bars, chosen, windows[0], self._untested)
            raise InvalidInput(f"no session can be tested: {reason}", *self._notes)
        return found

    def add_notes(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The result with the notes in its `attrs`; what was left out is also a warning."""
        frame.attrs["notes"] = self._notes
        warn_of(*self._left_out, callers=2)
        return frame
