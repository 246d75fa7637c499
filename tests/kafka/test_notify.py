"""The notifier on a real broker: each alert is recorded once, and sent at least once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member
from tests.kafka.tools import copied, values, write
from tests.notify.alerts import alert

from brentwatch.core.domain import Alert, Severity
from brentwatch.stream import ALERTS, DEAD, DELIVERIES, KafkaSettings, Outgoing
from brentwatch.wire.deliveries import AlertRecord, AttemptOutcome, AttemptRecord, decode_delivery_record
from brentwatch.wire.published import decode_alert, encode_alert

pytestmark = pytest.mark.kafka


def publish(settings: KafkaSettings, *documents: bytes) -> None:
    topic = settings.topic(ALERTS)
    write(settings, *(Outgoing(topic=topic, key=b"brent-spot", value=value) for value in documents))


def to_file(path: Path) -> tuple[str, ...]:
    """The options that send alerts to a file and nowhere else."""
    return ("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={path}")


def received(path: Path) -> list[Alert]:
    return [decode_alert(line).alert for line in path.read_bytes().splitlines()]


def await_begun(settings: KafkaSettings) -> None:
    """Until the notifier has committed where it begins: what is published before that is of the past."""
    await_true(lambda: copied(settings), "the notifier has committed where it begins")


def outcomes(settings: KafkaSettings) -> list[AttemptOutcome]:
    records = [decode_delivery_record(each or b"") for each in values(settings, settings.topic(DELIVERIES))]
    return [each.outcome for each in records if isinstance(each, AttemptRecord)]


def recorded(settings: KafkaSettings) -> Sequence[AlertRecord]:
    records = [decode_delivery_record(each or b"") for each in values(settings, settings.topic(DELIVERIES))]
    return [each for each in records if isinstance(each, AlertRecord)]


def revise(first: Alert, revision: int) -> Alert:
    """A later revision in which a shown figure differs."""
    (test,) = first.tests
    normal = replace(test.normal, high=test.normal.high + revision / 1000)
    return replace(first, revision=revision, tests=(replace(test, normal=normal),))


def test_alerts_reach_their_channel_once_and_unreadable_ones_the_dead_letters(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    loud, quiet = alert(), alert(alert_id="quiet", severity=Severity.INFO)
    changed = revise(loud, 2)
    with member(settings, "notify", *to_file(path)):
        await_begun(settings)
        publish(settings, encode_alert(loud), encode_alert(quiet), b"{", encode_alert(loud))
        await_true(lambda: received(path) == [loud], "the first revision has arrived")
        publish(settings, encode_alert(changed))
        await_true(lambda: received(path) == [loud, changed], "the second revision has arrived")
        await_true(lambda: len(outcomes(settings)) == 2, "both outcomes are recorded")
    assert values(settings, settings.topic(DEAD)) == [b"{"]
    assert outcomes(settings) == [AttemptOutcome.ACCEPTED] * 2
    assert len(recorded(settings)) == 4
    with member(settings, "notify", *to_file(path)):
        third = revise(loud, 3)
        publish(settings, encode_alert(third))
        await_true(lambda: received(path) == [loud, changed, third], "what was sent is not sent again")


def test_alerts_from_before_the_first_start_are_not_sent(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    publish(settings, encode_alert(alert()))
    fresh = alert(alert_id="fresh")
    with member(settings, "notify", *to_file(path)):
        await_begun(settings)
        assert copied(settings) == {0: 1}
        publish(settings, encode_alert(fresh))
        await_true(lambda: received(path) == [fresh], "the new alert has arrived")


def test_a_channel_that_cannot_deliver_holds_nothing_back_and_delivers_later(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    log = tmp_path / "log"
    with member(settings, "notify", *to_file(path), log=log):
        await_begun(settings)
        path.unlink()
        path.mkdir()
        publish(settings, encode_alert(alert()))
        await_true(lambda: "cannot be written" in log.read_text(), "the notifier has tried")
        await_true(lambda: copied(settings) == {0: 1}, "the alert is recorded")
        path.rmdir()
        await_true(lambda: path.is_file() and received(path) == [alert()], "the alert has arrived")
        await_true(lambda: outcomes(settings)[-1] is AttemptOutcome.ACCEPTED, "its outcome is recorded")
    assert set(outcomes(settings)[:-1]) == {AttemptOutcome.RETRY}
