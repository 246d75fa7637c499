"""One session of a history as the panel of a chart: its [0, 5] study as it grew, session by session."""

from datetime import date

from brentwatch.core.domain import LAST_TAU, Found, Instrument, PublishStudy, Study, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.history.rules import build_rules
from brentwatch.message.chart import ChartPanel
from brentwatch.message.figures import format_day
from brentwatch.replay.recording import read_history
from brentwatch.replay.turns import Tally, replay_signals
from brentwatch.wire.countries import country_name

_WINDOW = Window(0, LAST_TAU)


def build_panel(name: str, instrument: Instrument) -> ChartPanel:
    """The panel of `HISTORY` or `HISTORY:SESSION`.

    Raises:
        InvalidInput: if there is no such history, or no study of the longest window on that session.
    """
    history, _, wanted = name.partition(":")
    tally = Tally()
    grown: list[Study] = []
    for turn in replay_signals(build_rules(instrument), read_history(history, instrument).signals):
        tally.take(turn)
        published = (effect.study for effect in turn.effects if isinstance(effect, PublishStudy))
        grown += [each for each in published if (each.window, each.model) == (_WINDOW, HEADLINE_MODEL)]
    session = _choose_session(name, wanted, grown, tally)
    studies = [study for study in grown if study.session == session]
    return ChartPanel(
        _write_title(tally.headlines[session]),
        f"session {format_day(session, year=True)} · {instrument.title} · {HEADLINE_MODEL}",
        studies,
        sessions=[each for each in sorted(tally.headlines) if each >= session][: LAST_TAU + 1],
        level=instrument.alert_level,
    )


def _choose_session(name: str, wanted: str, grown: list[Study], tally: Tally) -> date:
    drawable = sorted({study.session for study in grown if isinstance(study.result, Found)})
    if not drawable:
        raise InvalidInput(
            f"{name} has no session with events that was tested; one was wanted: choose another history"
        )
    if not wanted:
        return min(drawable, key=lambda session: _read_p(tally.headlines[session]))
    if wanted not in [str(session) for session in drawable]:
        raise InvalidInput(
            f"{name} names session {wanted!r}, which has no study to draw; one of "
            f"{', '.join(str(session) for session in drawable)} was wanted: choose one of them"
        )
    return date.fromisoformat(wanted)


def _read_p(study: Study) -> float:
    return study.result.p if isinstance(study.result, Found) else 1.0


def _write_title(study: Study) -> str:
    """The place of the weightiest event, one of the session's own where there is one."""
    if not study.events:
        return "No event is known"
    first = next((event for event in study.events if not event.carried), study.events[0])
    return ", ".join(part for part in (first.place, country_name(first.country)) if part)
