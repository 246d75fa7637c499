"""The record of a live installation on a real broker: an alert, a heads-up and an answer; it continues."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member
from tests.kafka.tools import committed, copied, read, values, write
from tests.replay.records import find_signals, record_history

from brentwatch.core.domain import Bar, PriceUpdate
from brentwatch.stream import DELIVERIES, TIMELINE, Outgoing
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

HISTORY = "abqaiq-2019"


class Installation:
    """A screen, a monitor and a notifier, fed with the history; and the record of it."""

    def __init__(self, settings: KafkaSettings, folder: Path) -> None:
        self.settings, self.record = settings, folder / "record.jsonl"
        self.notify = (
            *("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={folder / 'alerts.jsonl'}"),
            *("--set", "notify.jsonl.fallback=terminal"),
        )

    def run(self, *words: str, code: int = 0) -> str:
        done = brentwatch(self.settings, *words)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def write(self) -> list[dict[str, Any]]:
        """Write or continue the record, and read it."""
        self.run("record", "write", str(self.record), "--from-kafka")
        return [json.loads(line) for line in self.record.read_bytes().splitlines()]

    def await_all(self) -> None:
        """Wait until the monitor has answered the timeline, and the notifier has folded the alerts."""
        end = len(values(self.settings, self.settings.topic(TIMELINE)))
        monitor, deliveries = self.settings.group("monitor"), self.settings.group("deliveries")
        await_true(lambda: committed(self.settings, monitor) == {0: end}, "all is answered")
        await_true(lambda: copied(self.settings), "the notifier has copied alerts")
        count = len(read(self.settings, self.settings.topic(DELIVERIES)))
        await_true(lambda: committed(self.settings, deliveries).get(0, 0) >= count, "all is folded")

    def answer(self, alert_id: str, verdict: str) -> None:
        done = brentwatch(
            self.settings, "alerts", "feedback", alert_id, verdict, "--by", "anna", *self.notify
        )
        assert done.returncode == 0, done.stderr

    def settle(self, *closes: float) -> None:
        """More sessions, as the service `prices` writes them."""
        update = next(each for each in reversed(find_signals(HISTORY)) if isinstance(each, PriceUpdate))
        session, closes_at = update.bars[0].session, update.bars[0].closes_at
        topic = self.settings.topic(TIMELINE)
        for days, close in enumerate(closes, start=1):
            later = timedelta(days=days if session.weekday() + days < 5 else days + 2)
            bar = Bar(session=session + later, closes_at=closes_at + later, close=close)
            made = replace(
                update, bars=(bar,), complete_through=bar.closes_at, known_at=bar.closes_at, warmup=False
            )
            write(
                self.settings,
                Outgoing(topic=topic, partition=0, key=made.series.encode(), value=encode_signal(made)),
            )


def test_a_record_from_kafka_is_that_of_the_history_and_continues_with_sessions_and_answers(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    installation = Installation(settings, tmp_path)
    create_topics(settings)
    with (
        member(settings, "screen"),
        member(settings, "monitor"),
        member(settings, "notify", *installation.notify),
    ):
        installation.run("feed", HISTORY, "--prefix", settings.topic_prefix)
        installation.await_all()

        assert len(installation.write()) == len(record_history(HISTORY))
        assert installation.record.read_bytes() == b"".join(record_history(HISTORY))

        alert_id = next(
            each["alert_id"] for each in installation.write() if each.get("severity") == "critical"
        )
        installation.answer(alert_id, "false")
        installation.answer(alert_id, "useful")
        installation.settle(64.0, 63.0)
        installation.await_all()
        lines = installation.write()

    fed = len(record_history(HISTORY))
    assert installation.record.read_bytes().startswith(b"".join(record_history(HISTORY)))
    added = [line["kind"] for line in lines[fed:]]
    assert added.count("session") == 2
    assert added[-2:] == ["feedback", "feedback"]
    assert [line["answer"] for line in lines[-2:]] == ["false_alarm", "useful"]
    assert {line["alert_id"] for line in lines[-2:]} == {alert_id}
    assert lines[-1]["person"] == lines[-2]["person"]
    assert b"anna" not in installation.record.read_bytes()
    assert {"heads-up", "alert"} <= {line["kind"] for line in lines}
    assert len(installation.write()) == len(lines)

    again = tmp_path / "again.jsonl"
    installation.run("record", "write", str(again), "--from-kafka")
    assert again.read_bytes() == installation.record.read_bytes()
    verified = installation.run("record", "verify", str(again), "--from-kafka")
    assert "all are the same, bit for bit" in verified
    revisions = sum(line["kind"] in ("alert", "heads-up") for line in lines)
    assert f"{revisions} revisions of alerts are those on impact.alerts" in verified
    scored = json.loads(installation.run("record", "score", str(again), "--json").splitlines()[0])
    assert scored["levels"][0]["answered"] == {"count": 1, "total": 1}

    flipped = bytearray(again.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    again.write_bytes(flipped)
    assert "the chain breaks at line" in installation.run(
        "record", "verify", str(again), "--from-kafka", code=7
    )


def test_a_broker_without_a_timeline_leaves_no_record(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    installation = Installation(settings, tmp_path)

    assert "holds no signal" in installation.run(
        "record", "write", str(installation.record), "--from-kafka", code=7
    )
    assert not installation.record.exists()
