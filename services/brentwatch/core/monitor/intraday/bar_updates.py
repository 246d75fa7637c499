"""5-minute bars: stored by session, and passed to the windows that wait for them.

A bar that arrives after the series was complete past it is out of order and left out: it counted as missing
for good. A bar that arrives again with another price replaces the stored one and counts in later answers;
published answers do not change.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from immutables import Map

from brentwatch.core.domain import FIVE_MINUTES, Bar, BarOutcome, BarSeen, Cause, Noted, NotYet, PriceUpdate
from brentwatch.core.intraday.clock import BAR, session_of
from brentwatch.core.intraday.minutes import WINDOWS
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars
from brentwatch.core.monitor.intraday.held_bars import find_session_bars, forget_old
from brentwatch.core.monitor.intraday.provisional import answer_provisional
from brentwatch.core.monitor.intraday.window_studies import refresh
from brentwatch.core.monitor.publishing import Step
from brentwatch.core.monitor.state import Intraday, Opening, State

Sessions = Map[date, SessionBars]

_A_DAY = timedelta(days=1)
_LONGEST = max(WINDOWS).bars * BAR


def take_bars(state: State, update: PriceUpdate) -> Step:
    """The state with new bars of the instrument's intraday series, and their effects."""
    before = state.intraday
    sessions, seen = before.sessions, list[Noted]()
    for bar in sorted(update.bars, key=lambda bar: bar.closes_at):
        outcome, kept = _take_bar(state, sessions, bar, warmup=update.warmup)
        sessions = sessions if kept is None else sessions.set(kept.session, kept)
        seen.append(Noted(_build_fact(update, bar, outcome)))
    step = Step(forget_old(state.set_intraday(_complete(before, sessions, update))), tuple(seen))
    for opening in _list_due(step.state.intraday, before.complete_through):
        step = refresh(step, opening, Cause.TEST, update.known_at)
    return answer_provisional(step, before.complete_through, update.known_at)


def _take_bar(
    state: State, sessions: Sessions, bar: Bar, *, warmup: bool
) -> tuple[BarOutcome, SessionBars | None]:
    """The outcome of a bar, and the session that has it now; None if it is left out."""
    if bar.interval != FIVE_MINUTES or bar.opens_at is None:
        return BarOutcome.OTHER_INTERVAL, None
    made = IntradayBar(
        opens_at=bar.opens_at, close=bar.close, open=bar.open, volume=bar.volume, contract=bar.contract
    )
    kept = find_session_bars(state, sessions, session_of(made.opens_at))
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
    """True if two bars are the same; the volume still grows for a while, so only zero or not counts."""
    return _list_told(one) == _list_told(other)


def _list_told(bar: IntradayBar) -> tuple[float, float | None, bool, str]:
    return bar.close, bar.open, bar.volume == 0, bar.contract


def _complete(before: Intraday, sessions: Sessions, update: PriceUpdate) -> Intraday:
    """Mark the bars as complete as far as the update says; this never moves back.

    The end of warm-up moves only with bars that no earlier update brought.
    """
    through = _choose_later(before.complete_through, update.complete_through)
    moved_on = {each.session: each.complete(through) for each in _list_open(before, sessions, through)}
    warmup = update.is_warmup_of(told=through == before.complete_through)
    warm = through if warmup else before.warm_through
    return before.set_sessions(sessions.update(moved_on), through, warm)


def _list_open(before: Intraday, sessions: Sessions, through: datetime) -> Iterator[SessionBars]:
    """The sessions that have begun and are not complete.

    They end after the series was last complete. Only these days and one before are searched, because trade in
    London may run into the next day in New York: a search of a year of sessions per bar would take too long.
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
    """The openings, oldest first, with a waiting window whose last bar is now known.

    Older openings were answered when the series was last complete, and are not searched again.
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
