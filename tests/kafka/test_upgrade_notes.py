"""docs/upgrading.md, step by step, on what version 0.1.0 left on a real broker: `tests/kafka/older.py`.

The commands and the settings are those of the page. Topics have the prefix of the test, and `brentwatch run`
starts without `prices` and `ingest`, which would ask servers elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.code_blocks import ROOT, read_blocks
from tests.kafka.older import Installation
from tests.kafka.patience import await_true
from tests.kafka.test_upgrade import list_published, list_replayed
from tests.kafka.tools import process, read, write, write_values

from brentwatch.core.domain import RULES, Cause, EventAdmitted, Status
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, EVENTS, STATE, STUDIES, TIMELINE, Outgoing
from brentwatch.stream.clients.admin import Admin
from brentwatch.wire.published import decode_alert
from brentwatch.wire.timeline import encode_signal
from brentwatch.wire.unrest_event import convert_from_core, encode_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

PAGE = "docs/upgrading.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
BLOCKS = [block for block in read_blocks() if block.page == PAGE]
SIGNALS = find_history("abqaiq-2019").signals
ATTACK = next(each.event for each in SIGNALS if isinstance(each, EventAdmitted))
SERVICES = ("screen", "monitor", "notify", "prices", "ingest", "canary")
OLDER = Installation()


class Desk:
    """The folder of the operator: the settings file, the log, the messages that arrived."""

    def __init__(self, folder: Path, settings: KafkaSettings) -> None:
        self._folder, self._settings = folder, settings
        self._file, self.log = folder / "brentwatch.toml", folder / "run.log"
        ports = {f"BRENTWATCH_TELEMETRY__PORTS__{name.upper()}": "0" for name in SERVICES}
        usual = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH")}
        self._options: dict[str, Any] = {"cwd": folder, "env": usual | ports}

    def write_settings(self, *texts: str) -> None:
        """The settings file, of what these texts say together, for the broker and the prefix of the test."""
        settings = self._settings
        kafka = {"kafka": {"bootstrap": settings.bootstrap, "topic_prefix": settings.topic_prefix}}
        values: dict[str, object] = {}
        for layer in (*map(tomllib.loads, texts), kafka):
            values.update(list_keys(layer))
        self._file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
        self._file.chmod(0o600)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        command = [sys.executable, "-W", "ignore", "-m", "brentwatch", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, **self._options
        )

    @contextmanager
    def start(self, *words: str, until: str) -> Iterator[None]:
        """Services, once the log has the text `until` for the first time since their start."""
        self.log.write_text("")
        with (
            self.log.open("a") as log,
            process("-m", "brentwatch", *words, **self._options, stdout=log, stderr=log) as running,
        ):
            await_true(lambda: until in self.log.read_text() or running.poll() is not None, until)
            assert running.poll() is None, self.log.read_text()[-2000:]
            yield
            running.terminate()
            running.wait(60)

    def list_received(self) -> list[tuple[str, int]]:
        """Id and revision of each alert that the channel has got."""
        path = self._folder / "alerts.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(alert["alert_id"], alert["revision"]) for alert in map(json.loads, lines)]


def list_keys(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """The settings of a TOML table by their dotted keys."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from list_keys(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def find_commands(start: str) -> list[list[str]]:
    """The words of each command of the block that begins with `start`."""
    block = next(block for block in BLOCKS if block.language == "sh" and block.text.startswith(start))
    return [shlex.split(line, comments=True)[1:] for line in block.text.splitlines()]


def read_setting(settings: KafkaSettings, topic: str) -> str:
    full = settings.topic(topic)
    with closing(Admin(settings)) as admin:
        return admin.read_configs([full])[full]["message.timestamp.type"]


def count_behind(settings: KafkaSettings) -> int:
    with closing(Admin(settings)) as admin:
        return admin.count_behind(settings.group("monitor"), settings.topic(TIMELINE))


def retract_attack(settings: KafkaSettings) -> None:
    """A feed of the upgraded installation takes back the event of the alert."""
    event = replace(ATTACK, revision=9, known_at=datetime(2020, 2, 1, tzinfo=UTC), status=Status.RETRACT)
    value = encode_event(convert_from_core(event))
    write(settings, Outgoing(topic=settings.topic(EVENTS), key=b"SAU", value=value))


