"""What only a broker of the test's own can show: it goes away and comes back, and its disk lies."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker
from tests.kafka.jobs import echo, place
from tests.kafka.patience import await_true, quick
from tests.kafka.tools import beside, make_topic, process, read, values, write, write_values

from brentwatch.core.errors import Unavailable
from brentwatch.stream import Outgoing
from brentwatch.stream.clients.producer import Producer
from brentwatch.stream.facts import DeadLettered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kafka


SUMMING = """
import signal, sys, threading
from brentwatch.stream import loop
from brentwatch.stream.clients.cluster import Cluster
from tests.kafka.jobs import adding
from tests.kafka.patience import quick
from tests.kafka.tools import Heard

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
settings = quick(sys.argv[1], "")
loop.run(Cluster(settings), adding(settings), tell=Heard(), stop=stop)
"""


def test_a_service_outlives_its_broker(own_broker: broker.Broker) -> None:
    settings = quick(own_broker.bootstrap, "")
    with broker.running(own_broker) as first:
        source, out = make_topic(settings, "in"), make_topic(settings, "out")
        make_topic(settings, "state", cleanup_policy="compact")
        write_values(settings, source, b"1")
        with process("-c", SUMMING, own_broker.bootstrap) as service:
            await_true(lambda: place(settings) == {0: 1}, "the first is answered")
            first.terminate()
            first.wait()
            with broker.running(own_broker):
                write_values(settings, source, b"2")
                await_true(lambda: place(settings) == {0: 2}, "the second is answered")
                assert values(settings, out) == [b"1", b"3"]
                service.terminate()
                assert service.wait(120) == 0


def test_a_record_whose_checksum_does_not_fit_is_told_and_passed_over(own_broker: broker.Broker) -> None:
    settings = quick(own_broker.bootstrap, "")
    with broker.running(own_broker):
        source, out, dead = (make_topic(settings, name) for name in ("in", "out", "dead"))
        for value in (b"before", b"one", b"two", b"after"):
            write(settings, Outgoing(topic=source, value=value))
        damage(own_broker.properties.parent / "data" / "in-0", b"one")
        with beside(settings, echo(settings)) as running:
            await_true(lambda: place(settings) == {0: 4}, "the consumer has gone on")
        assert values(settings, out) == [b"before", b"two", b"after"]
        letters = [dict(letter.headers) for letter in read(settings, dead)]
    assert [told.record.offset for told in running.heard.of(DeadLettered)] == [1]
    assert [(letter["reason"], letter["topic"], letter["offset"]) for letter in letters] == [
        (b"corrupt", b"in", b"1")
    ]


def test_a_producer_that_is_closed_before_the_broker_has_answered_leaves_no_thread_behind(
    own_broker: broker.Broker,
) -> None:
    settings = quick(own_broker.bootstrap, "")
    with broker.running(own_broker) as kafka:
        record = Outgoing(topic=make_topic(settings, "out"), value=b"1")
        others = set(threading.enumerate())
        producer = Producer(settings)
        producer.send([record])
        own = set(threading.enumerate()) - others
        assert own
        kafka.send_signal(signal.SIGSTOP)
        os.waitpid(kafka.pid, os.WUNTRACED)  # it has stopped
        try:
            with pytest.raises(Unavailable, match="failed while writing"):
                producer.send([record])
            producer.close()
        finally:
            kafka.send_signal(signal.SIGCONT)
        await_true(lambda: not any(thread.is_alive() for thread in own), "its threads have ended")


def damage(folder: Path, value: bytes) -> None:
    """Change one byte of a record where the broker has written it."""
    segment = folder / "00000000000000000000.log"
    with segment.open("r+b") as file:
        file.seek(file.read().index(value) + 1)
        file.write(b"?")
