"""The scored record: what the fold forecast for each session, what came of it, and its alerts.

Each line depends on the signals up to its own alone, so the record of a history that ends earlier is the
beginning of the record of the whole, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from immutables import Map
from msgspec import structs

from brentwatch.core import domain
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.ewma_rank import measure_turbulence
from brentwatch.core.forecasts.forecast import Path, StudentT
from brentwatch.core.forecasts.table import HEADLINE_MODEL, PEERS, TEXTBOOK_MODEL
from brentwatch.core.forecasts.two_tails import TwoTails
from brentwatch.core.monitor.forecasting import forecast
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import MonthlyFit, SessionRecord, State
from brentwatch.core.monitor.studies import find_headline
from brentwatch.replay.turns import Turn, is_headline, replay_signals
from brentwatch.wire.record_line import (
    VERSION,
    AlertLine,
    ForecastDocument,
    HeaderLine,
    HeadsUpLine,
    RevisionLine,
    SessionLine,
    SignalLine,
    TestOfAlert,
)
from brentwatch.wire.timeline import encode_signal

_DIGEST = 32

Reject = Callable[[domain.Signal, Exception], object]


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """How far a record goes: `lines` of signal `number`, and `input`, the digest of the signals up to it."""

    number: int = 0
    input: str = ""
    lines: int = 0

    def move_to(self, line: SignalLine) -> RecordPlace:
        """The place after one more line."""
        return RecordPlace(line.number, line.input, self.lines + 1 if line.number == self.number else 1)


def build_header(instrument: domain.Instrument) -> HeaderLine:
    """The first line of a record."""
    return HeaderLine(
        version=VERSION,
        instrument=instrument.name,
        series=instrument.series.name,
        model=HEADLINE_MODEL,
        level=instrument.alert_level,
    )


def record_signals(
    rules: Rules,
    signals: Iterable[domain.Signal],
    reject: Reject = lambda *_: None,
    closed_after: int = 0,
    after: RecordPlace = RecordPlace(),
) -> Iterator[SignalLine]:
    """The lines of the record of these signals that come after a place, in their order.

    What the first `closed_after` signals decide is closed. A signal that the monitor would reject is handed
    to `reject` and left out.

    Raises:
        CannotFold: if a price update cannot be folded.
        InvalidInput: if the signals up to the place are not those of the record.
    """
    recorder, skipped = _Recorder(rules), 0
    for turn in replay_signals(rules, recorder.count(signals, after), reject, closed_after):
        for line in recorder.record(turn):
            if line.number > after.number or (line.number == after.number and skipped == after.lines):
                yield line
            skipped += line.number == after.number and skipped < after.lines
    if recorder.number < after.number:
        raise InvalidInput(
            f"the record goes to signal {after.number:,}, and these end with signal {recorder.number:,}; "
            "expected the same signals and those that came since: name the source of the record"
        )


def clear_warmup(signals: Iterable[domain.Signal]) -> Iterator[domain.Signal]:
    """The signals with every price as one to test, also those that a history has for the estimation alone."""
    for signal in signals:
        yield replace(signal, warmup=False) if isinstance(signal, domain.PriceUpdate) else signal


class _Recorder:
    """It knows how many signals came, their digest, and the p of each session that it recorded."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._peers = replace(rules, fits={}, model_names=tuple(PEERS))
        self._fits: dict[str, MonthlyFit] = {}
        self.number, self._digest = 0, ""
        self._tested: dict[date, float] = {}

    def count(self, signals: Iterable[domain.Signal], after: RecordPlace) -> Iterator[domain.Signal]:
        for signal in signals:
            self.number += 1
            self._digest = sha256(self._digest.encode() + encode_signal(signal)).hexdigest()[:_DIGEST]
            if self.number == after.number and self._digest != after.input:
                raise InvalidInput(
                    f"the first {self.number:,} signals are not those that the record was written from; "
                    "expected the same events and prices in the same order: name the source of the record, "
                    "or begin a new one"
                )
            yield signal

    def record(self, turn: Turn) -> Iterator[SignalLine]:
        for effect in turn.effects:
            match effect:
                case domain.Noted(fact=domain.SessionDecided() as fact):
                    yield self._record_session(turn, fact)
                case domain.PublishStudy(study=domain.SessionStudy() as study) if is_headline(study):
                    yield from self._record_revision(study)
                case domain.PublishAlert(alert=alert):
                    yield self._record_alert(alert)
                case _:
                    pass

    def _record_session(self, turn: Turn, fact: domain.SessionDecided) -> SessionLine:
        """The line of a session that was decided.

        An update that decides half a year at once leaves no forecast of its oldest sessions.
        """
        line = SessionLine(
            number=self.number,
            input=self._digest,
            known_at=turn.signal.known_at,
            session=fact.session,
            rules=domain.RULES,
            outcome=fact.outcome,
            reason=fact.detail,
        )
        decided = turn.state.decided.get(fact.session)
        return line if decided is None else self._fill(line, turn.state, decided)

    def _fill(self, line: SessionLine, state: State, decided: SessionRecord) -> SessionLine:
        study, path = find_headline(decided), decided.paths[HEADLINE_MODEL]
        known = structs.replace(line, events=study.events_total, exposure=study.exposure)
        if study.move is not None:
            known = structs.replace(
                known, close=self._get_level(study.move.close), log_return=study.move.log_return
            )
        if not isinstance(study.result, domain.Found) or not isinstance(path, Path):
            return known
        self._tested[line.session] = study.result.p
        first = path.steps[0]
        before = state.prices.compute_returns().exclude(state.left_out).select_before(line.session)
        return structs.replace(
            known,
            forecast=_describe_forecast(path),
            low=first.expected - first.distance(domain.USUAL_LEVEL, up=False),
            high=first.expected + first.distance(domain.USUAL_LEVEL),
            p=study.result.p,
            pit=find_pit(study.result),
            turbulence=measure_turbulence(before.values),
            peers=self._forecast_peers(state, decided),
        )

    def _get_level(self, close: float) -> float | None:
        """A price in USD/bbl; None if the licence of the prices lets nobody show it."""
        shown = self._rules.instrument.price_levels is domain.PriceLevels.SHOWN
        return close if shown else None

    def _forecast_peers(self, state: State, decided: SessionRecord) -> dict[str, ForecastDocument]:
        """The forecasts of the models to compare with, from the same prices."""
        bars = state.prices.bars[: state.find_index(decided.session)]
        before = State(
            rules=self._peers,
            prices=PriceHistory.build(bars),
            left_out=state.left_out,
            fits=Map(self._fits),
        )
        after, paths = forecast(before, decided.session, 1)
        self._fits = dict(after.fits)
        both = {TEXTBOOK_MODEL: decided.paths[TEXTBOOK_MODEL], **paths}
        return {name: _describe_forecast(path) for name, path in both.items() if isinstance(path, Path)}

    def _record_revision(self, study: domain.SessionStudy) -> Iterator[RevisionLine]:
        """A line if the test of a recorded session now has another p."""
        before, move = self._tested.get(study.session), study.move
        if before is None or move is None or move.log_return is None:
            return
        if isinstance(study.result, domain.Found) and study.result.p != before:
            self._tested[study.session] = study.result.p
            yield RevisionLine(
                number=self.number,
                input=self._digest,
                known_at=study.known_at,
                session=study.session,
                close=self._get_level(move.close),
                log_return=move.log_return,
                p=study.result.p,
                pit=find_pit(study.result),
            )

    def _record_alert(self, alert: domain.Alert) -> HeadsUpLine | AlertLine:
        news_at = min((event.known_at for event in alert.events), default=None)
        shared: dict[str, Any] = {
            "number": self.number,
            "input": self._digest,
            "known_at": alert.known_at,
            "alert_id": alert.alert_id,
            "revision": alert.revision,
            "session": alert.session,
            "settles_at": alert.settles_at,
            "news_at": news_at,
            "events": tuple(event.event_id for event in alert.events),
            "events_total": alert.events_total,
        }
        if alert.stage is domain.Stage.HEADS_UP:
            return HeadsUpLine(**shared)
        return AlertLine(
            **shared,
            stage=alert.stage,
            cause=alert.cause,
            severity=alert.severity,
            exposure=alert.exposure,
            tests=tuple(
                TestOfAlert(stage=each.stage, p=each.p, level=each.level, estimate=each.estimate)
                for each in alert.tests
            ),
        )


def find_pit(found: domain.Found) -> float:
    """The probability that the forecast gave to a return at or below the one that came."""
    return found.p / 2.0 if found.car < 0.0 else 1.0 - found.p / 2.0


def _describe_forecast(path: Path) -> ForecastDocument:
    first, calendar = path.steps[0], None if path.scale is None else path.scale.calendar
    match first:
        case TwoTails():
            return ForecastDocument(
                expected=first.expected,
                scale=first.scale,
                degrees_of_freedom=first.degrees_of_freedom,
                k_up=first.up.k,
                k_down=first.down.k,
                bend_up=first.up.bend,
                bend_down=first.down.bend,
                calendar=calendar,
            )
        case StudentT():
            return ForecastDocument(
                expected=first.expected, scale=first.scale, degrees_of_freedom=first.degrees_of_freedom
            )
        case _:
            return ForecastDocument(expected=first.expected, scale=first.standard_error)
