"""An alert policy: which abnormal sessions are alerts, by the names of the settings.

Theory. A policy decides a session from what was known at its settlement: its p, the events that had joined
it by then, and the alerts that the policy gave before. It never sees what followed, so a longer history adds
alerts and changes none.

Rules, in this order. (1) An event below `minimum_exposure`, `minimum_relevance` or `minimum_standing` is left
out, as the screen would; an unknown exposure passes. (2) The session has the severity that the monitor gives
it (`domain.judge_severity`), from the events that are left and are no single reports; it must reach
`minimum_severity`. (3) With `classes` or `countries`, an event that is left must have one of each. (4) p must
be at or below `alert_level`. (5) With a budget, the alert is dropped if the budget is used up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from brentwatch.core import domain
from brentwatch.core.backtest.sessions import BacktestSession, JoinedEvent
from brentwatch.core.domain.alerts import CRITICAL_SHARE


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `alerts` in any `sessions` consecutive tested sessions; both at least 1."""

    alerts: int
    sessions: int

    def limit(self, places: Iterable[int]) -> Iterator[int]:
        """The places, ascending, that the budget lets through; the others are dropped as they come."""
        spent: list[int] = []
        for place in places:
            recent = spent[-self.alerts :]
            if len(recent) < self.alerts or place - recent[0] >= self.sessions:
                spent.append(place)
                yield place


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """Which sessions are alerts; see the rules above. Empty `classes` or `countries` let all through.

    `budget` is None without one.
    """

    name: str
    alert_level: float
    minimum_severity: domain.Severity = domain.Severity.MEDIUM
    minimum_exposure: float = 0.0
    minimum_relevance: float = 0.0
    minimum_standing: domain.Standing = domain.Standing.SINGLE
    classes: tuple[domain.EventClass, ...] = ()
    countries: tuple[str, ...] = ()
    budget: Budget | None = None

    def select_events(self, events: Iterable[JoinedEvent]) -> tuple[JoinedEvent, ...]:
        """The events that are not left out."""
        return tuple(each for each in events if self._is_admitted(each))

    def find_largest_p(self, session: BacktestSession) -> float:
        """The largest p at which the session would be an alert, whatever the budget; 0 if there is none."""
        for p in (self.alert_level, CRITICAL_SHARE * self.alert_level):
            if self._is_loud_enough(session, p):
                return p
        return 0.0

    def is_alert(self, session: BacktestSession) -> bool:
        """True if the session is an alert, whatever the budget."""
        return session.p <= self.alert_level and self._is_loud_enough(session, session.p)

    def list_alerts(self, sessions: Sequence[BacktestSession]) -> list[BacktestSession]:
        """The alerts among sessions in the order of time, the budget spent as they come."""
        by_place = {each.place: each for each in sessions if self.is_alert(each)}
        return [by_place[place] for place in self.limit(by_place)]

    def limit(self, places: Iterable[int]) -> list[int]:
        """Those of the places, ascending, that the budget lets through."""
        return list(places if self.budget is None else self.budget.limit(places))

    @property
    def watches_silence(self) -> bool:
        """True if a session without an event can be an alert."""
        return self.minimum_severity is domain.Severity.INFO and not (self.classes or self.countries)

    def _is_admitted(self, event: JoinedEvent) -> bool:
        return (
            (event.exposure is None or event.exposure >= self.minimum_exposure)
            and event.relevance >= self.minimum_relevance
            and event.standing.rank >= self.minimum_standing.rank
        )

    def _is_loud_enough(self, session: BacktestSession, p: float) -> bool:
        events = self.select_events(session.events)
        exposure, count = session.exposure, session.events_total - session.singles
        if len(events) < len(session.events):
            counted = [each for each in events if each.standing is not domain.Standing.SINGLE]
            known = [each.exposure for each in counted if each.exposure is not None]
            exposure, count = max(known, default=None), len(counted)
        severity = domain.judge_severity(p, self.alert_level, exposure, count)
        return severity.rank >= self.minimum_severity.rank and self._has_named(events)

    def _has_named(self, events: tuple[JoinedEvent, ...]) -> bool:
        """As a channel has it: each list is asked on its own, of all events."""
        classes, countries = {each.event_class for each in events}, {each.country for each in events}
        return not (
            (self.classes and classes.isdisjoint(self.classes))
            or (self.countries and countries.isdisjoint(self.countries))
        )
