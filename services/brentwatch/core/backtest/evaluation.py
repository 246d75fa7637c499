"""What an alert policy would have done on a table of sessions, and what its alerts were worth.

The test that opens an alert never decides whether the alert was right. That is measured by other data: what
the price did after the session, and how often the policy picks events that were expected to move the price.
False alarms are counted on placebo sessions, those without an event: each is given the events of a session
with news, in turn, so that every policy is run on them as it is, with its filters and its budget. The events
found are counted in the same run: false alarms use up a budget too.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from statistics import fmean, median

from brentwatch.core.backtest.policy import AlertPolicy
from brentwatch.core.backtest.sessions import HORIZONS, BacktestSession, BacktestTable, PriorLabel
from brentwatch.core.calibration.alert_scores import DatedMove, judge_held
from brentwatch.core.domain.shares import ExactShare, MoveLeft, ShareDifference, YearlyRate
from brentwatch.core.intraday.minutes import SESSIONS_A_YEAR

REFERENCE_LEVEL = 0.05
"""The level at which sessions with and without events are compared, whatever the policy's own level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResult:
    """What a policy would have done.

    `watched` counts the sessions that would be alerts if their p were small enough. `difference` compares
    those of them that have news with the sessions without any, at `REFERENCE_LEVEL`. `leads` are the times
    from the first event to the alert. `left` is what was left of the move after the alerts, by `HORIZONS`,
    and `held` counts the moves that the five sessions after them did not take back half of (`alert_scores`).

    The rest is counted as if every session had news: `placebo`, the alerts among the placebo sessions, with
    the share `placebo_expected` that the alert level allows without a budget; `placebo_left` and
    `placebo_held`, as above, after these; and the events with an alert: `found` of those labelled `shock`,
    `disturbed` of those labelled `control`, `told` of all.
    """

    policy: AlertPolicy
    watched: int
    alerts: tuple[BacktestSession, ...]
    yearly: YearlyRate
    placebo: ExactShare
    placebo_expected: float
    difference: ShareDifference
    leads: tuple[timedelta, ...]
    found: ExactShare
    disturbed: ExactShare
    told: ExactShare
    left: tuple[MoveLeft, ...]
    placebo_left: tuple[MoveLeft, ...]
    held: ExactShare
    placebo_held: ExactShare

    @property
    def false_yearly(self) -> tuple[float, float, float] | None:
        """False alarms a year and their interval, if every session had news like that of the history.

        None if there is no session without an event.
        """
        placebo = self.placebo
        if placebo.share is None:
            return None
        return SESSIONS_A_YEAR * placebo.share, SESSIONS_A_YEAR * placebo.low, SESSIONS_A_YEAR * placebo.high

    @property
    def power(self) -> ExactShare:
        """The events found: of those labelled `shock`, or of all if the history has no such label."""
        return self.found if self.found.total else self.told

    @property
    def median_lead(self) -> timedelta | None:
        """Of the alerts with news; None without any."""
        if not self.leads:
            return None
        return timedelta(seconds=median(each.total_seconds() for each in self.leads))


class Backtest:
    """A table, with at least one session with news, that is ready for many policies.

    What does not depend on the policy is counted once.
    """

    def __init__(self, table: BacktestTable) -> None:
        self._table, self._news = table, table.news
        self._placebos = _give_events(table.placebos, table.news)
        self._by_p = sorted((*self._placebos, *self._news), key=lambda each: each.p)
        self._smallest = [each.p for each in self._by_p]
        self._placebo_places = frozenset(map(_get_place, self._placebos))
        moves = [DatedMove(each.session, each.abnormal, each.p) for each in table.sessions]
        self._held = judge_held(moves)
        self._none = _count_abnormal(self._placebos)
        self._sessions_of = _group_by_event(self._news)

    def evaluate(self, policy: AlertPolicy) -> PolicyResult:
        """What the policy would have done."""
        reach = [(each, policy.find_largest_p(each)) for each in self._news]
        watched = [each for each, largest in reach if largest]
        silent = self._table.placebos if policy.watches_silence else []
        alerts = policy.list_alerts(sorted([*watched, *silent], key=_get_place))
        every = self._list_crowded_alerts(policy)
        chosen = {each.session for each in every}
        placebo = [each for each in every if each.place in self._placebo_places]
        return PolicyResult(
            policy=policy,
            watched=len(watched) + len(silent),
            alerts=tuple(alerts),
            yearly=YearlyRate(len(alerts), self._table.years),
            placebo=ExactShare(len(placebo), len(self._placebos)),
            placebo_expected=fmean(largest for _, largest in reach),
            difference=ShareDifference.measure(
                _count_abnormal([each for each in watched if policy.select_events(each.events)]), self._none
            ),
            leads=tuple(each.measure_lead() for each in alerts if each.events),
            found=self._count_events(PriorLabel.SHOCK, chosen),
            disturbed=self._count_events(PriorLabel.CONTROL, chosen),
            told=_count_told(self._sessions_of.values(), chosen),
            left=_measure_left(alerts),
            placebo_left=_measure_left(placebo),
            held=self._count_held(alerts),
            placebo_held=self._count_held(placebo),
        )

    def _list_crowded_alerts(self, policy: AlertPolicy) -> list[BacktestSession]:
        """The alerts if every session has news: the placebo sessions with what they borrowed, too."""
        reached = self._by_p[: bisect_right(self._smallest, policy.alert_level)]
        return policy.list_alerts(sorted(reached, key=_get_place))

    def _count_held(self, alerts: Sequence[BacktestSession]) -> ExactShare:
        judged = [self._held[each.session] for each in alerts if each.session in self._held]
        return ExactShare(sum(judged), len(judged))

    def _count_events(self, label: PriorLabel, chosen: Set[date]) -> ExactShare:
        """The events with this label that have a tested session, and how many had an alert on one of them."""
        known = [event for event, given in self._table.labels.items() if given is label]
        return _count_told([self._sessions_of[each] for each in known if each in self._sessions_of], chosen)


def _give_events(
    placebos: Sequence[BacktestSession], news: Sequence[BacktestSession]
) -> list[BacktestSession]:
    """The placebo sessions, each with the events of a session with news, in turn."""
    return [
        replace(
            each,
            events=lender.events,
            events_total=lender.events_total,
            singles=lender.singles,
            exposure=lender.exposure,
        )
        for each, lender in zip(placebos, cycle(news), strict=False)
    ]


def _get_place(session: BacktestSession) -> int:
    return session.place


def _count_told(sessions_of_events: Collection[set[date]], chosen: Set[date]) -> ExactShare:
    told = sum(not chosen.isdisjoint(sessions) for sessions in sessions_of_events)
    return ExactShare(told, len(sessions_of_events))


def _group_by_event(sessions: Sequence[BacktestSession]) -> dict[str, set[date]]:
    """The sessions of each event by its id."""
    found: dict[str, set[date]] = {}
    for session in sessions:
        for event in session.events:
            found.setdefault(event.event_id, set()).add(session.session)
    return found


def _count_abnormal(sessions: Sequence[BacktestSession]) -> ExactShare:
    return ExactShare(sum(each.p <= REFERENCE_LEVEL for each in sessions), len(sessions))


def _measure_left(alerts: Sequence[BacktestSession]) -> tuple[MoveLeft, ...]:
    return tuple(
        MoveLeft.measure(horizon, [each.measure_left(horizon) for each in alerts]) for horizon in HORIZONS
    )
