"""The notifier on a real broker: an alert has arrived before its offset is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member
from tests.kafka.tools import committed, values, write
from tests.notify.alerts import alert

from brentwatch.core.domain import Severity
from brentwatch.stream import ALERTS, DEAD, Outgoing
from brentwatch.wire.published import decode_alert, encode_alert

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Alert
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka


def publish(settings: KafkaSettings, *documents: bytes) -> None:
    topic = settings.topic(ALERTS)
    write(settings, *(Outgoing(topic=topic, key=b"brent-spot", value=value) for value in documents))


def jsonl(path: Path) -> tuple[str, ...]:
    """The options that send alerts to a file and nowhere else."""
    return ("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={path}")


def received(path: Path) -> list[Alert]:
    return [decode_alert(line).alert for line in path.read_bytes().splitlines()]


def answered(settings: KafkaSettings) -> dict[int, int]:
    return committed(settings, settings.group("notify"))


def test_alerts_reach_their_channel_once_and_unreadable_ones_the_dead_letters(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    loud, quiet, again = alert(), alert(alert_id="quiet", severity=Severity.INFO), alert(revision=2)
    publish(settings, encode_alert(loud), encode_alert(quiet), b"{", encode_alert(loud), encode_alert(again))
    with member(settings, "notify", *jsonl(path)):
        await_true(lambda: answered(settings) == {0: 5}, "all five are answered")
    assert received(path) == [loud, again]
    assert values(settings, settings.topic(DEAD)) == [b"{"]


def test_a_channel_that_cannot_deliver_holds_the_offset_back(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    log = tmp_path / "log"
    with member(settings, "notify", *jsonl(path), log=log):
        path.unlink()
        path.mkdir()
        publish(settings, encode_alert(alert()))
        await_true(lambda: "cannot be written" in log.read_text(), "the notifier has tried")
        assert answered(settings) == {}
        path.rmdir()
        await_true(lambda: answered(settings) == {0: 1}, "the alert is answered")
    assert received(path) == [alert()]
