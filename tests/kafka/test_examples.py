"""The examples work as docs/live.md quotes them: an event is admitted, alerts are printed as published."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaProducer
from tests.kafka.outside import admitted
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member
from tests.kafka.tools import CHECKOUT, values, write
from tests.notify.alerts import alert

from brentwatch.core.domain import EventAdmitted, EventClass, Standing
from brentwatch.message.alert_text import write_alert_text
from brentwatch.stream import ALERTS, TIMELINE, Outgoing
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import decode_alert, encode_alert
from brentwatch.wire.timeline import decode_signal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.core.domain import Alert
    from brentwatch.stream import KafkaSettings
    from brentwatch.wire.published import AlertText

pytestmark = pytest.mark.kafka


def quoted(example: str) -> list[str]:
    """The command of docs/live.md that runs an example."""
    text = (CHECKOUT / "docs" / "live.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"^python (examples/{example}\.py.*)$", text, flags=re.MULTILINE)
    return [sys.executable, *shlex.split(command)]


def environment(settings: KafkaSettings) -> dict[str, str]:
    return {
        **os.environ,
        "BRENTWATCH_KAFKA__BOOTSTRAP": settings.bootstrap,
        "BRENTWATCH_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
    }


def test_an_event_that_is_sent_as_the_page_says_is_admitted(settings: KafkaSettings) -> None:
    create_topics(settings)
    with member(settings, "screen"):
        done = subprocess.run(
            quoted("send_event"),
            cwd=CHECKOUT,
            env=environment(settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        await_true(lambda: len(admitted(settings)) == 1, "the event is on the timeline")
    (signal,) = [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    assert isinstance(signal, EventAdmitted)
    event = signal.event
    assert done.stdout == f"sent {event.event_id} to {settings.topic_prefix}unrest.events\n"
    assert (event.country, event.event_class) == ("SAU", EventClass.ATTACK_INFRASTRUCTURE)
    assert event.summary == "Drones hit the plant at Abqaiq"
    assert signal.standing is Standing.STATED


def test_each_committed_revision_is_printed_once_in_the_words_that_it_was_published_with(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    opened, second, last = alert(), alert(revision=2), alert(alert_id="another")
    aborted = alert(alert_id="aborted")
    without_words = encode_alert(alert(alert_id="older"))
    first_version = read_examples("alert.v1")["opened_critical.json"]
    publish(settings, first_version, document(opened), document(opened))
    abort(settings, document(aborted))
    with reading(settings, tmp_path / "said") as said:
        publish(settings, document(second), document(opened), without_words, document(last))
        older = decode_alert(first_version)
        expected = show(older.alert, older.text, "alert.v1") + "".join(
            show(each, write_alert_text(each), each.stage) for each in (opened, second, last)
        )
        await_true(lambda: len(said.read_text()) >= len(expected), "the last alert is printed")
    assert said.read_text() == expected


def show(alert: Alert, text: AlertText | None, stage: str) -> str:
    assert text is not None
    abnormal = sum(test.is_abnormal for test in alert.tests)
    return "\n".join([f"{stage}: {abnormal} abnormal", *text.lines]) + "\n\n"


def document(sent: Alert) -> bytes:
    return encode_alert(sent, write_alert_text(sent))


def publish(settings: KafkaSettings, *documents: bytes) -> None:
    topic = settings.topic(ALERTS)
    write(settings, *(Outgoing(topic=topic, key=b"brent-spot", value=value) for value in documents))


def abort(settings: KafkaSettings, value: bytes) -> None:
    """Write a record in a transaction that is given up: no reader of committed records may see it."""
    name = f"{settings.topic_prefix}examples"
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=name)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(settings.topic(ALERTS), value).get(timeout=30)
    producer.abort_transaction()
    producer.close()


@contextmanager
def reading(settings: KafkaSettings, said: Path) -> Iterator[Path]:
    """Run the reader as docs/live.md says, and stop it in the end."""
    with said.open("wb") as out:
        running = subprocess.Popen(
            quoted("read_alerts"), cwd=CHECKOUT, env=environment(settings), stdout=out, stderr=out
        )
        try:
            yield said
        finally:
            running.terminate()
            running.wait(timeout=30)
