"""A row for each event: what each test that looks at one event alone says of it, side by side.

The filtered rank is of another kind than the others: it takes the whole return of the session, whatever the
model, and measures it by the volatility that was known the session before.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.domain.returns import Returns, log_returns
from brentwatch.core.event_study.batch import Batch, EventStudy
from brentwatch.core.event_study.classical import Studies
from brentwatch.core.event_study.significance.buy_and_hold import compare_buy_and_hold
from brentwatch.core.event_study.significance.multiple_testing import benjamini_hochberg, holm
from brentwatch.core.event_study.significance.table import load_of_one_event
from brentwatch.core.event_study.views.table import Cell
from brentwatch.core.forecasts.ewma_rank import find_rank_p

COLUMNS = (
    "event_id",
    "model",
    "session",
    "ar",
    "p_ar",
    "rank_p_ar",
    "filtered_rank_p_ar",
    "car",
    "bhar",
    "p_car",
    "permutation_p_car",
    "holm_p_car",
    "bh_p_car",
)


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """AR is that of tau 0, CAR and BHAR are those of the whole window; BHAR is a simple fraction.

    What is said of AR is None where tau 0 lies outside the window, the filtered rank where the prices before
    it are too few.
    """
    studies, found = batch.studies, batch.found
    if not found:
        return
    returns = log_returns(studies.rows.sessions, studies.rows.closes).exclude(studies.rows.spans)
    at = studies.spans.at[studies.kept].tolist()
    of_cars = zip(*_list_car_columns(studies), strict=True)
    for (event_id, study), row, of_car in zip(found, at, of_cars, strict=True):
        session = studies.rows.sessions[row]
        yield (
            event_id,
            study.model,
            session.isoformat(),
            *_fill_ar_cells(study, studies, returns, session),
            *of_car,
        )


def _fill_ar_cells(study: EventStudy, studies: Studies, returns: Returns, session: date) -> tuple[Cell, ...]:
    taus = studies.design.taus
    if 0 not in taus:
        return (None, None, None, None)
    row = study.rows[taus.index(0)]
    return (row.ar, row.p_ar, row.rank_p_ar, find_rank_p(returns, session))


def _list_car_columns(studies: Studies) -> Iterator[Sequence[float | None]]:
    """By column, an entry for each event."""
    p = studies.p(studies.t_car())[:, -1]
    for values in (studies.car[:, -1], _bhar(studies), p):
        yield values.tolist()
    exchanged = load_of_one_event("permutation_p_car")(studies.build_panel())
    yield [None] * len(p) if isinstance(exchanged, Refused) else exchanged.p[:, -1].tolist()
    yield holm(p).tolist()
    yield benjamini_hochberg(p).tolist()


def _bhar(studies: Studies) -> Floats:
    judged = studies.list_places()[:, -len(studies.design.taus) :]
    returns = studies.rows.returns[judged]
    bhar: Floats = compare_buy_and_hold(returns, returns - studies.ar)[:, -1]
    return bhar
