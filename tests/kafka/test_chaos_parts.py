"""What chaos is made of: a load and a schedule that a seed decides, and a verdict that sees every fault."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from tests.core.intraday_desk import FRONT
from tests.kafka.chaos.disruptions import DISRUPTIONS, schedule
from tests.kafka.chaos.fine_prices import bars
from tests.kafka.chaos.plan import Load, plan
from tests.kafka.chaos.prices import WARMUP, market
from tests.kafka.chaos.verdict import compared

from brentwatch.core.domain import BRENT_SPOT, PriceUpdate
from brentwatch.core.intraday.clock import SLOTS, session_of
from brentwatch.screen.decision import Admitted, ScreenRules, screen
from brentwatch.stream import EVENTS
from brentwatch.wire.timeline import decode_signal

EVENTS_WANTED = 200


def documents(*revisions: int, word: str = "said") -> list[bytes | None]:
    return [json.dumps({"study_id": "one", "revision": each, "says": word}).encode() for each in revisions]


FOLDED = documents(1, 2, 3)


@pytest.mark.parametrize(
    ("published", "faults"),
    [
        (FOLDED, {}),
        (documents(1, 3), {"missing": 1, "disorder": 1}),
        (documents(1, 2, 2, 3), {"duplicated": 1, "disorder": 1}),
        ([*documents(1, 2), *documents(3, word="other")], {"different": 1, "disorder": 1}),
        (documents(1, 2, 3, 4), {"different": 1, "disorder": 1}),
        (documents(1, 3, 2), {"disorder": 1}),
    ],
)
def test_the_verdict_counts_what_is_missing_duplicated_and_different(
    published: list[bytes | None], faults: dict[str, int]
) -> None:
    assert +compared("study_id", FOLDED, published) == Counter(faults)


def load(seed: int = 1, *, poisoned: bool = True) -> Load:
    return plan([BRENT_SPOT], EVENTS_WANTED, 5, Random(seed), poisoned=poisoned)


def test_a_seed_decides_the_load() -> None:
    assert load() == load()
    assert load() != load(2)


@pytest.mark.parametrize("poisoned", [False, True])
def test_what_the_load_calls_valid_is_admitted_and_nothing_else(poisoned: bool) -> None:
    made = load(poisoned=poisoned)
    messages = [act for act in made.writers["desk"] if act.topic == EVENTS]
    decisions = [screen(act.value, (), ScreenRules({}, {})) for act in messages]
    admitted = [each.signal.event for each in decisions if isinstance(each, Admitted)]
    assert {(event.event_id, event.revision) for event in admitted} == made.valid
    broken_prices = 1 if poisoned else 0
    assert len(decisions) - len(admitted) == made.invalid - broken_prices
    assert len(made.valid) >= EVENTS_WANTED


def test_poison_is_of_every_kind() -> None:
    made = load()
    messages = [act.value for act in made.writers["desk"]]
    assert max(Counter(messages).values()) > 1
    assert max(map(len, messages)) > 65_536
    statuses = {json.loads(each)["status"] for each in messages if b"status" in each}
    assert statuses == {"new", "update", "retract"}
    assert set(made.writers) == {"desk", "prices", "other prices"}
    assert len(made.writers["other prices"]) > len(made.writers["prices"])


SESSIONS = 10
FINE = replace(FRONT, partition=0)


@cache
def fine_load() -> Load:
    return plan([FINE], EVENTS_WANTED, SESSIONS, Random(1), poisoned=True)


def bars_told(writer: str) -> list[PriceUpdate]:
    """What a writer tells of bars of five minutes, once its past is told."""
    values = [act.value for act in fine_load().writers[writer] if act.key == b"brent-front-5m"]
    updates = [decode_signal(value) for value in values]
    return [each for each in updates if isinstance(each, PriceUpdate) and not each.warmup]


def test_bars_of_five_minutes_come_late_revised_and_not_at_all() -> None:
    updates = bars_told("prices")
    times = Counter(bar.closes_at for update in updates for bar in update.bars)
    first, last = min(times), max(times)
    through = [update.complete_through for update in updates]
    come_late = [each for at, each in enumerate(through) if at and each == through[at - 1]]

    assert through == sorted(through)
    assert len(come_late) > 10
    assert len([closes_at for closes_at, count in times.items() if count > 1]) > 10
    expected = sum(first <= bar.closes_at <= last for bar in bars(market(FINE, SESSIONS, Random(1))))
    assert 10 < expected - len(times) < expected / 50
    assert len({bar.session for update in updates for bar in update.bars}) >= SESSIONS


def test_there_is_news_within_every_session_of_bars() -> None:
    told = [screen(act.value, (), ScreenRules({}, {})) for act in fine_load().writers["desk"]]
    known = [each.signal.event.known_at for each in told if isinstance(each, Admitted)]
    sessions = Counter(bar.session for update in bars_told("prices") for bar in update.bars)
    whole = [session for session, count in sessions.items() if count > SLOTS / 2]
    assert min(Counter(map(session_of, known))[session] for session in whole) > 1


def test_bars_and_events_come_at_the_same_time_of_the_market() -> None:
    trading = market(FINE, SESSIONS, Random(1))
    for at in (0.05, 0.33, 0.5, 0.97):
        assert trading.place(trading.moment(at)) == pytest.approx(at, abs=1e-4)
    assert trading.place(trading.closes[WARMUP - 2]) == 0.0


def test_every_kind_of_disruption_comes_before_one_comes_again() -> None:
    planned = schedule(DISRUPTIONS, 2 * len(DISRUPTIONS), 100.0, Random(1))
    assert Counter(name for _, name in planned) == Counter(dict.fromkeys(DISRUPTIONS, 2))
    assert planned == sorted(planned)
    assert planned == schedule(DISRUPTIONS, 2 * len(DISRUPTIONS), 100.0, Random(1))
