"""One bad record stays one bad record, at every service and command that reads a topic."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.kafka.folds import fold
from tests.kafka.jobs import job, place
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member, options, service
from tests.kafka.strangers import NESTED, keep_codecs, write_batch, write_snappy
from tests.kafka.tools import (
    beside,
    committed,
    copied,
    make_topic,
    process,
    read,
    values,
    write,
    write_values,
)
from tests.notify.alerts import alert
from tests.screen.messages import message

from brentwatch.commands.process import ExitCode
from brentwatch.core.errors import CannotFold
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DEAD, EVENTS, STUDIES, TIMELINE, Outgoing, Stateless
from brentwatch.stream.dead_letters.topic import Letter, parse_letter
from brentwatch.stream.facts import Broken, DeadLettered
from brentwatch.wire.published import decode_alert, encode_alert
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from brentwatch.stream import KafkaSettings, Record

pytestmark = pytest.mark.kafka


def letters(settings: KafkaSettings) -> list[tuple[str, int]]:
    """Reason and offset of every dead letter, in the order of offsets."""
    found = [parse_letter(record) for record in read(settings, settings.topic(DEAD))]
    return sorted((each.reason, each.origin_offset) for each in found if isinstance(each, Letter))


def answered(settings: KafkaSettings, name: str) -> int:
    return sum(committed(settings, settings.group(name)).values())


def test_the_screen_goes_on_past_nested_json_a_bad_header_name_and_a_missing_codec(
    settings: KafkaSettings,
) -> None:
    create_topics(settings)
    keep_codecs(settings, EVENTS, DEAD)
    topic = settings.topic(EVENTS)
    good = [message(event_id=f"desk:{number}") for number in range(5)]
    write_batch(settings, topic, good[0], NESTED, good[1])
    write_batch(settings, topic, good[2], good[0], good[3], bad=1)
    write_snappy(settings, topic, good[0], good[1])
    write_batch(settings, topic, good[4])
    with member(settings, "screen") as running:
        await_true(lambda: answered(settings, "screen") == 9, "all is answered")
        assert running.poll() is None
    assert [record.key for record in read(settings, settings.topic(TIMELINE))] == [
        f"desk:{number}".encode() for number in range(5)
    ]
    assert letters(settings) == [("corrupt", 4), ("corrupt", 7), ("too_deep", 1)]
    shown = brentwatch(settings, "dead", "show", "2")
    assert "pip install python-snappy" in shown.stdout
    assert "offsets 6 to 7" in shown.stdout
    # What the commands read is the dead-letter topic and the events themselves: the same again there.
    write_batch(settings, settings.topic(DEAD), NESTED, b"{}", bad=1)
    write_snappy(settings, settings.topic(DEAD), b"{}")
    assert "3 letters" in brentwatch(settings, "dead", "list").stdout
    replayed = brentwatch(settings, "dead", "replay", "--all", "--dry-run")
    assert replayed.returncode == ExitCode.PARTIAL, replayed.stderr


def test_ingest_recalls_its_topic_past_bad_records(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    keep_codecs(settings, EVENTS)
    topic = settings.topic(EVENTS)
    some = message(event_id="desk:1"), NESTED, message(event_id="desk:2")
    write_batch(settings, topic, *some, bad=2, feed="file")
    write_snappy(settings, topic, message(event_id="desk:3"))
    write_batch(settings, topic, message(event_id="desk:4"), feed="file")
    words = ("--set", "ingest.feeds=file", "--set", f"ingest.file.path={tmp_path}")
    log = tmp_path / "log"
    with service(settings, "ingest", *words, log=log) as running:
        await_true(lambda: '"events": 2' in log.read_text(), "the two good events are recalled")
        assert running.poll() is None


def test_the_monitor_its_rebuild_replay_and_doctor_go_on_past_bad_records(settings: KafkaSettings) -> None:
    create_topics(settings)
    keep_codecs(settings, TIMELINE)
    topic, signals = settings.topic(TIMELINE), find_history("abqaiq-2019").signals
    good = [encode_signal(signal) for signal in signals]
    half = len(good) // 2
    write_batch(settings, topic, NESTED, *good[:half])
    write_batch(settings, topic, good[0], *good[half:], bad=0)
    write_snappy(settings, topic, b"{}")
    write_batch(settings, topic, NESTED)
    total = len(good) + 4
    expected = fold(signals)
    for words in ((), ("--rebuild",)):
        with member(settings, "monitor", *words) as running:
            await_true(lambda: answered(settings, "monitor") == total, "all is answered")
            assert running.poll() is None
    assert values(settings, settings.topic(STUDIES)) == expected.studies
    assert values(settings, settings.topic(ALERTS)) == expected.alerts
    bad = [("corrupt", half + 1), ("corrupt", total - 2), ("too_deep", 0), ("too_deep", total - 1)]
    assert letters(settings) == bad
    replayed = brentwatch(settings, "replay", "--from-kafka")
    assert replayed.returncode == 0, replayed.stderr
    assert "Abqaiq" in replayed.stdout
    looked = brentwatch(settings, "doctor")
    assert "Traceback" not in looked.stderr
    assert "is complete through" in looked.stdout


def test_the_notifier_goes_on_past_bad_records(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    keep_codecs(settings, ALERTS)
    topic, path = settings.topic(ALERTS), tmp_path / "alerts.jsonl"
    sent = [alert(alert_id=f"good-{number}") for number in (1, 2, 3)]
    first, second, third = map(encode_alert, sent)
    words = ("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={path}")
    with member(settings, "notify", *words) as running:
        await_true(lambda: copied(settings), "the notifier has begun")
        write_batch(settings, topic, first, NESTED, second, third, second, bad=3)
        write_snappy(settings, topic, second)
        write_batch(settings, topic, third)
        await_true(lambda: copied(settings) == {0: 7}, "all is answered")
        await_true(lambda: len(path.read_bytes().splitlines()) == 3, "all three are sent")
        assert running.poll() is None
    assert [decode_alert(line).alert for line in path.read_bytes().splitlines()] == sent
    assert letters(settings) == [("corrupt", 3), ("corrupt", 5), ("too_deep", 1)]


def test_an_error_nobody_thought_of_becomes_a_letter_with_its_traceback(settings: KafkaSettings) -> None:
    source, out, dead = (make_topic(settings, name) for name in ("in", "out", "dead"))

    def answer(record: Record) -> Sequence[Outgoing]:
        return [Outgoing(topic=out, value=str(100 // int(record.value or b"")).encode())]

    write_values(settings, source, b"1", b"0", b"x", b"2")
    with beside(settings, job(settings, lambda _: Stateless(answer))) as running:
        await_true(lambda: place(settings) == {0: 4}, "all is answered")
    assert values(settings, out) == [b"100", b"50"]
    assert letters_of(settings, dead) == [("internal", 1), ("internal", 2)]
    assert [told.trace.splitlines()[-1] for told in running.heard.of(DeadLettered)] == [
        "ZeroDivisionError: integer division or modulo by zero",
        "ValueError: invalid literal for int() with base 10: b'x'",
    ]
    assert running.heard.of(Broken) == []


def letters_of(settings: KafkaSettings, topic: str) -> list[tuple[str, int]]:
    found = [parse_letter(record) for record in read(settings, topic)]
    return [(each.reason, each.origin_offset) for each in found if isinstance(each, Letter)]


def test_prices_that_cannot_be_folded_and_no_memory_end_the_loop(settings: KafkaSettings) -> None:
    source = make_topic(settings, "in")
    for name in ("out", "dead"):
        make_topic(settings, name)
    write_values(settings, source, b"1")
    assert isinstance(ended_by(settings, CannotFold("at offset 0")), CannotFold)
    assert isinstance(ended_by(settings, MemoryError()), MemoryError)
    assert place(settings) == {}


def ended_by(settings: KafkaSettings, error: Exception) -> Exception | None:
    """What a loop ends with whose worker raises that error."""

    def answer(_: Record) -> Sequence[Outgoing]:
        raise error

    try:
        with beside(settings, job(settings, lambda _: Stateless(answer))) as running:
            await_true(lambda: running.ended, "the loop has ended")
    except type(error) as raised:
        return raised
    return None


BREAKS = """
import sys
from brentwatch.core.monitor import settling
from brentwatch.core.domain import PriceUpdate
from brentwatch.message import folding

def step(state, signal):
    if isinstance(signal, PriceUpdate):
        raise ZeroDivisionError("made up")
    return state, ()

folding.step = step
from brentwatch.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_price_update_that_cannot_be_folded_ends_the_monitor_with_70_and_its_place(
    settings: KafkaSettings,
) -> None:
    create_topics(settings)
    topic = settings.topic(TIMELINE)
    update = next(
        signal for signal in find_history("abqaiq-2019").signals if type(signal).__name__ == "PriceUpdate"
    )
    write(
        settings,
        *(Outgoing(topic=topic, value=value, partition=0) for value in (NESTED, encode_signal(update))),
    )
    with process(
        "-c", BREAKS, "run", "monitor", *options(settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        _, said = running.communicate(timeout=90)
    assert (running.returncode, ExitCode.INTERNAL) == (70, ExitCode(70))
    last = said.strip().splitlines()[-1]
    assert f"offset 1 of partition 0 of {topic}" in last
    assert "ZeroDivisionError: made up" in last
    assert "Traceback" in said  # in the log
