"""The lines of a record as what the scores are computed from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from brentwatch.core.calibration.alert_scores import DatedMove, RecordedAlert
from brentwatch.core.calibration.record_scores import RecordedSession
from brentwatch.core.calibration.scoring_rules import Half, ScoredForecast
from brentwatch.core.errors import InvalidInput
from brentwatch.wire.deliveries import AnswerKind
from brentwatch.wire.record_line import (
    AlertLine,
    FeedbackLine,
    ForecastDocument,
    HeaderLine,
    HeadsUpLine,
    Line,
    RevisionLine,
    SessionLine,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordContents:
    """A record in its newest form: every session in its last revision, and every alert.

    `tested` are the sessions that were tested, oldest first, as the scores need them. `revised` counts the
    revisions of prices.
    """

    header: HeaderLine
    sessions: tuple[SessionLine, ...]
    tested: tuple[RecordedSession, ...]
    alerts: tuple[RecordedAlert, ...]
    revised: int

    @property
    def moves(self) -> list[DatedMove]:
        """The abnormal part of each tested return."""
        return [DatedMove(each.session, each.value - each.forecast.expected, each.p) for each in self.tested]


def gather_contents(lines: Sequence[Line]) -> RecordContents:
    """What the lines of a record say together; the first is its header.

    Raises:
        InvalidInput: if they revise a session that has no line.
    """
    header = lines[0]
    if not isinstance(header, HeaderLine):
        raise TypeError(f"expected a header first, not {type(header).__name__}")
    sessions = {line.session: line for line in lines if isinstance(line, SessionLine)}
    revisions = [line for line in lines if isinstance(line, RevisionLine)]
    for line in revisions:
        if line.session not in sessions:
            raise InvalidInput(
                f"the record revises session {line.session} before it has a line; expected a file that "
                "`brentwatch record write` wrote"
            )
        sessions[line.session] = msgspec.structs.replace(
            sessions[line.session], close=line.close, log_return=line.log_return, p=line.p, pit=line.pit
        )
    ordered = tuple(sessions[day] for day in sorted(sessions))
    return RecordContents(
        header=header,
        sessions=ordered,
        tested=tuple(_read_tested(ordered)),
        alerts=tuple(_read_alerts(lines)),
        revised=len(revisions),
    )


def _read_tested(sessions: Iterable[SessionLine]) -> Iterator[RecordedSession]:
    for line in sessions:
        numbers = (line.log_return, line.low, line.high, line.p, line.pit, line.turbulence)
        known = [number for number in numbers if number is not None]
        if line.forecast is not None and len(known) == len(numbers):
            value, low, high, p, pit, turbulence = known
            yield RecordedSession(
                session=line.session,
                value=value,
                low=low,
                high=high,
                p=p,
                pit=pit,
                turbulence=turbulence,
                forecast=build_forecast(line.forecast),
                peers={name: build_forecast(each) for name, each in line.peers.items()},
            )


def build_forecast(document: ForecastDocument) -> ScoredForecast:
    """The distribution that a line describes."""
    nu = math.inf if document.degrees_of_freedom is None else document.degrees_of_freedom
    up, down = (
        Half(scale=document.scale * k, nu=nu, power=math.exp(-bend))
        for k, bend in ((document.k_up, document.bend_up), (document.k_down, document.bend_down))
    )
    return ScoredForecast(expected=document.expected, up=up, down=down)


def _read_alerts(lines: Iterable[Line]) -> Iterator[RecordedAlert]:
    """Each alert from its revisions and what was answered."""
    threads: defaultdict[str, list[HeadsUpLine | AlertLine]] = defaultdict(list)
    answers: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in lines:
        match line:
            case HeadsUpLine() | AlertLine():
                threads[line.alert_id].append(line)
            case FeedbackLine():
                answers[line.alert_id][line.person] = line.answer
            case _:
                pass
    for alert_id, revisions in threads.items():
        yield _read_alert(revisions, list(answers[alert_id].values()))


def _read_alert(revisions: Sequence[HeadsUpLine | AlertLine], answers: Sequence[str]) -> RecordedAlert:
    newest, tested = revisions[-1], [line for line in revisions if isinstance(line, AlertLine)]
    severe = [line for line in tested if line.severity is not None]
    return RecordedAlert(
        alert_id=newest.alert_id,
        session=newest.session,
        severity=(severe[-1].severity or "") if severe else "",
        settles_at=newest.settles_at,
        news_at=min((line.news_at for line in revisions if line.news_at is not None), default=None),
        abnormal_at=severe[0].known_at if severe else None,
        heads_up_at=next((line.known_at for line in revisions if isinstance(line, HeadsUpLine)), None),
        useful=answers.count(AnswerKind.USEFUL),
        false_alarms=answers.count(AnswerKind.FALSE_ALARM),
    )