def test_the_page_leads_from_what_0_1_0_left_to_an_installation_of_today(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    OLDER.put(settings)
    desk = Desk(tmp_path, settings)
    (new,) = [block.text for block in BLOCKS if block.language == "toml"]
    studies, alerts = OLDER.list_values(STUDIES), OLDER.list_values(ALERTS)
    place = OLDER.count(TIMELINE)

    desk.write_settings(OLDER.settings)
    refused = desk.run("run", "monitor")
    assert refused.returncode == 3
    named = re.findall(r"^brentwatch: ([\w.]+) (?:is '|\()", refused.stderr, re.MULTILINE)
    assert sorted(named) == ["prices.eia.url", "screen.minimum_relevance.wire"]
    assert all(f"`{re.sub('wire', 'NAME', name)}`" in TEXT for name in named)
    desk.write_settings(OLDER.settings, new)
    (shown,) = (desk.run(*words) for words in find_commands("brentwatch config"))
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"^instruments\.brent-spot\.alerts +True", shown.stdout, re.MULTILINE)

    create, save = find_commands("brentwatch topics")
    missing = desk.run("run", "notify")
    assert missing.returncode == 3
    assert set(re.findall(r"Run: brentwatch (.*)", missing.stderr)) == {shlex.join(create)}
    created = desk.run(*create)
    assert created.returncode == 0, created.stderr
    for said in re.findall(r"^(?:created|changed) (\S+?):? ", created.stdout, re.MULTILINE):
        assert f"`{said.removeprefix(settings.topic_prefix)}`" in TEXT
    await_true(lambda: read_setting(settings, ALERTS) == "LogAppendTime", "the broker shows what was changed")
    saved = desk.run(*save)
    assert f"saved {place:,} records of {settings.topic(TIMELINE)} to {save[-1]}/" in saved.stdout

    (doctor,) = find_commands("brentwatch doctor")
    assert {*re.findall(r"start it: brentwatch run (.*)", desk.run(*doctor).stdout)} <= {*SERVICES}

    stopped = desk.run("run", "monitor")
    assert stopped.returncode == 3
    assert f"rules 1 decided it, and this installation decides by rules {RULES}: " in stopped.stderr
    (rebuild,) = find_commands("brentwatch run monitor")
    assert stopped.stderr.rstrip().endswith(f"run: {shlex.join(['brentwatch', *rebuild])}")
    with desk.start(*rebuild, until='"event": "restored"'):
        assert '"results of sessions changed, not published again"' in desk.log.read_text()
    assert list_published(settings, STUDIES) == studies
    assert list_published(settings, ALERTS) == alerts

    (start,) = find_commands("brentwatch run\n")
    with desk.start(*start, *({*SERVICES} - {"prices", "ingest"}), until="all services are ready"):
        write_values(settings, settings.topic(TIMELINE), *map(encode_signal, SIGNALS[place:]))
        retract_attack(settings)
        await_true(
            lambda: len(desk.list_received()) == 2, "what was not sent, and the retraction, have arrived"
        )
        await_true(lambda: count_behind(settings) == 0, "the monitor has answered everything")
        await_true(
            lambda: find_faults(desk, doctor) == {"prices", "verdict"}, "only the prices, of 2019, are old"
        )
    check_alerts(settings, desk, alerts)
    assert list_published(settings, STUDIES)[: len(studies)] == studies

    replayed = desk.run("replay", "--from-kafka", "--json")
    assert f"rebuilt under new rules at offset {place}; " in replayed.stderr
    lines, live = replayed.stdout.splitlines(), list_published(settings, STUDIES, len(studies))
    assert len(live) > len(SIGNALS) - place
    assert list_replayed(lines, "study", 0)[-len(live) :] == live
    again = json.loads(list_replayed(lines, "alert", 0)[-1])
    assert (again["alert_id"], again["cause"]) == (json.loads(alerts[0])["alert_id"], "event_withdrawn")


def test_without_instruments_in_the_file_brent_front_gets_a_partition_and_brent_spot_goes_on(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    OLDER.put(settings)
    desk = Desk(tmp_path, settings)
    (new,) = [block.text for block in BLOCKS if block.language == "toml"]
    desk.write_settings(OLDER.settings, new.partition("[instruments")[0])
    create, _ = find_commands("brentwatch topics")
    (rebuild,) = find_commands("brentwatch run monitor")

    created = desk.run(*create).stdout
    for topic in (TIMELINE, STATE):
        assert f"changed {settings.topic(topic)} from 1 to 2 partitions" in created
    with desk.start(*rebuild, until='"event": "restored"'):
        place = OLDER.count(TIMELINE)
        write_values(settings, settings.topic(TIMELINE), *map(encode_signal, SIGNALS[place:]))
        await_true(lambda: count_behind(settings) == 0, "the monitor has answered everything")
    studies = OLDER.list_values(STUDIES)
    published = list_published(settings, STUDIES)
    assert published[: len(studies)] == studies
    assert {json.loads(each)["session"] for each in published[len(studies) :]} > {"2019-09-19", "2019-09-27"}
    assert list_published(settings, ALERTS) == OLDER.list_values(ALERTS)


def find_faults(desk: Desk, doctor: list[str]) -> set[str]:
    """What the doctor is not content with."""
    found = map(json.loads, desk.run(*doctor, "--json").stdout.splitlines())
    return {each["check"] for each in found if each["level"] != "ok"}


def check_alerts(settings: KafkaSettings, desk: Desk, older: list[str]) -> None:
    """The thread goes on under its id, with its figures; what was not sent has arrived once."""
    assert list_published(settings, ALERTS)[: len(older)] == older
    published = [decode_alert(value.encode()).alert for value in list_published(settings, ALERTS)]
    ids, revisions = {each.alert_id for each in published}, [each.revision for each in published]
    assert (len(ids), revisions) == (1, [1, 2, 3])
    assert (published[-1].cause, published[-1].tests) == (Cause.EVENT_WITHDRAWN, published[-2].tests)
    assert [dict(each.headers).get("schema") for each in read(settings, settings.topic(ALERTS))] == [
        *[None] * len(older),
        b"alert.v2",
    ]
    assert OLDER.count_committed("notify", ALERTS) == 1
    assert desk.list_received() == [(*ids, 2), (*ids, 3)]
