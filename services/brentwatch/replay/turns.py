"""The replay: the very fold that runs live, over signals that are already there, and what it came to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.event_windows import HEADLINE
from brentwatch.core.domain.fold import (
    Effect,
    EventOutcome,
    EventSeen,
    Noted,
    PublishAlert,
    PublishStudy,
    SessionDecided,
    SessionOutcome,
    Signal,
)
from brentwatch.core.domain.study import Found, NotYet, Study, Within
from brentwatch.core.errors import STOPPING
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.closing import close_decided
from brentwatch.core.monitor.machine import create_state
from brentwatch.core.monitor.state import Rules
from brentwatch.message.folding import fold


@dataclass(frozen=True, slots=True)
class Turn:
    """One signal and what it led to, in order."""

    signal: Signal
    effects: tuple[Effect, ...]


def replay_signals(
    rules: Rules,
    signals: Iterable[Signal],
    reject: Callable[[Signal, Exception], object] = lambda *_: None,
    closed_after: int = 0,
) -> Iterator[Turn]:
    """Fold the signals in their order, one turn each; what the first `closed_after` decide is closed.

    One that the monitor would reject (what it leads to cannot be published, or an unexpected error) is
    handed to `reject` and left out.

    Raises:
        CannotFold: if a price update cannot be folded.
    """
    state = create_state(rules)
    for number, signal in enumerate(signals):
        if number == closed_after:
            state = close_decided(state)
        try:
            folded = fold(state, signal)
        except STOPPING:
            raise
        except Exception as error:  # noqa: BLE001 - one bad signal stays one bad signal, as it does live
            reject(signal, error)
            continue
        state = folded.state
        yield Turn(signal, tuple(effect for effect, _ in folded.effects))


@dataclass(slots=True)
class Tally:
    """Counts by outcome, and the newest form of each headline study, window within a session and alert."""

    events: Counter[EventOutcome] = field(default_factory=Counter)
    sessions: Counter[SessionOutcome] = field(default_factory=Counter)
    headlines: dict[date, Study] = field(default_factory=dict)
    windows: dict[str, Study] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    unreadable: int = 0

    def take(self, turn: Turn) -> None:
        """Count one turn."""
        for effect in turn.effects:
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        match effect:
            case Noted(fact=EventSeen(outcome=outcome)):
                self.events[outcome] += 1
            case Noted(fact=SessionDecided(outcome=outcome)):
                self.sessions[outcome] += 1
            case PublishStudy(study=study) if is_headline(study):
                self.headlines[study.session] = study
            case PublishStudy(study=Study(within=Within()) as study):
                self.windows[study.study_id] = study
            case PublishAlert(alert=alert):
                self.alerts[alert.alert_id] = alert
            case _:
                pass

    @property
    def tested(self) -> list[Study]:
        """The headline studies with a test, by session."""
        return [self.headlines[day] for day in sorted(self.headlines) if _is_found(self.headlines[day])]

    @property
    def answered(self) -> bool:
        """True where a window within a session has a test."""
        return any(_is_found(study) for study in self.windows.values())

    @property
    def waiting(self) -> int:
        """How many sessions events still wait for."""
        return sum(isinstance(study.result, NotYet) for study in self.headlines.values())


def is_headline(study: Study) -> bool:
    """True for the session test."""
    return study.window == HEADLINE and study.model == HEADLINE_MODEL


def _is_found(study: Study) -> bool:
    return isinstance(study.result, Found)
