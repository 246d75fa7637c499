"""`adaptive-garch-t`, the headline model: `garch-t` with the calendar and with self-correcting tails.

z = (r - mu) / (k sigma), and p is twice the smaller one-sided p. sigma^2 is the GARCH forecast times the
factor of the calendar days since the session before (`calendar_variance.py`). k and the bend of each tail
follow how often that tail was exceeded (`two_tails.py`). This feedback holds the long-run size at 5 % and at
1 % in each tail on any series, even if its GARCH fits badly.

The model also makes the forecast of the first edition: no calendar, and one scale for both tails.
"""

import math
from dataclasses import dataclass, field
from datetime import date

from brentwatch.core.domain import Refused, Scale
from brentwatch.core.domain.returns import Returns
from brentwatch.core.forecasts.forecast import Ahead, Fit, Memory, Path, StudentT
from brentwatch.core.forecasts.garch_t import FAMILY, GarchT, build_student_t, require_garch
from brentwatch.core.forecasts.two_tails import TwoTails
from brentwatch.core.forecasts.volatility import Garch


@dataclass(frozen=True, slots=True)
class AdaptiveGarchT:
    """`within` makes the fits and the variances.

    Edition 1 had no calendar, and one scale for both tails.
    """

    within: GarchT = field(default_factory=GarchT)
    name: str = "adaptive-garch-t"
    family: str = FAMILY
    monthly: bool = True
    adaptive: bool = True
    edition: int = 2

    def fit(self, past: Returns) -> Garch | Refused:
        """The month's parameters, those of `garch-t`."""
        return self.within.fit(past)

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        """The forecasts with the scales of `memory`; without one they are 1."""
        garch, before = require_garch(fit), memory or Memory(date.min)
        factors = [garch.find_calendar_factor(days) for days in ahead.days]
        moments = self.within.list_moments(past, garch, factors)
        factor = sum(factors[: ahead.spans]) / ahead.spans
        k = math.sqrt((before.up.k**2 + before.down.k**2) / 2.0)
        return Path(
            tuple(_build_two_tails(garch, before, k, *each) for each in moments),
            self.within.list_flags(garch),
            scale=None
            if memory is None
            else Scale(k, memory.since, k_up=before.up.k, k_down=before.down.k, calendar=factor),
            estimation=garch.diagnostics,
            single=self._forecast_single(past, garch, ahead, before),
        ).join_sessions(ahead.spans)

    def _forecast_single(self, past: Returns, fit: Garch, ahead: Ahead, memory: Memory) -> StudentT:
        """The first step by the first edition."""
        *_, moments = self.within.list_moments(past, fit, [math.exp(2.0 * memory.log_k)] * ahead.spans)
        return build_student_t(fit, *moments)

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> Memory:
        """The scales move; the first session starts them at 1."""
        before, first = memory or Memory(session), path.steps[0]
        if not isinstance(first, TwoTails) or path.single is None:
            raise TypeError(f"expected a path of {self.name}, not one of {type(first).__name__}")
        deviation = value - first.expected
        widened = before.widen(path.single.tail(value - path.single.expected))
        return Memory(
            since=before.since,
            log_k=widened.log_k,
            up=before.up.learn(first.one_sided(deviation, up=True)),
            down=before.down.learn(first.one_sided(deviation, up=False)),
        )


def _build_two_tails(fit: Garch, memory: Memory, k: float, expected: float, variance: float) -> TwoTails:
    plain = build_student_t(fit, expected, variance)
    return TwoTails(
        expected=expected,
        standard_error=k * plain.standard_error,
        scale=plain.scale,
        degrees_of_freedom=fit.nu,
        up=memory.up,
        down=memory.down,
    )
