"""How long an alert takes from Kafka to its receiver, and whether a channel that hangs delays the others.

The receivers are in this process, so one clock times everything. Both sides of a comparison run at the same
time and take turns, so that other load on the machine slows both. An alert counts as readable when the broker
has acknowledged it, and as accepted when the receiver has read the whole request.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.stream import bare, notifier
from benchmarks.stream.installation import BATCHES, install, make_topic
from kafka import KafkaProducer
from tests.kafka.patience import await_true
from tests.kafka.programs import await_member
from tests.kafka.tools import copied
from tests.notify.alerts import ALERT

from brentwatch.stream import ALERTS
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from brentwatch.stream import KafkaSettings

TIMES = 200
PAUSE_SECONDS = 0.2
CHANNELS = 10
_WARMING = 20
_SHARES = {"p50": 50, "p99": 99}
_MOST_TIMES_BARE = 1.5
_MOST_TIMES_UNDISTURBED = 1.25
"""A p99 on a shared machine varies by 10 to 20 % from run to run."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Ten channels connect at once; a refused connection is retried a second later."""


class Receiver:
    """Records when each path received a request; the path `hanging` never gets a response."""

    def __init__(self) -> None:
        self.came = threading.Condition()
        self.times: dict[str, list[float]] = {}
        self.hanging = ""
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handle_for(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def note(self, path: str) -> None:
        """A request was read to its end."""
        now = time.perf_counter()
        with self.came:
            self.times.setdefault(path, []).append(now)
            self.came.notify()

    def await_count(self, paths: tuple[str, ...], count: int) -> list[float]:
        """When each path received its last request, of `count`."""
        with self.came:
            enough = self.came.wait_for(
                lambda: all(len(self.times.get(path, ())) >= count for path in paths), timeout=60
            )
            if not enough:
                raise TimeoutError(f"not every receiver got {count} requests within 60 seconds")
            return [self.times[path][count - 1] for path in paths]

    def close(self) -> None:
        """Stop responding."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handle_for(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            receiver.note(self.path)
            if self.path == receiver.hanging:
                receiver.released.wait(600)
                return
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    return Handler


@dataclass(frozen=True, slots=True)
class Lane:
    """A topic for alerts, and the paths of a receiver that get them."""

    kafka: KafkaSettings
    topic: str
    receiver: Receiver
    paths: tuple[str, ...]


def measure(bootstrap: str, *, short: bool = False) -> Iterator[Measurement]:
    """One channel against a bare loop; nine channels with a tenth that hangs, and with one that works."""
    times = 4 if short else _WARMING + TIMES
    with open_bare(bootstrap) as bare_loop, open_notifier(bootstrap, 1) as ours:
        alone, peers = ask(times, ours, bare_loop)
    yield from _compare("alert to acceptance", alone, peers, _MOST_TIMES_BARE, "bare loop")
    with open_notifier(bootstrap, CHANNELS) as well, open_notifier(bootstrap, CHANNELS, "/9") as disturbed:
        mine, peers = ask(times, disturbed, well)
    yield from _compare("beside a hanging channel", mine, peers, _MOST_TIMES_UNDISTURBED, "a well one")


def _compare(
    what: str, mine: list[float], peers: list[float], most: float, name: str
) -> Iterator[Measurement]:
    for share, percent in _SHARES.items():
        value, peer = (1000 * float(np.percentile(each, percent)) for each in (mine, peers))
        yield Measurement(f"{what}, {share}", value, "ms", AtMost(most, Reference(name, peer)))


@contextmanager
def open_notifier(bootstrap: str, channels: int, hanging: str = "") -> Iterator[Lane]:
    """A notifier with `channels` channels; the last one hangs."""
    kafka, paths = install(bootstrap), [f"/{number}" for number in range(channels)]
    with closing(Receiver()) as receiver, notifier.running(kafka, receiver.port, channels):
        receiver.hanging = hanging
        for name in ("notify", "deliveries"):
            await_member(kafka, name)
        await_true(lambda: copied(kafka), "the notifier has begun")
        yield Lane(kafka, kafka.topic(ALERTS), receiver, tuple(paths[: CHANNELS - 1]))


@contextmanager
def open_bare(bootstrap: str) -> Iterator[Lane]:
    """A loop that consumes, commits one transaction, and posts."""
    kafka = install(bootstrap)
    source, to = make_topic(kafka, "hop0"), make_topic(kafka, "hop1")
    with closing(Receiver()) as receiver:
        hop = f"post:{kafka.group('post')}:{source}:{to}:{receiver.port}"
        with bare.running(bootstrap, hop):
            yield Lane(kafka, source, receiver, ("/",))


def ask(times: int, *lanes: Lane) -> list[list[float]]:
    """Seconds to each path of each lane, by lane, without the first, during which processes still load."""
    measured: list[list[list[float]]] = [[] for _ in lanes]
    with closing(KafkaProducer(bootstrap_servers=lanes[0].kafka.bootstrap, **BATCHES)) as producer:
        for number in range(times):
            value = encode_alert(replace(ALERT, alert_id=f"alert-{number}"))
            for lane, known in zip(lanes, measured, strict=True):
                time.sleep(PAUSE_SECONDS)
                producer.send(lane.topic, value=value).get(timeout=60)
                began = time.perf_counter()
                came = lane.receiver.await_count(lane.paths, number + 1)
                known.append([each - began for each in came])
    return [[one for each in known[_WARMING:] or known[1:] for one in each] for known in measured]
