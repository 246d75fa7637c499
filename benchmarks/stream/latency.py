"""How long an answer takes, from the record written to the answer read under read_committed.

One process measures everything: it writes, waits for the answer, and writes the next record, so one clock
times ours and the bare loops. There is a pause before each settlement, as in live use, and before each record
of the bare loop.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream import bare
from benchmarks.stream.histories import FEED, Events, Prices
from benchmarks.stream.installation import BATCHES, READING, install, make_topic, partitions
from kafka import KafkaConsumer, KafkaProducer
from tests.kafka.programs import member

from brentwatch.stream import ALERTS, EVENTS, STUDIES, TIMELINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream import KafkaSettings

TIMES = 200
SPACING = 42
"""Sessions from one shock to the next, enough for each of 220 shocks to be an alert. The forecast learns:
with twelve sessions between shocks it expected the 84th, with forty the 203rd."""
IN_A_SESSION = 10
"""Events that wait for one session; with twenty the list of its study is full."""
PAUSE_SECONDS = 0.35
WARMING = 20
FIRST = date(1980, 1, 2)
"""The first session, early enough that the last one is in the past."""
_PATIENCE_SECONDS = 60.0
_SHARES = {"p50": 50, "p95": 95, "p99": 99}


class Desk:
    """Writes a record and waits for the answer."""

    def __init__(self, kafka: KafkaSettings, answers: str) -> None:
        self._producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, **BATCHES)
        self._consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, **READING)
        self._consumer.assign(partitions(answers, 1))

    def seconds(self, topic: str, value: bytes, answer: bytes, key: bytes | None = None) -> float:
        """Seconds from writing the value to the first answer that contains `answer`.

        Raises:
            TimeoutError: if none comes.
        """
        began = time.perf_counter()
        self.write(topic, value, key)
        while time.perf_counter() - began < _PATIENCE_SECONDS:
            for records in self._consumer.poll(timeout_ms=200).values():
                if any(answer in record.value for record in records):
                    return time.perf_counter() - began
        raise TimeoutError(f"no answer with {answer!r} came within {_PATIENCE_SECONDS} seconds")

    def write(self, topic: str, value: bytes, key: bytes | None = None) -> None:
        """Write a record, and wait only for its acknowledgement."""
        self._producer.send(topic, value=value, key=key).get(timeout=_PATIENCE_SECONDS)

    def close(self) -> None:
        """Close both clients."""
        self._producer.close()
        self._consumer.close()


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """Settlement to alert, and event to study through both hops, each with a bare loop as its reference."""
    times = 3 if short else WARMING + TIMES
    hop = bare_hops(bootstrap, times, PAUSE_SECONDS, "once")
    yield from _held("settlement to alert", alerts(bootstrap, times), hop)
    hops = bare_hops(bootstrap, times, 0.0, "least", "once")
    yield from _held("event to study", studies(bootstrap, times), hops)


def _held(what: str, ours: list[float], bares: list[float]) -> Iterator[Measurement]:
    for name, share in _SHARES.items():
        mine, peer = (1000 * float(np.percentile(each, share)) for each in (ours, bares))
        yield Measurement(f"{what}, {name}", mine, "ms", AtMost(1.5, Reference("bare loops", peer)))


def alerts(bootstrap: str, times: int) -> list[float]:
    """From the settlement of a session with a shock on the timeline to its alert, in seconds."""
    kafka, prices = install(bootstrap), Prices(FIRST)
    timeline, alert = kafka.topic(TIMELINE), kafka.topic(ALERTS)
    with _desk(kafka, alert) as desk, _desk(kafka, kafka.topic(STUDIES)) as calm, member(kafka, "monitor"):
        desk.write(timeline, prices.calm(1_000, warmup=True))
        measured = []
        for _ in range(times):
            value = prices.calm(SPACING - 1)
            calm.seconds(timeline, value, _session(prices))
            time.sleep(PAUSE_SECONDS)
            value = prices.shock()
            measured.append(desk.seconds(timeline, value, _session(prices)))
    return _warm(measured)


def studies(bootstrap: str, times: int) -> list[float]:
    """From an event to the study that waits for its session, through screen and monitor, in seconds."""
    kafka, prices, events = install(bootstrap), Prices(), Events()
    timeline, topic = kafka.topic(TIMELINE), kafka.topic(EVENTS)
    with ExitStack() as stack:
        desk = stack.enter_context(_desk(kafka, kafka.topic(STUDIES)))
        for service in ("screen", "monitor"):
            stack.enter_context(member(kafka, service, "--set", f"screen.own_feeds={FEED}"))
        desk.write(timeline, prices.calm(1_000, warmup=True))
        measured = []
        for number in range(times):
            if number % IN_A_SESSION == 0:
                value = prices.calm(1)
                desk.seconds(timeline, value, _session(prices))
            key, value = events.sent(prices.between)
            measured.append(desk.seconds(topic, value, events.newest.encode(), key))
    return _warm(measured)


def bare_hops(bootstrap: str, times: int, pause: float, *kinds: str) -> list[float]:
    """Through bare loops, one after the other, in seconds; `pause` seconds before each record."""
    kafka = install(bootstrap)
    topics = [make_topic(kafka, f"hop{number}") for number in range(len(kinds) + 1)]
    hops = [
        f"{kind}:{kafka.group(kind)}:{source}:{to}"
        for kind, source, to in zip(kinds, topics, topics[1:], strict=False)
    ]
    with _desk(kafka, topics[-1]) as desk, bare.running(bootstrap, *hops):
        measured = []
        for number in range(times):
            time.sleep(pause)
            measured.append(desk.seconds(topics[0], b"%09d " % number * 400, b"%09d " % number))
    return _warm(measured)


def _warm(measured: list[float]) -> list[float]:
    """Without the first, during which processes still load and join."""
    return measured[WARMING:] or measured[1:]


def _session(prices: Prices) -> bytes:
    """The newest session as a study and an alert write it."""
    return b'"session":"%s"' % prices.newest.isoformat().encode()


@contextmanager
def _desk(kafka: KafkaSettings, answers: str) -> Iterator[Desk]:
    with closing(Desk(kafka, answers)) as desk:
        yield desk
