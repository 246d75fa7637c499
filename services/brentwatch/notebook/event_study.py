"""`event_study`: the classical event study of many events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from brentwatch.core.domain import Instrument
from brentwatch.notebook.classical import study_windows
from brentwatch.notebook.event_input import read_events
from brentwatch.notebook.given_prices import read_given_prices
from brentwatch.notebook.study_arguments import DEFAULT_WINDOW, read_classical_model, read_designs
from brentwatch.notebook.study_results import EventStudyResults
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from brentwatch.notebook.names import ClassicalModel, Events, InstrumentName, Prices


def event_study(
    events: Events,
    prices: Prices | None = None,
    benchmark: Prices | None = None,
    *,
    model: ClassicalModel = "constant-mean",
    windows: Sequence[tuple[int, int]] | None = None,
    window: tuple[int, int] = DEFAULT_WINDOW,
    estimation: int = 120,
    gap: int = 5,
    span: bool = False,
    instrument: InstrumentName | Instrument | None = None,
) -> EventStudyResults:
    """The classical event study, as `brentwatch study` does it: the p-values are the textbook's.

    Session 0 of an event is the first session that settles after it. For a date without a time it is the
    session of that date, or the first one later, although the news may have come after that settlement.

    Args:
        events: names with their dates. A dict, a Series (dates by name, or names by date), a DataFrame with a
            column `event` and a column `date` or `known_at` (such as that of `bundled_events`), or a list of
            dates. A date is ISO 8601 text, a `date`, a `datetime`, a `Timestamp` or a `datetime64`. A time
            needs its time zone: "2019-09-14T00:45Z".
        prices: USD/bbl by date, one for each session. A Series, a DataFrame with one price column, or what
            `yfinance.download` returns. By default the bundled Brent spot of the EIA.
        benchmark: prices by date, for `market-adjusted` and `market`; for `factors` a DataFrame with a column
            of levels for each factor. `constant-mean` does not read it.
        model: of normal returns: `constant-mean`, `market-adjusted`, `market` or `factors`.
        windows: several windows in one call, such as [(0, 0), (0, 1), (0, 5)]; replaces `window`.
        window: the first and the last session of the event window, both inclusive: (0, 1) is two sessions.
        estimation: sessions to estimate on.
        gap: sessions between the estimation window and the event window.
        span: test returns over missing sessions too, with the mean and the variance of as many sessions.
            Otherwise an event with such a return in its window is refused.
        instrument: says which days are sessions and when they settle (London or New York time). By default
            `brent-spot`; for a frame of yfinance with the ticker BZ=F or CL=F `brent-front` or `wti-front`.

    Returns:
        The results, with `summary()`, `plot()`, `to_frame()` and `fit(event)`. An event that cannot be
        studied
        is in `refused` with the reason.

    Raises:
        InvalidInput: if an argument cannot be used; with every fault.
    """
    faults = Faults()
    chosen = faults.attempt(partial(read_classical_model, model))
    designs = faults.attempt(partial(read_designs, windows, window, estimation, gap, span))
    moments = faults.attempt(partial(read_events, events))
    given = faults.attempt(partial(read_given_prices, prices, instrument))
    if faults or chosen is None or designs is None or moments is None or given is None:
        raise faults.build_error()
    return study_windows(moments, given, benchmark, chosen, designs)
