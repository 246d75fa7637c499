"""One session of a history as the panel of a chart: its [0, 5] study after each of its sessions."""

from bisect import bisect_left
from datetime import date

from brentwatch.core.domain import LAST_TAU, Found, Instrument, PublishStudy, SessionStudy, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.history.rules import build_rules
from brentwatch.message.chart import ChartPanel
from brentwatch.message.figures import format_day
from brentwatch.replay.recording import read_history
from brentwatch.replay.turns import Tally, replay_signals
from brentwatch.wire.countries import country_name

_WINDOW = Window(0, LAST_TAU)
_NEAREST = 6
"""An error names that many sessions."""


def build_panel(name: str, instrument: Instrument) -> ChartPanel:
    """The panel of `HISTORY` or `HISTORY:SESSION`.

    Raises:
        InvalidInput: if there is no such history, or no study of the longest window on that session.
    """
    history, _, wanted = name.partition(":")
    tally = Tally()
    grown: list[SessionStudy] = []
    for turn in replay_signals(build_rules(instrument), read_history(history, instrument).signals):
        tally.take(turn)
        grown += [
            effect.study
            for effect in turn.effects
            if isinstance(effect, PublishStudy)
            and isinstance(effect.study, SessionStudy)
            and (effect.study.window, effect.study.model) == (_WINDOW, HEADLINE_MODEL)
        ]
    session = _choose_session(name, wanted, grown, tally)
    studies = [study for study in grown if study.session == session]
    return ChartPanel(
        _write_title(tally.headlines[session]),
        f"session {format_day(session, year=True)} · {instrument.title} · {HEADLINE_MODEL}",
        studies,
        sessions=[each for each in sorted(tally.headlines) if each >= session][: LAST_TAU + 1],
        level=instrument.alert_level,
    )


def _choose_session(name: str, wanted: str, grown: list[SessionStudy], tally: Tally) -> date:
    drawable = sorted({study.session for study in grown if isinstance(study.result, Found)})
    if not drawable:
        raise InvalidInput(
            f"{name} has no session with events that was tested; expected one or more: choose another history"
        )
    if not wanted:
        return min(drawable, key=lambda session: _read_p(tally.headlines[session]))
    if wanted not in [str(session) for session in drawable]:
        raise InvalidInput(
            f"{name}: session {wanted!r} has no study to draw; expected a date of a tested session with "
            f"events: choose one of {_list_nearest(drawable, wanted)}"
        )
    return date.fromisoformat(wanted)


def _list_nearest(sessions: list[date], wanted: str) -> str:
    """Some sessions around the given date, and how many others there are."""
    at = bisect_left([str(session) for session in sessions], wanted)
    start = max(0, min(at - _NEAREST // 2, len(sessions) - _NEAREST))
    near = sessions[start : start + _NEAREST]
    others = f" ({len(sessions)} in all)" if len(sessions) > len(near) else ""
    return f"{', '.join(map(str, near))}{others}"


def _read_p(study: SessionStudy) -> float:
    return study.result.p if isinstance(study.result, Found) else 1.0


def _write_title(study: SessionStudy) -> str:
    """The place of the weightiest event, one of the session's own if there is one."""
    if not study.events:
        return "No event is known"
    first = next((event for event in study.events if not event.carried), study.events[0])
    return ", ".join(part for part in (first.place, country_name(first.country)) if part)
