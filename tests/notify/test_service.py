"""The notifier sends what is loud enough, once to each channel, and says what it does not send."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from tests.notify.alerts import alert
from tests.notify.channels.contract import ChannelContract

from brentwatch.core.domain import Alert, Severity
from brentwatch.core.errors import Unavailable
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.service import SERVICE, Notifier
from brentwatch.stream import Partition, Record
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import AlertText, encode_alert


class Memory:
    """A channel that keeps what it was given, in words, and refuses as often as it is told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.texts: list[AlertText] = []
        self.refusals = 0

    def send(self, alert: Alert, text: AlertText) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the channel refuses")
        self.alerts.append(alert)
        self.texts.append(text)


class TestMemory(ChannelContract):
    """The fake keeps the promises of a channel."""

    @pytest.fixture(autouse=True)
    def make(self) -> None:
        self.memory = self.channel = Memory()

    def arrived(self) -> list[str]:
        return [repr(sent) for sent in zip(self.memory.alerts, self.memory.texts, strict=True)]


class Notifying:
    """A notifier with channels in memory, and what it counts."""

    def __init__(self, *names: str, minimum: Severity = Severity.MEDIUM) -> None:
        self._registry = CollectorRegistry()
        self.channels = {name: Memory() for name in names or ("one",)}
        self.notifier = Notifier(
            self.channels,
            minimum,
            Metrics(self._registry, SERVICE),
            make_logger(TelemetrySettings(log_level="error"), service=SERVICE),
        )

    def take(self, *alerts: Alert) -> None:
        for each in alerts:
            record = Record(partition=Partition("a", 0), offset=0, value=encode_alert(each))
            assert self.notifier.handle(record) == []

    def take_document(self, document: bytes) -> list[AlertText]:
        """The words in which it was sent."""
        assert self.notifier.handle(Record(partition=Partition("a", 0), offset=0, value=document)) == []
        return self.channels["one"].texts

    def delivered(self, name: str = "one") -> list[tuple[str, int]]:
        return [(each.alert_id, each.revision) for each in self.channels[name].alerts]

    def counted(self, metric: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(f"brentwatch_{metric}_total", labels)


def test_an_alert_is_sent_in_the_words_that_it_was_published_with() -> None:
    published = AlertText(lock_screen="As published", card="One\nTwo")

    assert Notifying().take_document(encode_alert(alert(), published)) == [published]


def test_an_alert_that_an_older_version_published_gets_its_words_from_its_other_fields() -> None:
    without = encode_alert(alert())

    assert b'"text"' not in without
    assert Notifying().take_document(without) == [write_alert_text(alert())]


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL])
def test_from_medium_on_alerts_are_sent(severity: Severity) -> None:
    notifying = Notifying()
    notifying.take(alert(severity=severity))
    assert len(notifying.delivered()) == 1
    assert notifying.counted("notifications", channel="one", outcome="delivered") == 1


def test_an_unexplained_move_is_not_sent_but_counted() -> None:
    notifying = Notifying()
    notifying.take(alert(severity=Severity.INFO))
    assert notifying.delivered() == []
    assert notifying.counted("alerts_suppressed", reason="below_severity") == 1


def test_the_minimum_is_the_operators() -> None:
    notifying = Notifying(minimum=Severity.INFO)
    notifying.take(alert(severity=Severity.INFO))
    assert len(notifying.delivered()) == 1


def test_a_revision_that_rises_above_the_minimum_is_sent() -> None:
    notifying = Notifying()
    notifying.take(alert(severity=Severity.INFO), alert(severity=Severity.HIGH, revision=2))
    assert [revision for _, revision in notifying.delivered()] == [2]


def test_a_revision_is_sent_once_and_the_next_one_too() -> None:
    notifying = Notifying()
    notifying.take(alert(), alert(), alert(revision=2), alert(revision=2))
    assert [revision for _, revision in notifying.delivered()] == [1, 2]
    assert notifying.counted("alerts_suppressed", reason="already_sent") == 2


def test_a_channel_that_refused_is_asked_again_and_the_other_is_not() -> None:
    notifying = Notifying("one", "two")
    notifying.channels["two"].refusals = 1
    with pytest.raises(Unavailable):
        notifying.take(alert())
    notifying.take(alert())
    assert notifying.delivered("one") == notifying.delivered("two") == [(alert().alert_id, 1)]
    assert notifying.counted("notifications", channel="two", outcome="failed") == 1


def test_an_alert_that_cannot_be_read_is_for_the_dead_letters() -> None:
    with pytest.raises(InvalidMessage):
        Notifying().notifier.handle(Record(partition=Partition("a", 0), offset=0, value=b"{"))


class Breaking(Memory):
    """A channel that cannot show one alert, for a reason nobody thought of."""

    def send(self, alert: Alert, text: AlertText) -> None:
        if alert.alert_id == "bad":
            raise ZeroDivisionError("made up")
        super().send(alert, text)


def test_an_alert_that_a_channel_cannot_show_is_counted_and_stops_neither_the_next_nor_the_others() -> None:
    notifying = Notifying("one", "two")
    notifying.channels["one"] = Breaking()
    notifying.take(alert(alert_id="bad"), alert(alert_id="bad"), alert(alert_id="good"))
    assert notifying.delivered("one") == [("good", 1)]
    assert notifying.delivered("two") == [("bad", 1), ("good", 1)]
    assert notifying.counted("notifications", channel="one", outcome="failed") == 1


def test_a_channel_that_is_not_reachable_does_not_keep_the_alert_from_the_others() -> None:
    notifying = Notifying("one", "two")
    notifying.channels["one"].refusals = 1
    with pytest.raises(Unavailable):
        notifying.take(alert())
    assert notifying.delivered("two") == [(alert().alert_id, 1)]
