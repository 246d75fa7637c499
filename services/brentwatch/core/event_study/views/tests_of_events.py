"""A row for each event, quantity and test: what each test that looks at one event alone says of it.

`t` is the textbook's. `rank` is the rank among the residuals of the estimation window. `ewma-rank` is of
another kind: it takes the whole return of the session, whatever the model, and measures it by the volatility
that was known the session before. `permutation` exchanges sessions. `holm` and `bh` are the p of `t` on CAR,
corrected for the batch by Holm and by Benjamini and Hochberg.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

COLUMNS = ("event", "model", "window", "session", "quantity", "value", "test", "p")


def rows(batch: Batch) -> Iterator[tuple[Cell, ...]]:
    """A row for each event, quantity and test.

    The quantity `ar` is that of tau 0, `car` and `bhar` are those of the whole window; BHAR, a simple
    fraction, has no test. Without tau 0 in the window there is no `ar`. `ewma-rank` has no p if the prices
    before it are too few, `permutation` if it cannot be run.
    """
    for found in list_tests(batch):
        named = (found.event, batch.studies.model, str(batch.studies.design.window), found.session)
        if found.ar is not None:
            for test, p in found.p_of_ar.items():
                yield (*named, "ar", found.ar, test, p)
        for test, p in found.p_of_car.items():
            yield (*named, "car", found.car, test, p)
        yield (*named, "bhar", found.bhar, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTests:
    """The tests of one event: p by test, of AR(0) and of the CAR of the whole window."""

    event: str
    session: str
    ar: float | None
    car: float
    bhar: float
    p_of_ar: Mapping[str, float | None]
    p_of_car: Mapping[str, float | None]


def list_tests(batch: Batch) -> Iterator[EventTests]:
    """The tests of each event with a result, in the order of the events."""
    studies, found = batch.studies, batch.found
    if not found:
        return
    returns = log_returns(studies.rows.sessions, studies.rows.closes).exclude(studies.rows.spans)
    at = studies.spans.at[studies.kept].tolist()
    of_cars = zip(*_list_car_columns(studies), strict=True)
    for (event, study), row, (car, bhar, *p) in zip(found, at, of_cars, strict=True):
        session = studies.rows.sessions[row]
        ar, *p_of_ar = _list_ar_values(study, studies, returns, session)
        yield EventTests(
            event=event,
            session=session.isoformat(),
            ar=ar,
            car=float(car or 0.0),
            bhar=float(bhar or 0.0),
            p_of_ar=dict(zip(_OF_AR, p_of_ar, strict=True)),
            p_of_car=dict(zip(_OF_CAR, p, strict=True)),
        )


_OF_AR = ("t", "rank", "ewma-rank")
_OF_CAR = ("t", "permutation", "holm", "bh")


def _list_ar_values(
    study: EventStudy, studies: Studies, returns: Returns, session: date
) -> tuple[float | None, ...]:
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
