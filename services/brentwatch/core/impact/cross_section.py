"""What the size of a move after an event goes with: |z| of its session on exposure, nearness, class, novelty.

A session with events is one row, however many events it has: its event of the highest relevance counts. |z|
is the absolute abnormal return in forecast standard errors. The coefficients come from least squares. Their
errors are HC3 (MacKinnon, White 1985), which hold where large moves vary more than small ones, and p comes
from Student's t with n - k degrees of freedom.

The regression describes the events that it was given. It tests nothing about a single event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from brentwatch.core.domain import (
    CLASS_GROUPS,
    HEADLINE,
    ClassGroup,
    EventAdmitted,
    Found,
    Refused,
    SessionStudy,
)
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.forecasts.table import HEADLINE_MODEL

FEWEST_OF_A_KIND = 5
"""A regressor that leaves its most frequent value in fewer sessions is left out: it would be a few events."""

FEWEST_PER_COEFFICIENT = 10
FEWEST_ROWS = 30
NOVEL_WITHIN = timedelta(days=3)
POWER = 0.80
_LEVEL = 0.05
_WHOLE = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSectionRow:
    """One session with events. `exposure` is None if unknown; `novelty` is 1 for the first of its kind."""

    session: date
    z: float
    exposure: float | None
    nearness: float
    group: ClassGroup
    novelty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How |z| changes if a regressor rises from 0 to 1, others equal.

    `error` is HC3's, `low` to `high` the 95 % range. `detectable` is the slope that the test finds four times
    in five at a level of 0.05.
    """

    name: str
    value: float
    error: float
    low: float
    high: float
    p: float
    detectable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSection:
    """The regression over `n` sessions.

    `intercept` comes first and is no slope. `slopes` of groups compare with `reference`, the most frequent
    group and those too small for a slope. `joint_p` is the p of "no slope differs from zero" (F with HC3
    errors). `left_out` names the regressors without a slope and says why. `without_exposure` sessions have
    unknown exposure and are not among the n. `mean` is the mean |z|.
    """

    n: int
    mean: float
    intercept: Slope
    slopes: tuple[Slope, ...]
    r_squared: float
    joint_p: float
    degrees_of_freedom: int
    reference: ClassGroup
    left_out: Mapping[str, str]
    without_exposure: int


def collect_rows(
    studies: Iterable[SessionStudy], admitted: Mapping[str, EventAdmitted]
) -> tuple[CrossSectionRow, ...]:
    """A row for each session test that found an answer and has an event for which it is the first session.

    Args:
        studies: any; the [0, 0] studies of the headline model count, each id in its last revision.
        admitted: the events by id, in the revision that counts. One without a novelty gets 1 / (1 + n), n the
            events of its country and class that were known in the three days before it.
    """
    latest = {study.study_id: study for study in sorted(studies, key=lambda each: each.revision)}
    tested = sorted(
        (each for each in latest.values() if (each.window, each.model) == (HEADLINE, HEADLINE_MODEL)),
        key=lambda each: each.session,
    )
    rows = (_build_row(study, admitted) for study in tested)
    return tuple(row for row in rows if row is not None)


def _build_row(study: SessionStudy, admitted: Mapping[str, EventAdmitted]) -> CrossSectionRow | None:
    first = [ref.event_id for ref in study.events if not ref.carried]
    known = [admitted[each] for each in first if each in admitted]
    if not known or not isinstance(study.result, Found):
        return None
    chosen = max(known, key=lambda each: (each.relevance, each.event.event_id))
    return CrossSectionRow(
        session=study.session,
        z=study.result.statistic,
        exposure=None if chosen.exposure is None else chosen.exposure.weight,
        nearness=chosen.nearness,
        group=CLASS_GROUPS[chosen.event.event_class],
        novelty=_find_novelty(chosen, admitted.values()),
    )


def _find_novelty(chosen: EventAdmitted, admitted: Iterable[EventAdmitted]) -> float:
    event = chosen.event
    if event.novelty is not None:
        return event.novelty
    since = event.known_at - NOVEL_WITHIN
    kind = event.country, event.event_class
    before = sum(
        (each.event.country, each.event.event_class) == kind and since <= each.known_at < event.known_at
        for each in admitted
    )
    return 1.0 / (1.0 + before)


