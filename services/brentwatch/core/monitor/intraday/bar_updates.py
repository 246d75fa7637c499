"""Bars of five minutes: kept by session, and told to the windows that wait for them.

A bar that comes when the series was complete past it was missing for good: it is out of order, and left out.
A bar that comes again with another price replaces what is held, and enters what is answered from then on: no
answer that was published is made anew from it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from immutables import Map

from brentwatch.core.domain import FIVE_MINUTES, Bar, BarOutcome, BarSeen, Cause, Noted, NotYet, PriceUpdate
from brentwatch.core.intraday.clock import BAR, session_of
from brentwatch.core.intraday.minutes import WINDOWS
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.monitor.intraday.held_bars import find_session_bars, forget_old, load_trading_calendar
from brentwatch.core.monitor.intraday.window_studies import refresh
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.state import Intraday, Opening, State
from brentwatch.core.sessions.calendar import HasHours

Sessions = Map[date, SessionBars]

_A_DAY = timedelta(days=1)
_LONGEST = max(WINDOWS).bars * BAR


def take_bars(state: State, update: PriceUpdate) -> Step:
    """The state once bars of the instrument's intraday series are taken in, and what it leads to."""
    calendar, before = load_trading_calendar(state.rules), state.intraday
    sessions, seen = before.sessions, list[Noted]()
    for bar in sorted(update.bars, key=lambda bar: bar.closes_at):
        outcome, kept = _take_bar(sessions, before.complete_through, calendar, bar, warmup=update.warmup)
        sessions = sessions if kept is None else sessions.set(kept.session, kept)
        seen.append(Noted(_build_fact(update, bar, outcome)))
    step = Step(forget_old(state.set_intraday(_complete(before, sessions, update))), tuple(seen))
    for opening in _list_due(step.state.intraday, before.complete_through):
        step = refresh(step, opening, Cause.WINDOW, update.known_at)
    return step


def _take_bar(
    sessions: Sessions, through: datetime | None, calendar: HasHours, bar: Bar, *, warmup: bool
) -> tuple[BarOutcome, SessionBars | None]:
    """What becomes of a bar, and the session that has it now; None where it is left out."""
    if bar.interval != FIVE_MINUTES or bar.opens_at is None:
        return BarOutcome.OTHER_INTERVAL, None
    made = IntradayBar(opens_at=bar.opens_at, close=bar.close, open=bar.open, volume=bar.volume)
    kept = find_session_bars(sessions, through, calendar, session_of(made.opens_at))
    if kept is None or made.opens_at not in kept.hours:
        return BarOutcome.OUTSIDE_HOURS, None
    outcome = _decide_outcome(kept, made, warmup=warmup)
    if outcome in (BarOutcome.REPEATED, BarOutcome.OUT_OF_ORDER):
        return outcome, None
    return outcome, kept.add_bar(made)


def _decide_outcome(kept: SessionBars, bar: IntradayBar, *, warmup: bool) -> BarOutcome:
    held = kept.find(bar.opens_at)
    if held is not None:
        return BarOutcome.REPEATED if _is_same_bar(held, bar) else BarOutcome.REVISED
    if bar.closes_at <= kept.through:
        return BarOutcome.OUT_OF_ORDER
    return BarOutcome.WARMUP if warmup else BarOutcome.NEW


def _is_same_bar(one: IntradayBar, other: IntradayBar) -> bool:
    """Volume goes on growing for a while: only whether there was any counts."""
    return (one.close, one.open, one.volume == 0) == (other.close, other.open, other.volume == 0)


def _complete(before: Intraday, sessions: Sessions, update: PriceUpdate) -> Intraday:
    """Complete as far as the update says; it never moves back.

    Warm-up moves on only with bars that no update has told before.
    """
    through = _choose_later(before.complete_through, update.complete_through)
    moved_on = {each.session: each.complete(through) for each in _list_open(before, sessions, through)}
    warmup = update.is_warmup_of(told=through == before.complete_through)
    warm = through if warmup else before.warm_through
    return before.set_sessions(sessions.update(moved_on), through, warm)


def _list_open(before: Intraday, sessions: Sessions, through: datetime) -> Iterator[SessionBars]:
    """The sessions that are not complete, as far as they have begun.

    They end after the series was complete last. Only their days are looked at, and one before, since trade in
    London may go on into the next day of New York: a year of sessions for each bar is more than the rest.
    """
    if before.complete_through is None:
        held: Iterable[SessionBars | None] = sessions.values()
    else:
        first = session_of(before.complete_through) - _A_DAY
        days = (session_of(through) - first).days + 1
        held = (sessions.get(first + number * _A_DAY) for number in range(days))
    return (each for each in held if each is not None and each.through < each.hours.closes_at)


def _choose_later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or one < other else one


def _list_due(intraday: Intraday, before: datetime | None) -> Iterator[Opening]:
    """The openings, oldest first, with a window that waited and whose last bar is known by now.

    What began so long before the series was complete last was answered then: a week of them is not looked at.
    """
    through = intraday.complete_through
    for at in sorted(at for at in intraday.openings if before is None or at > before - _LONGEST):
        studies = intraday.openings[at].record.studies.values()
        due = [each.result.settles_at for each in studies if isinstance(each.result, NotYet)]
        if through is not None and due and min(due) <= through:
            yield intraday.openings[at]


def _build_fact(update: PriceUpdate, bar: Bar, outcome: BarOutcome) -> BarSeen:
    return BarSeen(
        series=update.series,
        session=session_of(bar.opens_at or bar.closes_at - BAR),
        closes_at=bar.closes_at,
        close=bar.close,
        outcome=outcome,
    )
