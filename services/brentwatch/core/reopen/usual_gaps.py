"""The usual size of gaps, for each kind of break and at the recent level.

u = |G| / sigma is the gap relative to the normal move of a session. Each kind of break has S, N and the usual
u, c = S / N. One level E for all kinds is the recent size of gaps relative to normal (1 is normal), and
a = 1/2 + E/2. The usual gap is U = c a sigma. z = |G| / U is the absolute value of a Student t with a mean of
one: p = 2 P(t > m z) with (nu, m) = (3.5, 1.0410) for nights and (3, 1.1027) for weekends and long breaks,
m = E|t|.

After each re-open, in this order: E moves (1 - 2^(-1/10)) of the way to min(u / c, 6), then S becomes
2^(-1/80) S + min(u, 6 c a) and N becomes 2^(-1/80) N + 1. So the effect of one gap on both is bounded. h, the
mean of |ln(P60 / P1)| / sigma, is updated like c, without a bound.
"""

import math
from dataclasses import dataclass, field, replace

from scipy.special import gamma, stdtr, stdtrit

from brentwatch.core.domain import BreakKind
from brentwatch.core.intraday.minutes import LEVEL

STARTS = {BreakKind.NIGHT: 0.20, BreakKind.WEEKEND: 0.28, BreakKind.LONG: 0.40}
"""The usual u before the first gap; it counts as 20 gaps."""

HOUR_START = 0.10
COUNTED_AS = 20.0
ENOUGH_GAPS = 20
"""With fewer gaps of a kind a test is flagged `SHORT_HISTORY`."""

FEWEST = {BreakKind.NIGHT: 20, BreakKind.WEEKEND: 8}
"""With fewer gaps nothing is tested, unless the instrument is crude oil."""

_KEPT = 2.0 ** (-1.0 / 80.0)
_TO_LEVEL = 1.0 - 2.0 ** (-1.0 / 10.0)
_LARGEST = 6.0
_EIGHTY_PERCENT = 0.4
"""Noise in one direction exceeds the |z| with this two-sided p one time in five.

So a gap that lies this far beyond the level is found four times in five.
"""


@dataclass(frozen=True, slots=True)
class GapTail:
    """The distribution of z: m z is the absolute value of Student t with `degrees_of_freedom`."""

    degrees_of_freedom: float

    @property
    def mean(self) -> float:
        """m = E|t|."""
        nu = self.degrees_of_freedom
        ratio = gamma((nu + 1.0) / 2.0) / gamma(nu / 2.0)
        return float(2.0 * math.sqrt(nu / math.pi) / (nu - 1.0) * ratio)

    @property
    def deviation(self) -> float:
        """The standard deviation of the gap, in usual gaps."""
        return math.sqrt(self.degrees_of_freedom / (self.degrees_of_freedom - 2.0)) / self.mean

    def find_p(self, z: float) -> float:
        """Two-sided p of a gap of `z` usual gaps."""
        return float(2.0 * stdtr(self.degrees_of_freedom, -self.mean * abs(z)))

    def find_distance(self, p: float) -> float:
        """The z that has the two-sided p."""
        return -float(stdtrit(self.degrees_of_freedom, p / 2.0)) / self.mean

    def find_detectable(self, level: float) -> float:
        """The true gap, in usual gaps, that is found four times in five at a level."""
        return self.find_distance(level) + self.find_distance(_EIGHTY_PERCENT)


_NIGHTS, _OTHERS = GapTail(3.5), GapTail(3.0)


def choose_tail(kind: BreakKind) -> GapTail:
    """The distribution of z over breaks of a kind."""
    return _NIGHTS if kind is BreakKind.NIGHT else _OTHERS


@dataclass(frozen=True, slots=True)
class RunningMean:
    """A running mean in which older values count less: half as much after 80 newer ones.

    `seen` counts the values, without the starting value.
    """

    total: float
    weight: float
    seen: int = 0

    @property
    def value(self) -> float:
        """The mean."""
        return self.total / self.weight

    def learn(self, value: float) -> "RunningMean":
        """The mean with one more value."""
        return RunningMean(_KEPT * self.total + value, _KEPT * self.weight + 1.0, self.seen + 1)


def _start(mean: float) -> RunningMean:
    return RunningMean(COUNTED_AS * mean, COUNTED_AS)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualGaps:
    """The usual size of gaps relative to sigma for each kind; part of the state of the monitor.

    `level` is E, the kinds hold S and N, and `hour` is h, the move of the rest of the first hour.
    """

    level: float = 1.0
    night: RunningMean = field(default_factory=lambda: _start(STARTS[BreakKind.NIGHT]))
    weekend: RunningMean = field(default_factory=lambda: _start(STARTS[BreakKind.WEEKEND]))
    long: RunningMean = field(default_factory=lambda: _start(STARTS[BreakKind.LONG]))
    hour: RunningMean = field(default_factory=lambda: _start(HOUR_START))

    def select_kind(self, kind: BreakKind) -> RunningMean:
        """The running mean of a kind: S, N and c."""
        match kind:
            case BreakKind.NIGHT:
                return self.night
            case BreakKind.WEEKEND:
                return self.weekend
            case BreakKind.LONG:
                return self.long

    def estimate_gap(self, kind: BreakKind, sigma: float) -> float:
        """U = c a sigma, a log fraction: the mean |gap| at the current level."""
        return self.select_kind(kind).value * _damp(self.level) * sigma

    def estimate_hour_gap(self, kind: BreakKind, sigma: float) -> float:
        """The usual |gap + first hour|: the square root of U^2 + h^2 sigma^2."""
        return math.hypot(self.estimate_gap(kind, sigma), self.hour.value * sigma)

    def estimate_detectable(self, kind: BreakKind, sigma: float) -> float:
        """The true gap (log fraction) that is found four times in five; known before the break ends."""
        return self.estimate_gap(kind, sigma) * choose_tail(kind).find_detectable(LEVEL)

    def has_short_history(self, kind: BreakKind) -> bool:
        """True until 20 gaps of the kind were seen."""
        return self.select_kind(kind).seen < ENOUGH_GAPS

    @property
    def is_warming_up(self) -> bool:
        """True until 20 nights and 8 weekends were seen; until then only crude oil is tested."""
        return any(self.select_kind(kind).seen < fewest for kind, fewest in FEWEST.items())

    def learn(self, kind: BreakKind, ratio: float, hour: float | None = None) -> "UsualGaps":
        """The usual sizes after a re-open; to be called after its test.

        Args:
            kind: the kind of the break.
            ratio: u = |G| / sigma, >= 0.
            hour: |ln(P60 / P1)| / sigma, None where it is not known.
        """
        usual = self.select_kind(kind)
        level = self.level + _TO_LEVEL * (min(ratio / usual.value, _LARGEST) - self.level)
        learned = usual.learn(min(ratio, _LARGEST * usual.value * _damp(level)))
        kept = replace(self, level=level, hour=self.hour if hour is None else self.hour.learn(hour))
        return kept._set_kind(kind, learned)

    def _set_kind(self, kind: BreakKind, usual: RunningMean) -> "UsualGaps":
        match kind:
            case BreakKind.NIGHT:
                return replace(self, night=usual)
            case BreakKind.WEEKEND:
                return replace(self, weekend=usual)
            case BreakKind.LONG:
                return replace(self, long=usual)


def _damp(level: float) -> float:
    """a = 1/2 + E/2."""
    return 0.5 + 0.5 * level
