"""`impact`: the price after your own events against the forecast that the monitor would have made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from brentwatch.core.domain import Instrument
from brentwatch.core.impact.impacts import check_windows, measure_impacts
from brentwatch.history.rules import build_rules
from brentwatch.notebook.arguments import read_windows
from brentwatch.notebook.event_input import list_bare_dates, read_events
from brentwatch.notebook.given_prices import read_given_prices, warn_of
from brentwatch.notebook.impact_results import ImpactResults
from brentwatch.notebook.pooled_results import pool_events
from brentwatch.notebook.study_arguments import read_forecast_model
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from brentwatch.notebook.names import Events, ForecastModel, InstrumentName, Prices


def impact(
    events: Events,
    prices: Prices | None = None,
    model: ForecastModel = "adaptive-garch-t",
    *,
    windows: tuple[int, int] | Sequence[tuple[int, int]] = ((0, 0), (0, 1), (0, 5)),
    instrument: InstrumentName | Instrument | None = None,
) -> ImpactResults:
    """The impact of your own events on the price, as the monitor tests it.

    The return after each event is compared with the forecast made at the settlement before it. The figures
    are
    those that the monitor publishes, and `brentwatch replay` prints, for the same sessions, windows and
    prices. Session 0 of an event is the first session that settles after it. A date without a time belongs to
    the session of that date, or the first one later, and may belong to the next: both are tested.

    Args:
        events: names with their dates. A dict, a Series (dates by name, or names by date), a DataFrame with a
            column `event` and a column `date` or `known_at` (such as that of `bundled_events`), or a list of
            dates. A date is ISO 8601 text, a `date`, a `datetime`, a `Timestamp` or a `datetime64`. A time
            needs its time zone: "2019-09-14T00:45Z".
        prices: USD/bbl by date, one for each session. A Series, a DataFrame with one price column, or what
            `yfinance.download` returns. By default the bundled Brent spot of the EIA. Give all the prices
            there are: the first test needs 500 returns before it, and adaptive models learn from all of them.
        model: of normal returns: `adaptive-garch-t` (that of the monitor), `adaptive-rank`, `garch-t`,
            `constant-mean` (the textbook) or `ewma-rank`.
        windows: the first and the last session of each, both inclusive: (0, 1) is two sessions. The first
            must be 0. A window that has not ended is tested as far as it has prices.
        instrument: says which days are sessions, when they settle and what the alert level is. By default
            `brent-spot` (London); for a frame of yfinance with the ticker BZ=F or CL=F `brent-front` or
            `wti-front` (Globex).

    Returns:
        The results, with `summary()`, `plot()` and `to_frame()`; `pooled()` tests all events together.
        An event that cannot be tested is in `refused` with the reason.

    Raises:
        InvalidInput: if an argument cannot be used; with every fault.
    """
    faults = Faults()
    chosen = faults.attempt(partial(read_forecast_model, model))
    asked = faults.attempt(lambda: check_windows(read_windows("windows", windows)))
    moments = faults.attempt(partial(read_events, events))
    given = faults.attempt(partial(read_given_prices, prices, instrument))
    if faults or chosen is None or asked is None or moments is None or given is None:
        raise faults.build_error()
    bars, rules = given.build_bars(), build_rules(given.instrument)
    if not given.bundled:  # what was measured on the bundled prices says nothing about others
        rules = replace(rules, calibrations={})
    impacts = measure_impacts(moments, bars, rules, chosen, asked)
    warn_of(*given.all_left_out)
    notes = (*given.notes, *list_bare_dates(moments, "both are tested"))
    pool = partial(pool_events, moments, bars, rules, chosen, asked)
    return ImpactResults(impacts, rules.find_calibration(chosen, bars[-1].session), notes, pool)
