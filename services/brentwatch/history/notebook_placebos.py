"""The prices of a notebook's calibration: read once for all models, with what was left out of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from brentwatch.core.calibration.daily import Placebo, explain_untested, run_placebos
from brentwatch.core.domain import Bar, Instrument, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.fits import select_fits
from brentwatch.core.sessions.roll import find_spliced_sessions
from brentwatch.history.notebook_arguments import read_instrument
from brentwatch.history.notebook_input import read_daily
from brentwatch.history.rules import load_fits
from brentwatch.history.session_rows import describe_missing, describe_spliced

if TYPE_CHECKING:
    import pandas as pd


class PricesWarning(UserWarning):
    """Rows of the prices were left out, or sessions are missing from them."""


def warn_of(*notes: str, callers: int = 1) -> None:
    """Say what was left out: a result alone does not show it.

    The line of the notebook that is named is so many `callers` above this one.
    """
    for note in notes:
        warnings.warn(note, PricesWarning, stacklevel=callers + 2)


class PlaceboPrices:
    """The prices of a calibration, read once for all models."""

    def __init__(self, prices: pd.Series[float], instrument: str | Instrument) -> None:
        series = read_instrument(instrument).series
        found = read_daily(prices, series)
        spliced = find_spliced_sessions(series.roll, tuple(found.prices))
        missing = describe_missing(tuple(found.prices), found.spans, series)
        self._untested = spliced.union(found.spans)
        self._left_out = (*found.left_out, *missing)
        self._notes = (*self._left_out, *describe_spliced(spliced, series), *found.kept)
        self._bars = [
            Bar(session=day, closes_at=series.closes_at(day), close=close)
            for day, close in found.prices.items()
        ]

    def test_model(self, model: str, windows: Sequence[Window]) -> tuple[Placebo, ...]:
        """The placebos of a model.

        Raises:
            InvalidInput: if there is none.
            SettingsError: if there is no such model.
        """
        chosen, bars = table.load(model), self._bars
        found = run_placebos(bars, chosen, select_fits(bars, load_fits()), windows, self._untested)
        if not found:
            told = explain_untested(bars, chosen, windows[0], self._untested)
            raise InvalidInput(f"no session can be tested: {told}", *self._notes)
        return found

    def add_notes(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The result with what was left out in its `attrs`, which is warned of too."""
        frame.attrs["notes"] = self._notes
        warn_of(*self._left_out, callers=2)
        return frame