def regress_sizes(rows: Sequence[CrossSectionRow]) -> CrossSection | Refused:
    """The regression of |z| on exposure, nearness, novelty and the group of the class, by `statsmodels`.

    Refused below `FEWEST_ROWS` sessions of known exposure, below `FEWEST_PER_COEFFICIENT` for each
    coefficient, and if no regressor varies.
    """
    known = [row for row in rows if row.exposure is not None]
    if len(known) < FEWEST_ROWS:
        return _refuse_few(len(known), FEWEST_ROWS)
    reference, columns = _list_columns(known)
    kept, left_out = _select_columns(columns)
    if not kept:
        return Refused(
            f"nothing varies over {len(known)} sessions ({'; '.join(left_out.values())}); expected events "
            "that differ in exposure, nearness, novelty or class; give more events"
        )
    if len(known) < FEWEST_PER_COEFFICIENT * (len(kept) + 1):
        return _refuse_few(len(known), FEWEST_PER_COEFFICIENT * (len(kept) + 1))
    sizes = np.abs([row.z for row in known])
    if np.ptp(sizes) == 0.0:
        return Refused(f"every |z| is {sizes[0]:g}; expected moves that differ; give other sessions")
    if (lone := _find_lone_row(kept)) is not None:
        return Refused(
            f"session {known[lone].session} alone decides a coefficient, so it has no HC3 error; expected "
            "several events of each kind; give more events, or leave that one out"
        )
    fitted = _fit(sizes, kept, reference)
    return replace(fitted, left_out=left_out, without_exposure=len(rows) - len(known))


def _refuse_few(n: int, fewest: int) -> Refused:
    return Refused(
        f"too few to say: {n} sessions with an event of known exposure; expected {fewest} or more; give more "
        "events"
    )


def _list_columns(rows: Sequence[CrossSectionRow]) -> tuple[ClassGroup, dict[str, Floats]]:
    """The name of the group to compare with, and the regressors by name."""
    counts = Counter(row.group for row in rows)
    reference = max(counts, key=lambda group: (counts[group], group))
    columns = {
        "exposure": np.array([row.exposure for row in rows], dtype=np.float64),
        "nearness": np.array([row.nearness for row in rows], dtype=np.float64),
        "novelty": np.array([row.novelty for row in rows], dtype=np.float64),
    }
    for group in sorted(counts.keys() - {reference}):
        columns[str(group)] = np.array([row.group == group for row in rows], dtype=np.float64)
    return reference, columns


def _select_columns(columns: Mapping[str, Floats]) -> tuple[dict[str, Floats], dict[str, str]]:
    """The regressors that vary enough and repeat none before them, and why the others are left out."""
    kept, left_out = dict[str, Floats](), dict[str, str]()
    for name, column in columns.items():
        apart = len(column) - int(np.unique(column, return_counts=True)[1].max())
        design = np.column_stack([np.ones(len(column)), *kept.values(), column])
        if apart < FEWEST_OF_A_KIND:
            left_out[name] = f"only {apart} sessions differ in {name}" if apart else f"{name} does not vary"
        elif np.linalg.matrix_rank(design) < design.shape[1]:
            left_out[name] = f"{name} repeats the regressors before it"
        else:
            kept[name] = column
    return kept, left_out


def _find_lone_row(columns: Mapping[str, Floats]) -> int | None:
    """The row with a leverage of 1: the fit passes through it whatever its |z|. None if there is none."""
    values = list(columns.values())
    basis = np.linalg.qr(np.column_stack([np.ones(len(values[0])), *values]))[0]
    leverage = np.square(basis).sum(axis=1)
    return int(leverage.argmax()) if leverage.max() > _WHOLE else None


def _fit(sizes: Floats, columns: Mapping[str, Floats], reference: ClassGroup) -> CrossSection:
    from scipy.special import stdtrit
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(sizes)), *columns.values()])
    fitted = OLS(sizes, design).fit(cov_type="HC3", use_t=True)
    df = len(sizes) - design.shape[1]
    power = float(stdtrit(df, 1.0 - _LEVEL / 2.0) + stdtrit(df, POWER))
    table = zip(fitted.params, fitted.bse, fitted.conf_int(_LEVEL), fitted.pvalues, strict=True)
    intercept, *slopes = _build_slopes(("intercept", *columns), table, power)
    joint = fitted.f_test(np.eye(design.shape[1])[1:])
    return CrossSection(
        n=len(sizes),
        mean=float(sizes.mean()),
        intercept=intercept,
        slopes=tuple(slopes),
        r_squared=float(fitted.rsquared),
        joint_p=float(joint.pvalue),
        degrees_of_freedom=df,
        reference=reference,
        left_out={},
        without_exposure=0,
    )


def _build_slopes(
    names: Iterable[str], table: Iterable[tuple[float, float, Floats, float]], power: float
) -> Iterator[Slope]:
    for name, (value, error, ends, p) in zip(names, table, strict=True):
        yield Slope(
            name=name,
            value=float(value),
            error=float(error),
            low=float(ends[0]),
            high=float(ends[1]),
            p=float(p),
            detectable=power * float(error),
        )
