"""The forecasts of chosen sessions of a price series, as the monitor would have made them.

A model without a memory forecasts each session from the prices before it. An adaptive model remembers how its
forecasts fared, so the sessions before have to be forecast too: from the newest month before the session that
is bundled for these very prices, or else from the first session that can be tested.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from brentwatch.core.domain import Bar, Refused
from brentwatch.core.domain.returns import KEPT_BARS, PriceHistory
from brentwatch.core.forecasts.fits import Month, month_of, select_fits
from brentwatch.core.forecasts.forecast import NormalReturns, Path
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.bundling import BURN_IN
from brentwatch.core.monitor.forecasting import forecast, learn, list_left_out
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.worked_out import WorkedOut

Progress = Callable[[int, int], None]
"""Called with the number of forecasts made and the number needed."""


def ignore_progress(done: int, needed: int) -> None:
    """Report nothing."""


def forecast_sessions(
    rules: Rules,
    bars: Sequence[Bar],
    places: Iterable[int],
    horizon: int,
    progress: Progress = ignore_progress,
) -> dict[int, Path | Refused]:
    """The forecast for the session of each of `places` in `bars`, made at the settlement before it.

    Args:
        rules: name one model.
        bars: oldest first, one a session.
        places: indices in `bars`, each at least 1.
        horizon: how many sessions a forecast reaches, the first one included.
        progress: called after each forecast.
    """
    (model,) = rules.models
    return _Walk(rules, model, bars, horizon, progress).visit(sorted(set(places)))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The sessions that are forecast one after the other, from `start` to the last of `places`."""

    start: int
    places: tuple[int, ...]


class _Walk:
    def __init__(
        self, rules: Rules, model: NormalReturns, bars: Sequence[Bar], horizon: int, progress: Progress
    ) -> None:
        self._rules, self._model, self._bars, self._horizon = rules, model, bars, horizon
        self._sessions = [bar.session for bar in bars]
        self._left_out = list_left_out(rules, self._sessions)
        self._first_tested = self._find_first_tested()
        self._bundled: dict[Month, bool] = {}
        self._worked_out = WorkedOut()
        self._progress = progress

    def visit(self, places: Sequence[int]) -> dict[int, Path | Refused]:
        stretches = self._plan(places)
        needed = sum(stretch.places[-1] + 1 - stretch.start for stretch in stretches)
        found: dict[int, Path | Refused] = {}
        done = 0
        for stretch in stretches:
            state, asked = self._build_state(stretch.start), frozenset(stretch.places)
            for at in range(stretch.start, stretch.places[-1] + 1):
                state, paths = forecast(state, self._sessions[at], self._horizon)
                if at in asked:
                    found[at] = paths[self._model.name]
                state = self._append(learn(state, paths, self._bars[at]), at)
                done += 1
                self._progress(done, needed)
        return found

    def _plan(self, places: Sequence[int]) -> list[_Stretch]:
        """Stretches that do not overlap: a later place begins its own only if that is shorter."""
        planned: list[_Stretch] = []
        for at in places:
            start = self._find_start(at)
            if planned and start <= planned[-1].places[-1] + 1:
                planned[-1] = _Stretch(planned[-1].start, (*planned[-1].places, at))
            else:
                planned.append(_Stretch(start, (at,)))
        return planned

    def _find_start(self, at: int) -> int:
        """The place of the first session to forecast so that the model's memory is right at `at`."""
        if not self._model.adaptive:
            return at
        first = min(self._first_tested, at)
        if self._model.name != HEADLINE_MODEL:
            return first
        if self._is_bundled(month_of(self._sessions[at])):
            return at
        earlier = bisect_left(self._bundled_ends, at)
        return self._bundled_ends[earlier - 1] if earlier else first

    @cached_property
    def _bundled_ends(self) -> list[int]:
        """The place of the last session of each bundled month, from the first that can be tested on."""
        tested = range(self._first_tested, len(self._bars))
        ends = {month_of(self._sessions[each]): each for each in tested}
        return [each for month, each in ends.items() if self._is_bundled(month)]

    def _find_first_tested(self) -> int:
        """The place of the first session after `BURN_IN` returns that can be estimated on."""
        usable = 0
        for at in range(1, len(self._bars)):
            if usable == BURN_IN:
                return at
            usable += self._sessions[at] not in self._left_out
        return len(self._bars)

    def _is_bundled(self, month: Month) -> bool:
        """True if the memory before this month is bundled for these prices."""
        if month not in self._bundled:
            row = self._rules.fits.get(month)
            self._bundled[month] = row is not None and bool(select_fits(self._bars, {month: row}))
        return self._bundled[month]

    def _build_state(self, at: int) -> State:
        prices = PriceHistory.build(self._bars[max(0, at - KEPT_BARS) : at])
        return State(rules=self._rules, prices=prices, left_out=self._left_out, worked_out=self._worked_out)

    def _append(self, state: State, at: int) -> State:
        return replace(state, prices=state.prices.append(self._bars[at]))
