"""The replay: the fold that runs live, over recorded signals, and a summary of its results."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from brentwatch.core import domain
from brentwatch.core.errors import STOPPING
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.closing import close_decided
from brentwatch.core.monitor.machine import create_state
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.message.folding import fold


@dataclass(frozen=True, slots=True)
class Turn:
    """One signal, what it led to, in order, and the state after it."""

    signal: domain.Signal
    effects: tuple[domain.Effect, ...]
    state: State


def replay_signals(
    rules: Rules,
    signals: Iterable[domain.Signal],
    reject: Callable[[domain.Signal, Exception], object] = lambda *_: None,
    closed_after: int = 0,
) -> Iterator[Turn]:
    """Fold the signals in their order, one turn each; what the first `closed_after` decide is closed.

    A signal that the monitor would reject (its results cannot be published, or an unexpected error) is
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
        yield Turn(signal, tuple(effect for effect, _ in folded.effects), state)


@dataclass(slots=True)
class Tally:
    """Counts by outcome, and the newest form of each headline study, window of bars and alert.

    `leads` are the first answers of each alert by stage: how soon after its news each came.
    """

    events: Counter[domain.EventOutcome] = field(default_factory=Counter)
    sessions: Counter[domain.SessionOutcome] = field(default_factory=Counter)
    headlines: dict[date, domain.SessionStudy] = field(default_factory=dict)
    windows: dict[str, domain.WindowStudy | domain.ReopenStudy] = field(default_factory=dict)
    alerts: dict[str, domain.Alert] = field(default_factory=dict)
    leads: dict[str, dict[domain.Stage, timedelta]] = field(default_factory=dict)
    unreadable: int = 0

    def take(self, turn: Turn) -> None:
        """Count one turn."""
        for effect in turn.effects:
            self._take(effect)

    def _take(self, effect: domain.Effect) -> None:
        match effect:
            case domain.Noted(fact=domain.EventSeen(outcome=outcome)):
                self.events[outcome] += 1
            case domain.Noted(fact=domain.SessionDecided(outcome=outcome)):
                self.sessions[outcome] += 1
            case domain.PublishStudy(study=domain.SessionStudy() as study) if is_headline(study):
                self.headlines[study.session] = study
            case domain.PublishStudy(study=(domain.WindowStudy() | domain.ReopenStudy()) as study):
                self.windows[study.study_id] = study
            case domain.PublishAlert(alert=alert):
                self.alerts[alert.alert_id] = alert
                self._measure_lead(alert)
            case _:
                pass

    def _measure_lead(self, alert: domain.Alert) -> None:
        if alert.events:
            news = min(event.known_at for event in alert.events)
            self.leads.setdefault(alert.alert_id, {}).setdefault(alert.stage, alert.known_at - news)

    @property
    def tested(self) -> list[domain.SessionStudy]:
        """The headline studies with a test, by session."""
        return [self.headlines[day] for day in sorted(self.headlines) if _is_found(self.headlines[day])]

    @property
    def answered(self) -> bool:
        """True if a window within a session has a test."""
        return any(_is_found(study) for study in self.windows.values())

    @property
    def waiting(self) -> int:
        """How many sessions events still wait for."""
        return sum(isinstance(study.result, domain.NotYet) for study in self.headlines.values())


def is_headline(study: domain.Study) -> bool:
    """True for the session test."""
    if not isinstance(study, domain.SessionStudy):
        return False
    return study.window == domain.HEADLINE and study.model == HEADLINE_MODEL


def _is_found(study: domain.Study) -> bool:
    return isinstance(study.result, domain.Found | domain.MoveFound)
