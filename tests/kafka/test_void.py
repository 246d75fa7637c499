"""One record of the timeline is voided: monitor, rebuild and replay pass over it, by the printed commands."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.kafka.folds import Published, fold
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, options
from tests.kafka.tools import committed, process, read, values, write_values

from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DEAD, STUDIES, TIMELINE, VOIDED, Partition
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.dead_letters.voids import read_voids
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.attack]

SIGNALS = [encode_signal(signal) for signal in find_history("abqaiq-2019").signals[-600:]]
ATTACK = next(at for at, value in enumerate(SIGNALS) if b"event_admitted" in value)


def start(settings: KafkaSettings, tmp_path: Path, *words: str, until: int = len(SIGNALS)) -> str:
    """Run the monitor until it has answered so many records, and give its log."""
    log = tmp_path / "log"
    with (
        log.open("wb") as said,
        process("-m", "brentwatch", *words, stderr=said, stdout=said) as running,
    ):
        group = settings.group("monitor")
        await_true(
            lambda: running.poll() is not None or committed(settings, group) == {0: until},
            "answered",
        )
        running.terminate()
        running.wait(30)
    return log.read_text("utf-8")


def published(settings: KafkaSettings) -> Published:
    return Published(values(settings, settings.topic(STUDIES)), values(settings, settings.topic(ALERTS)))


def without_the_attack() -> Published:
    return fold([decode_signal(value) for at, value in enumerate(SIGNALS) if at != ATTACK])


def printed(told: str) -> list[str]:
    """The words of the command that a line names."""
    (command,) = re.findall(r"^[^{].*(?:run|start): (brentwatch .*)$", told, re.MULTILINE)  # no line of a log
    return shlex.split(command)[1:]


def test_a_record_that_is_voided_ahead_is_passed_over_live_and_in_a_replay(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS)
    done = brentwatch(settings, "dead", "void", "0", str(ATTACK), "--reason", "made up by a stranger")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"voided: offset {ATTACK} of partition 0 of {settings.topic(TIMELINE)}: ")

    said = start(settings, tmp_path, *printed(done.stdout))
    assert "skipped a voided record" in said
    assert published(settings) == without_the_attack()

    replayed = brentwatch(settings, "replay", "--from-kafka", "--json")
    kinds = [json.loads(line)["kind"] for line in replayed.stdout.splitlines()]
    assert kinds.count("study") == len(without_the_attack().studies)
    listed = brentwatch(settings, "events", "--from-kafka", "--format", "json")
    assert len(listed.stdout.splitlines()) == sum(b"event_admitted" in value for value in SIGNALS) - 1


def test_a_record_that_the_state_rests_on_is_voided_by_a_rebuild_that_publishes_nothing(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS)
    start(settings, tmp_path, "run", "monitor", *options(settings))
    before = published(settings)

    done = brentwatch(settings, "dead", "void", "0", str(ATTACK), "--reason", "made up")
    rebuild = printed(done.stdout)
    refused = brentwatch(settings, "run", "monitor")
    assert refused.returncode == 3
    assert f"offset {ATTACK} of the timeline was voided since" in refused.stderr
    assert "--rebuild" in printed(refused.stderr)

    write_values(
        settings,
        settings.topic(TIMELINE),
        b'{"kind":"canary","canary_id":"c","known_at":"2019-12-01T00:00:00Z"}',
    )
    said = start(settings, tmp_path, *rebuild, until=len(SIGNALS) + 1)
    assert "results of sessions changed, not published again" in said
    assert "2019-09-16" in said
    assert published(settings) == before

    assert brentwatch(settings, "dead", "void", "0", str(ATTACK), "--undo").returncode == 0
    place = Partition(settings.topic(TIMELINE), 0)
    assert read_voids(settings, settings.topic(VOIDED), place) == {}
    assert "or no longer is" in brentwatch(settings, "run", "monitor").stderr


def test_what_does_not_exist_cannot_be_voided(settings: KafkaSettings) -> None:
    create_topics(settings)
    done = brentwatch(settings, "dead", "void", "0", "7", "--reason", "x")
    assert done.returncode == 7
    assert "there is no record at offset 7 of partition 0" in done.stderr


def test_what_is_known_in_2098_moves_nothing_and_becomes_a_dead_letter(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    """Complete through 2098, an honest session would give no study any more."""
    create_topics(settings)
    far = b'{"kind":"price_update","series":"brent-spot","bars":[],"complete_through":"2098-01-01T00:00:00Z",'
    far += b'"known_at":"2098-01-01T00:00:00Z","warmup":false}'
    half = len(SIGNALS) // 2
    write_values(settings, settings.topic(TIMELINE), *SIGNALS[:half], far, *SIGNALS[half:])
    start(settings, tmp_path, "run", "monitor", *options(settings), until=len(SIGNALS) + 1)
    assert published(settings) == fold([decode_signal(value) for value in SIGNALS])
    (letter,) = read(settings, settings.topic(DEAD))
    assert dict(letter.headers)["reason"] == b"future"
    assert brentwatch(settings, "dead", "void", "0", str(half), "--reason", "made up").returncode == 0
    found = brentwatch(settings, "doctor").stdout
    assert re.search(
        rf"warn +known times +known_at of 1 of the newest records of .* {settings.topic(TIMELINE)} is", found
    )
    assert re.search(rf"ok +voided +brent-spot: offset {half} of .* is voided since .*: made up", found)


def test_topics_of_an_older_installation_get_the_time_of_the_broker(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    name = settings.topic(TIMELINE)
    with closing(Admin(settings)) as admin:
        admin.configure(name, {"message.timestamp.type": "CreateTime"})
        write_values(settings, name, SIGNALS[0])
        said = start(settings, tmp_path, "run", "monitor", *options(settings), until=1)
        warned = f"topic {name}: message.timestamp.type is CreateTime, expected LogAppendTime"
        assert warned in said
        create_topics(settings)
        assert admin.read_configs([name])[name]["message.timestamp.type"] == "LogAppendTime"
    write_values(settings, name, SIGNALS[1])
    newest = read(settings, name)[-1]
    assert newest.is_append_time
    assert datetime.fromtimestamp(newest.timestamp / 1000, UTC).year >= 2026
