"""`brentwatch alerts` on a real broker, with a notifier that writes to a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member
from tests.kafka.tools import committed, copied, read, write
from tests.notify.alerts import alert

from brentwatch.core.domain import Severity
from brentwatch.stream import ALERTS, DELIVERIES, Outgoing
from brentwatch.wire.deliveries import AnswerRecord, AttemptRecord, decode_delivery_record
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

    from brentwatch.core.domain import Alert
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

FIRST = alert()
SECOND = alert(alert_id="abcdef0123456789abcd", severity=Severity.HIGH)


class Desk:
    """A notifier's settings, the file that it writes, and the commands of the people who read it."""

    def __init__(self, settings: KafkaSettings, folder: Path) -> None:
        self.settings = settings
        self.path = folder / "alerts.jsonl"
        self.options = (
            "--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={self.path}",
            "--set", "notify.jsonl.fallback=terminal",
        )  # fmt: skip

    def alerts(self, *words: str) -> CompletedProcess[str]:
        return brentwatch(self.settings, "alerts", *words, *self.options)

    def told(self, *words: str) -> str:
        done = self.alerts(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def objects(self, *words: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.told(*words, "--json").splitlines()]

    def publish(self, published: Alert) -> None:
        topic = self.settings.topic(ALERTS)
        write(self.settings, Outgoing(topic=topic, key=b"brent-spot", value=encode_alert(published)))

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def records(self) -> list[object]:
        found = read(self.settings, self.settings.topic(DELIVERIES))
        return [decode_delivery_record(each.value or b"") for each in found]

    def await_attempts(self, number: int) -> None:
        def count() -> int:
            return sum(isinstance(each, AttemptRecord) for each in self.records())

        await_true(lambda: count() >= number, f"{number} outcomes are recorded")
        end = len(self.records())
        await_true(
            lambda: committed(self.settings, self.settings.group("deliveries"))[0] >= end, "all is folded"
        )


@pytest.fixture(name="desk")
def _desk(settings: KafkaSettings, tmp_path: Path) -> Desk:
    return Desk(settings, tmp_path)


def test_without_topics_or_alerts_or_a_notifier_the_commands_say_so(desk: Desk) -> None:
    missing = desk.alerts("list")
    assert missing.returncode == 3
    assert "impact.deliveries does not exist" in missing.stderr
    assert "brentwatch topics create" in missing.stderr
    create_topics(desk.settings)
    empty = desk.alerts("list")
    assert (empty.returncode, empty.stdout) == (0, "no alerts yet\n")
    assert "the notifier is not running, so nothing is sent. Start it: brentwatch run notify" in empty.stderr
    unknown = desk.alerts("ack", "0123")
    assert unknown.returncode == 4
    assert "there is no alert" in unknown.stderr
    assert desk.alerts("unsilence").returncode == 4
    later = desk.told("silence", "--for", "1m")
    assert later.startswith(
        "recorded; it takes effect when the notifier reads it. The notifier is not running"
    )
    assert "; 1 newer record is not shown. Start it: " in desk.alerts("channels").stderr


def test_people_look_at_alerts_answer_them_and_silence_them(desk: Desk, tmp_path: Path) -> None:
    create_topics(desk.settings)
    with member(desk.settings, "notify", *desk.options):
        await_true(lambda: copied(desk.settings), "the notifier has begun")
        desk.publish(FIRST)
        desk.await_attempts(1)

        (row,) = desk.objects("list")
        assert (row["thread"], row["session"], row["severity"]) == (FIRST.alert_id, "2019-09-16", "critical")
        assert (row["channels"], row["acknowledged"]) == ({"jsonl": "sent"}, None)
        assert "01234567" in desk.told("list", "--severity", "critical", "--since", "2020-01-01")
        assert desk.told("list", "--since", "2099-01-01") == "no alert matches\n"

        assert desk.told("ack", "0123", "--by", "anna") == "acknowledged; 1 fallback stopped\n"
        assert desk.told("ack", "0123", "--by", "ben").startswith(
            "already acknowledged by anna via command line"
        )
        assert sum(isinstance(each, AnswerRecord) for each in desk.records()) == 1
        assert desk.told("feedback", "0123", "useful", "--by", "anna") == (
            "recorded as useful; critical alerts so far: 1 useful of 1\n"
        )
        assert "critical alerts so far: 0 useful of 1" in desk.told(
            "feedback", "0123", "false", "--by", "anna"
        )

        assert desk.told("silence", "--for", "1h", "--reason", "maintenance", "--by", "anna").startswith(
            "all channels are silent until "
        )
        desk.publish(SECOND)
        await_true(lambda: len(desk.objects("list")) == 2, "the second alert is recorded")
        assert desk.objects("list")[0]["channels"] == {"jsonl": "held"}
        (channel, _) = desk.objects("channels")
        assert (channel["held"], channel["digested"]) == (1, 1)
        assert "maintenance" in str(channel["silences"])
        assert desk.told("unsilence") == (
            "1 silence ended; the alerts held back are sent as digests: jsonl 1\n"
        )
        desk.await_attempts(3)
        assert "Silence ended: 1 alert held back, the loudest high" in desk.lines()[-1]

        assert desk.told("resend", "0123") == "sent again to jsonl\n"
        desk.await_attempts(4)
        assert json.loads(desk.lines()[-1])["alert_id"] == FIRST.alert_id
        unused = desk.alerts("resend", "0123", "--channel", "webhook")
        assert (unused.returncode, "does not use the channel webhook" in unused.stderr) == (4, True)
        nothing = desk.alerts("show", "0129")
        assert (nothing.returncode, FIRST.alert_id in nothing.stderr) == (4, True)

        shown = desk.told("show", "0123")
        assert "acknowledged by anna via command line" in shown
        assert "feedback: false alarm, by anna" in shown
        history = [line.partition("  ")[2] for line in shown.partition("\n\n")[2].splitlines()]
        assert [line.split()[:2] for line in history] == [
            ["alert", "revision"], ["attempt", "jsonl:"], ["answer", "acknowledge"], ["answer", "useful"],
            ["answer", "false_alarm"], ["answer", "resend"], ["attempt", "jsonl:"],
            ["answer", "resend"],
        ]  # fmt: skip
        channel = desk.objects("channels")[0]
        ends = sum(int(str(channel[end])) for end in ("accepted", "failed", "superseded", "digested"))
        assert channel["recorded"] == ends + int(str(channel["pending"]))
        assert channel["accepted_at"] is not None
        assert "critical and above" not in desk.told("channels")

    threads, lines = desk.objects("list"), desk.lines()
    with member(desk.settings, "notify", "--rebuild", *desk.options):
        unsent = desk.alerts("resend", "abcd")
        assert (unsent.returncode, "name one with --channel" in unsent.stderr) == (4, True)
        assert desk.told("resend", "abcd", "--channel", "jsonl") == "sent again to jsonl\n"
        await_true(lambda: len(desk.lines()) > len(lines), "the alert has arrived again")
        assert desk.lines()[:-1] == lines
        assert [each["thread"] for each in desk.objects("list")] == [each["thread"] for each in threads]
    export(desk, tmp_path)


def export(desk: Desk, folder: Path) -> None:
    """The archive repeats the topic, and no byte of it can be changed unseen."""
    out = folder / "archive.jsonl"
    whole = ("--from", "2020-01-01", "--to", "2099-01-01")
    done = desk.alerts("export", *whole, "--out", str(out))
    assert done.returncode == 0, done.stderr
    lines = out.read_bytes().splitlines()
    found = read(desk.settings, desk.settings.topic(DELIVERIES))
    assert [json.loads(line)["record"] for line in lines] == [json.loads(each.value or b"") for each in found]
    assert any(b'"words":"Silence ended: 1 alert held back, the loudest high' in line for line in lines)
    assert desk.told("export", *whole).encode() == out.read_bytes()
    assert desk.told("export", "--from", "2020-01-01", "--to", "2021-01-01") == ""
    again = desk.alerts("export", *whole, "--out", str(out))
    assert (again.returncode, "exists" in again.stderr) == (7, True)
    assert desk.told("export", "--verify", str(out)).split()[-1] == done.stderr.split()[-1]
    lines[3] = lines[3].replace(b"anna", b"anne").replace(b"jsonl", b"json1")
    out.write_bytes(b"\n".join(lines) + b"\n")
    broken = desk.alerts("export", "--verify", str(out))
    assert (broken.returncode, "the chain breaks at line 4" in broken.stderr) == (7, True)
