"""The scores of recorded forecasts, over all sessions, by year and by fifth of turbulence.

A forecast is compared with those of peers for the same sessions. The standard error of a mean difference
allows for its autocorrelation (Newey, West 1987: Bartlett weights, floor(4 (n / 100)^(2/9)) lags), as in the
test of Diebold and Mariano (1995).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from brentwatch.core.calibration.scoring_rules import ScoredForecast
from brentwatch.core.calibration.uniformity import (
    apply_berkowitz,
    apply_chi_squared,
    apply_christoffersen,
    apply_kolmogorov_smirnov,
)
from brentwatch.core.domain import FitTest
from brentwatch.core.domain.arrays import Bools, Floats

_FIFTHS = ("1, calmest", "2", "3", "4", "5, most turbulent")
_FEWEST = 100
_LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSession:
    """A session that was tested: its return `value`, `low` to `high` its normal range, and its forecasts.

    `pit` is the probability of a return at or below `value`, `turbulence` is that known the session before.
    """

    session: date
    value: float
    low: float
    high: float
    p: float
    pit: float
    turbulence: float
    forecast: ScoredForecast
    peers: Mapping[str, ScoredForecast]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """By how much the forecast scored better than a `peer` in `n` sessions, with standard errors.

    `log_gain` is in log density. `crps_gain` is the share of the peer's mean CRPS.
    """

    peer: str
    n: int
    log_gain: float
    log_error: float
    crps_gain: float
    crps_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreGroup:
    """The scores of `n` sessions: `covered` lay in their normal range, `alarms` had p at or below 0.05."""

    dimension: str
    group: str
    n: int
    covered: int
    alarms: int
    log_score: float
    crps: float
    gains: tuple[Gain, ...]


def score_record(sessions: Sequence[RecordedSession]) -> list[ScoreGroup]:
    """The scores of each group, all sessions first; empty without a session."""
    if not sessions:
        return []
    scores = _Scores(sessions)
    return [scores.summarise(*each) for each in _list_groups(sessions)]


def check_uniformity(sessions: Sequence[RecordedSession]) -> list[FitTest]:
    """Tests of fit of the PIT, in the order of the sessions; empty for fewer than a hundred."""
    if len(sessions) < _FEWEST:
        return []
    u = np.array([each.pit for each in sessions])
    alarms = np.array([each.p <= _LEVEL for each in sessions], dtype=np.bool_)
    return [
        apply_kolmogorov_smirnov(u),
        apply_chi_squared(u),
        apply_berkowitz(u),
        apply_christoffersen(alarms),
    ]


def _list_groups(sessions: Sequence[RecordedSession]) -> Iterator[tuple[str, str, Bools]]:
    """Dimension, name and members of each group."""
    yield "all", "all", np.ones(len(sessions), dtype=np.bool_)
    years = np.array([each.session.year for each in sessions])
    for year in sorted(set(years.tolist())):
        yield "year", str(year), years == year
    if len(sessions) >= len(_FIFTHS):
        order = np.array([each.turbulence for each in sessions]).argsort(kind="stable")
        for name, places in zip(_FIFTHS, np.array_split(order, len(_FIFTHS)), strict=True):
            yield "fifth", name, np.isin(np.arange(len(sessions)), places)


class _Scores:
    """The scores of each session, by the forecast and by its peers; NaN where a peer has no forecast."""

    def __init__(self, sessions: Sequence[RecordedSession]) -> None:
        self._covered = np.array([each.low <= each.value <= each.high for each in sessions])
        self._alarms = np.array([each.p <= _LEVEL for each in sessions])
        self._own = _score([each.forecast for each in sessions], sessions)
        names = sorted({name for each in sessions for name in each.peers})
        self._peers = {name: _score([each.peers.get(name) for each in sessions], sessions) for name in names}

    def summarise(self, dimension: str, group: str, members: Bools) -> ScoreGroup:
        log, crps = self._own[members].mean(axis=0).tolist()
        return ScoreGroup(
            dimension=dimension,
            group=group,
            n=int(np.count_nonzero(members)),
            covered=int(np.count_nonzero(self._covered & members)),
            alarms=int(np.count_nonzero(self._alarms & members)),
            log_score=log,
            crps=crps,
            gains=tuple(self._list_gains(members)),
        )

    def _list_gains(self, members: Bools) -> Iterator[Gain]:
        for name, scores in self._peers.items():
            both = members & np.isfinite(scores[:, 0])
            if not both.any():
                continue
            better = self._own - scores
            usual = float(scores[both, 1].mean())
            yield Gain(
                peer=name,
                n=int(np.count_nonzero(both)),
                log_gain=float(better[both, 0].mean()),
                log_error=estimate_mean_error(better[:, 0], both),
                crps_gain=-float(better[both, 1].mean()) / usual,
                crps_error=estimate_mean_error(better[:, 1], both) / usual,
            )


def _score(forecasts: Sequence[ScoredForecast | None], sessions: Sequence[RecordedSession]) -> Floats:
    """Log score and CRPS of each session, a row each."""
    rows = [
        (np.nan, np.nan) if each is None else (each.find_log_score(of.value), each.find_crps(of.value))
        for each, of in zip(forecasts, sessions, strict=True)
    ]
    return np.array(rows)


def estimate_mean_error(values: Floats, members: Bools) -> float:
    """The standard error of the mean of the members of a series, whose other values are not used.

    Returns NaN for fewer than two members.
    """
    count = int(np.count_nonzero(members))
    if count < 2:
        return float("nan")
    centred = np.where(members, values - values[members].mean(), 0.0)
    lags = int(4.0 * (count / 100.0) ** (2.0 / 9.0))
    total = float(centred @ centred)
    for lag in range(1, min(lags, len(centred) - 1) + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(centred[lag:] @ centred[:-lag])
    return float(np.sqrt(max(total, 0.0))) / count
