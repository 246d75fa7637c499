"""The alerts that may be false and the moves that were missed, by rules that are printed with them.

No list of the right answers exists. So the rules name what speaks against an alert, and which moves a reader
may miss an alert for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from brentwatch.core.domain import Confounder, ConfounderKind
from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.replay.report import contents

MOST_LISTED = 30
_BACK_AFTER = 5
_GIVEN_BACK = 0.5
_HIGH_EXPOSURE = 0.5
_WINDOW_LEVEL = 0.05

DOUBTFUL_RULE = (
    "An alert is listed for any of three reasons: no event is known, the session has other news besides the "
    "weekly report, or half of the move was gone five sessions later. Alerts with the most reasons come "
    "first. An alert with a reason need not be false, and one without need not be right."
)
MISSED_RULE = (
    "The first sessions follow an event with an exposure of 0.5 or more. They are not abnormal, but their "
    "move is outside the normal range, or the six sessions [0, 5] have p at or below 0.05. The others are "
    "abnormal and had no alert. In each group the largest |z| comes first. By chance alone 1 session in 100 "
    "is abnormal, and 5 in 100 are outside their normal range."
)


def list_doubtful(alerts: Iterable[contents.AlertFigures]) -> tuple[contents.DoubtfulAlert, ...]:
    """All alerts with a reason, the worst first."""
    built = (_build_doubtful(alert) for alert in alerts)
    return tuple(
        sorted(
            (each for each in built if each.reasons),
            key=lambda each: (-len(each.reasons), -(each.given_back or 0.0), each.session),
        )
    )


def _build_doubtful(alert: contents.AlertFigures) -> contents.DoubtfulAlert:
    later = next((each for each in alert.left if each.sessions == _BACK_AFTER), None)
    given_back = None if later is None or not alert.move else -later.move / alert.move
    telling = select_telling(alert.confounders)
    return contents.DoubtfulAlert(
        alert_id=alert.alert_id,
        session=alert.session,
        words=alert.words,
        move=alert.move,
        p=alert.p,
        given_back=given_back,
        reasons=tuple(_list_reasons(alert, telling, given_back)),
        confounders=alert.confounders,
    )


def _list_reasons(
    alert: contents.AlertFigures, telling: Sequence[Confounder], given_back: float | None
) -> Iterator[str]:
    if not alert.events_total:
        yield "no event is known"
    if given_back is not None and given_back >= _GIVEN_BACK:
        yield "half of the move or more was gone five sessions later"
    if telling:
        yield "something else happened in the session"


def select_telling(confounders: Iterable[Confounder]) -> tuple[Confounder, ...]:
    """All but the weekly report, which comes out in one session of five."""
    return tuple(each for each in confounders if each.kind is not ConfounderKind.WEEKLY_REPORT)


def list_missed(
    sessions: Iterable[contents.TestedSession],
    events: Iterable[contents.EventFigures],
    alerted: Iterable[date],
) -> tuple[contents.MissedMove, ...]:
    """All missed moves: those after an event first, then the largest |z|."""
    exposures, slow, known = _find_exposures(events), set[date](), frozenset(alerted)
    for event in events:
        slow |= {each.session for each in event.sessions if _is_slow(each)}
    silent = (each for each in sessions if each.session not in known)
    built = (_judge(each, exposures.get(each.session), slow) for each in silent)
    return tuple(sorted((each for each in built if each is not None), key=_rank_missed))


def _rank_missed(missed: contents.MissedMove) -> tuple[bool, float]:
    return not missed.tested.events_total, -abs(missed.tested.z)


def _judge(
    tested: contents.TestedSession, exposure: float | None, slow: set[date]
) -> contents.MissedMove | None:
    exposed = exposure is not None and exposure >= _HIGH_EXPOSURE
    if tested.verdict is MoveVerdict.ABNORMAL:
        reason = "abnormal, and no alert" if tested.events_total else "abnormal, and no event is known"
        if tested.origin is contents.SessionOrigin.WALK:
            reason += "; the replay used the session for estimation only"
    elif exposed and tested.verdict is MoveVerdict.OUTSIDE:
        reason = "after an event of high exposure: outside the normal range, but not abnormal"
    elif exposed and tested.session in slow:
        reason = "after an event of high exposure: the move came over six sessions"
    else:
        return None
    return contents.MissedMove(tested=tested, exposure=exposure, reason=reason)


def _find_exposures(events: Iterable[contents.EventFigures]) -> Mapping[date, float]:
    """The highest exposure of the events of each session."""
    found = dict[date, float]()
    for event in events:
        for each in event.sessions:
            if event.exposure is not None:
                found[each.session] = max(event.exposure, found.get(each.session, 0.0))
    return found


def _is_slow(session: contents.EventSession) -> bool:
    """True if six sessions together have a small p, and the first of them is an ordinary one."""
    return any(
        each.window.end == _BACK_AFTER and each.observed == each.planned and each.p <= _WINDOW_LEVEL
        for each in session.windows
    )
