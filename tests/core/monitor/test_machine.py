"""What holds for the monitor with any signals: nothing known later touches what was published before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.desk import SERIES, Desk, bar, event, quiet_closes, session, warmed

from brentwatch.core.domain import (
    BRENT_SPOT,
    EventAdmitted,
    Exposure,
    Found,
    Noted,
    NotYet,
    Precision,
    PriceUpdate,
    PublishAlert,
    PublishStudy,
    SessionDecided,
    SessionStudy,
    Standing,
    Status,
    sort_signals,
)
from brentwatch.core.monitor.machine import State, step

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain import Effect, Signal

SESSIONS = 9
OPEN = BRENT_SPOT.series.closes_at(session(-1))
LAST = BRENT_SPOT.series.closes_at(session(SESSIONS))

moments = st.integers(0, SESSIONS * 24 * 60).map(lambda minutes: OPEN + timedelta(minutes=minutes))
exposures = st.sampled_from(
    [None, Exposure(country="SAU", production_kbd=9700.0), Exposure(country="TJK", production_kbd=0.2)]
)
events = st.builds(
    lambda number, revision, known_at, exposure, precision, status, standing: replace(
        event(f"desk:{number}", known_at, exposure, revision=revision, precision=precision, status=status),
        standing=standing,
    ),
    number=st.integers(0, 4),
    revision=st.integers(0, 2),
    known_at=moments,
    exposure=exposures,
    precision=st.sampled_from([Precision.MINUTE, Precision.DAY]),
    status=st.sampled_from([Status.NEW, Status.UPDATE, Status.RETRACT]),
    standing=st.sampled_from(Standing),
)
closes = st.one_of(st.floats(60.0, 100.0), st.sampled_from([-36.98, 0.0, 80.0]))
bars = st.builds(
    lambda number, close, hours: PriceUpdate(
        series=SERIES,
        bars=(bar(session(number), close),),
        complete_through=BRENT_SPOT.series.closes_at(session(number)),
        known_at=BRENT_SPOT.series.closes_at(session(number)) + timedelta(hours=hours),
    ),
    number=st.integers(0, SESSIONS - 1),
    close=closes,
    hours=st.integers(0, 72),
)
histories = st.lists(st.one_of(events, bars), min_size=1, max_size=25).map(sort_signals)


def told(signals: list[Signal]) -> list[tuple[Signal, tuple[Effect, ...]]]:
    state, answers = warmed(), []
    for signal in signals:
        state, effects = step(state, signal)
        answers.append((signal, effects))
    return answers


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories, moments, st.floats(60.0, 100.0))
def test_nothing_known_later_changes_what_was_published(
    history: list[Signal], moment: datetime, close: float
) -> None:
    def changed(signal: Signal) -> Signal:
        match signal:
            case PriceUpdate(bars=(only,)) if signal.known_at > moment:
                return replace(signal, bars=(replace(only, close=close),))
            case EventAdmitted() if signal.known_at > moment:
                return replace(signal, event=replace(signal.event, summary="told otherwise"), exposure=None)
        return signal

    before = [answer for answer in told(history) if answer[0].known_at <= moment]
    after = [
        answer for answer in told([changed(signal) for signal in history]) if answer[0].known_at <= moment
    ]

    assert after == before


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories)
def test_whatever_the_signals_the_rules_of_the_fold_hold(history: list[Signal]) -> None:
    state = warmed()
    effects: list[Effect] = []
    for signal in history:
        state, new = step(state, signal)
        effects += new

    waiting = {session for session, record in state.expected.items() if record.joined}
    pending = newest_pending(effects)
    assert pending <= waiting
    assert not set(state.expected) & set(state.decided)
    assert all(each.session == (each.alert or each).session for each in state.threads.values())
    assert len({each.session for each in state.threads.values()}) == len(state.threads)
    assert revisions_count_from_one(effects)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories)
def test_p_is_a_function_of_the_prices_alone(history: list[Signal]) -> None:
    prices = [signal for signal in history if isinstance(signal, PriceUpdate)]

    assert decisions(told(history)) == decisions(told(list(prices)))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(histories)
def test_no_number_that_is_published_is_undefined(history: list[Signal]) -> None:
    for _, effects in told(history):
        for effect in effects:
            if isinstance(effect, PublishStudy) and isinstance(effect.study.result, Found):
                found = effect.study.result
                assert 0.0 <= found.p <= 1.0
                assert found.low <= found.car <= found.high
                assert 0.0 < found.mde_05 < found.mde_alert


def test_scaling_every_price_changes_no_test() -> None:
    plain, scaled = Desk(), Desk(_scaled(7.0))
    for number, close in enumerate(quiet_closes(6)):
        plain.tell(_update(number, close))
        scaled.tell(_update(number, 7.0 * close))
        one, other = plain.headline(session(number)).result, scaled.headline(session(number)).result
        assert isinstance(one, Found)
        assert isinstance(other, Found)
        assert abs(one.p - other.p) < 1e-3  # as far as the optimiser can tell nu of quiet prices


def newest_pending(effects: list[Effect]) -> set[object]:
    """The sessions whose newest headline study is pending and has events."""
    newest = {
        effect.study.session: effect.study
        for effect in effects
        if isinstance(effect, PublishStudy)
        and isinstance(effect.study, SessionStudy)
        and effect.study.window.end == 0
    }
    return {
        day for day, study in newest.items() if isinstance(study.result, NotYet) and study.events_total > 0
    }


def revisions_count_from_one(effects: list[Effect]) -> bool:
    seen: dict[str, int] = {}
    for effect in effects:
        match effect:
            case PublishStudy(study=study):
                key, revision = study.study_id, study.revision
            case PublishAlert(alert=alert):
                key, revision = alert.alert_id, alert.revision
            case _:
                continue
        if revision != seen.get(key, 0) + 1:
            return False
        seen[key] = revision
    return True


def decisions(answers: list[tuple[Signal, tuple[Effect, ...]]]) -> list[SessionDecided]:
    return [
        effect.fact
        for _, effects in answers
        for effect in effects
        if isinstance(effect, Noted) and isinstance(effect.fact, SessionDecided)
    ]


def _update(number: int, close: float) -> PriceUpdate:
    only = bar(session(number), close)
    return PriceUpdate(series=SERIES, bars=(only,), complete_through=only.closes_at, known_at=only.closes_at)


def _scaled(factor: float) -> State:
    state = warmed()
    prices = replace(
        state.prices, bars=tuple(replace(each, close=factor * each.close) for each in state.prices.bars)
    )
    return replace(state, prices=prices)
