"""The turns of feeds as a service has them, with a clock, a broker in memory, and what was counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from brentwatch.ingest.feeds.deliveries import FeedDelivery
from brentwatch.ingest.turns import Pace, Surroundings, Turns
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.web.failures import Backoff
from brentwatch.wire.cloudevents import decode_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from brentwatch.ingest.feeds.deliveries import Feed
    from brentwatch.stream import Outgoing
    from brentwatch.telemetry.definition import Metric
    from brentwatch.wire.event_document import UnrestEventDocument

START = datetime(2024, 5, 7, 12, 0, tzinfo=UTC)
EVERY_SECONDS = 60
FIRST_WAIT_SECONDS = 9
"""After a first failure: ten seconds, of which chance leaves out a tenth."""


class Fake:
    """A feed that gives, or raises, what is in `next`, and remembers what was asked for."""

    memory = timedelta(days=1)

    def __init__(self) -> None:
        self.next: list[FeedDelivery | Exception] = []
        self.asked_at: list[datetime] = []
        self.gone_on = 0
        self.recalled: list[UnrestEventDocument] = []

    def recall(self, document: UnrestEventDocument) -> None:
        self.recalled.append(document)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        self.asked_at.append(now)
        while self.next:
            match self.next.pop(0):
                case FeedDelivery() as delivery:
                    yield delivery
                    self.gone_on += 1
                case error:
                    raise error


class Desk:
    """Turns of feeds with a clock that the test moves: `feeds` as they are, or fakes of these names."""

    def __init__(self, *names: str, now: datetime = START, **feeds: Feed) -> None:
        self.feeds: dict[str, Any] = dict(feeds) or {name: Fake() for name in names or ("gdelt",)}
        self.feed: Any = next(iter(self.feeds.values()))
        self.now = now
        self.sent: list[list[Outgoing]] = []
        self.refuse_with: Exception | None = None
        self._log = StringIO()
        self.stopped = False
        self.registry = CollectorRegistry()
        pace = Pace(every=EVERY_SECONDS, backoff=Backoff(10, 50, chance=lambda: 0.4))
        self.turns = Turns(
            self.feeds,
            dict.fromkeys(self.feeds, pace),
            Surroundings(
                topic="demo.unrest.events",
                envelope="binary",
                sender=self,
                now=lambda: self.now,
                beat=lambda: None,
                stopped=lambda: self.stopped,
                metrics=Metrics(self.registry, "ingest"),
                log=make_logger(TelemetrySettings(log_format="text"), service="ingest", stream=self._log),
            ),
        )

    def send(self, records: Sequence[Outgoing]) -> None:
        if self.refuse_with is not None:
            raise self.refuse_with
        self.sent.append(list(records))

    @property
    def log_lines(self) -> str:
        """All that was logged."""
        return self._log.getvalue()

    def after(self, seconds: float) -> float:
        self.now += timedelta(seconds=seconds)
        return self.turns.turn()

    def counted(self, metric: Metric, **labels: str) -> float | None:
        named = {"feed": next(iter(self.feeds)), **labels}
        return self.registry.get_sample_value(f"brentwatch_{metric.name}", named)

    def written(self) -> list[tuple[str, int]]:
        """The key of every event that was sent, in its order."""
        sent = [out for part in self.sent for out in part]
        found = [decode_message(out.value, out.headers) for out in sent]
        return [(document.event_id, document.revision) for document in found]
