"""Live, replayed from a folder and replayed from the timeline are one: byte for byte, in one order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kafka.folds import Published, fold
from tests.kafka.histories import UNREADABLE, event, synthetic
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member, service
from tests.kafka.tools import committed, read, values, write

from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DEAD, EVENTS, STATE, STUDIES, TIMELINE, Outgoing
from brentwatch.wire.timeline import decode_signal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.core.domain import Signal
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

LATE = event("desk:late", "2019-09-14T03:00:00Z", summary="told after the session").encode()


@pytest.fixture
def installation(settings: KafkaSettings) -> Iterator[KafkaSettings]:
    """The topics, a screen and a monitor."""
    create_topics(settings)
    with member(settings, "screen"), member(settings, "monitor"):
        yield settings


def feed(settings: KafkaSettings, history: str) -> None:
    done = brentwatch(settings, "feed", history, "--prefix", settings.topic_prefix)
    assert done.returncode == 0, done.stderr


def timeline(settings: KafkaSettings) -> list[Signal]:
    return [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]


def await_monitor(settings: KafkaSettings) -> None:
    """Wait until the monitor has answered the whole timeline."""
    end = len(values(settings, settings.topic(TIMELINE)))
    group = settings.group("monitor")
    await_true(lambda: committed(settings, group) == {0: end}, "the timeline is answered")


def published(settings: KafkaSettings) -> Published:
    """What stands in the topics when the monitor has answered everything."""
    await_monitor(settings)
    return Published(values(settings, settings.topic(STUDIES)), values(settings, settings.topic(ALERTS)))


@pytest.mark.parametrize("name", ["kazakhstan-2022", "abqaiq-2019"])
def test_a_bundled_history_leads_to_the_same_live_and_replayed(
    installation: KafkaSettings, name: str
) -> None:
    feed(installation, name)
    live = published(installation)
    assert live == fold(find_history(name).signals)
    assert live == fold(timeline(installation))
    assert len(live.studies) > 0


def test_the_command_replays_the_timeline_and_the_history_to_the_same_lines(
    installation: KafkaSettings,
) -> None:
    feed(installation, "abqaiq-2019")
    live = published(installation)
    timeline = replayed(installation, "--from-kafka", "--prefix", installation.topic_prefix)
    history = replayed(installation, "abqaiq-2019")

    assert timeline == history
    assert [line for line in history if line.startswith('{"kind":"study"')] == with_kind(
        "study", live.studies
    )
    assert [line for line in history if line.startswith('{"kind":"alert"')] == with_kind("alert", live.alerts)


def test_the_report_of_the_timeline_is_that_of_the_history(
    installation: KafkaSettings, tmp_path: Path
) -> None:
    feed(installation, "abqaiq-2019")
    await_monitor(installation)
    told = []
    sources = (["--from-kafka", "--prefix", installation.topic_prefix], ["abqaiq-2019"])
    for number, words in enumerate(sources):
        page = tmp_path / f"{number}.html"
        replayed(installation, *words, "--report", str(page))
        assert page.stat().st_size > 100_000
        told.append(json.loads(page.with_suffix(".json").read_bytes()))

    timeline, history = told
    assert len(history["alerts"]) == 1
    differing = {key for key in history if timeline[key] != history[key]}
    assert differing <= {"identity", "quality", "limits"}  # names of files, and notes of the history


def test_a_history_full_of_faults_leads_to_the_same(installation: KafkaSettings, tmp_path: Path) -> None:
    folder = str(synthetic(tmp_path))
    feed(installation, folder)
    live = published(installation)
    assert live == fold(find_history(folder).signals)
    assert live == fold(timeline(installation))
    assert len(live.alerts) > 0
    assert len(read(installation, installation.topic(DEAD))) == UNREADABLE


def test_a_late_event_leads_to_the_same_as_a_replay_of_the_timeline(installation: KafkaSettings) -> None:
    feed(installation, "abqaiq-2019")
    before = published(installation)
    write(installation, Outgoing(topic=installation.topic(EVENTS), key=b"SAU", value=LATE))
    await_true(lambda: b"desk:late" in (newest(installation) or b""), "the late event stands")
    live = published(installation)
    assert live == fold(timeline(installation))
    assert len(live.studies) > len(before.studies)


def test_a_monitor_that_is_killed_and_started_again_publishes_nothing_else(settings: KafkaSettings) -> None:
    create_topics(settings)
    studies = settings.topic(STUDIES)
    with member(settings, "screen"):
        with service(settings, "monitor") as first:
            feed(settings, "abqaiq-2019")
            await_true(lambda: values(settings, studies), "the first has published something")
            first.kill()
        with service(settings, "monitor") as second:
            before = len(values(settings, studies))
            write(settings, Outgoing(topic=settings.topic(EVENTS), key=b"SAU", value=LATE))
            await_true(lambda: len(values(settings, studies)) > before, "the second publishes")
            second.kill()
        with service(settings, "monitor"):
            await_monitor(settings)
    expected = fold(timeline(settings))
    assert set(values(settings, studies)) == set(expected.studies)
    assert set(values(settings, settings.topic(ALERTS))) == set(expected.alerts)


def test_a_state_that_was_spoilt_stops_the_monitor_and_a_rebuild_recreates_it(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    with member(settings, "screen"), member(settings, "monitor"):
        feed(settings, "abqaiq-2019")
        await_monitor(settings)
    spoilt = Outgoing(topic=settings.topic(STATE), partition=0, key=b"bar:2019-09-13", value=b"{}")
    write(settings, spoilt)
    stopped = brentwatch(settings, "run", "monitor")
    with member(settings, "screen"), member(settings, "monitor", "--rebuild", log=tmp_path / "log"):
        write(settings, Outgoing(topic=settings.topic(EVENTS), key=b"SAU", value=LATE))
        await_true(lambda: b"desk:late" in (newest(settings) or b""), "the late event stands")
        live = published(settings)

    assert stopped.returncode == 3
    assert "a value of the state cannot be read" in stopped.stderr
    assert "brentwatch run monitor --rebuild" in stopped.stderr
    assert live == fold(timeline(settings))


def test_a_shadow_says_of_the_live_timeline_what_live_says_and_touches_nothing_of_it(
    settings: KafkaSettings,
) -> None:
    shadow = settings.model_copy(
        update={"topic_prefix": f"shadow.{settings.topic_prefix}", "timeline_prefix": settings.topic_prefix}
    )
    create_topics(settings)
    create_topics(shadow)
    with member(settings, "screen"), member(settings, "monitor"), member(shadow, "monitor"):
        feed(settings, "abqaiq-2019")
        live, judged = published(settings), published(shadow)
    screen = brentwatch(shadow, "run", "screen")

    assert live == judged == fold(timeline(settings))
    assert screen.returncode == 3
    assert "this installation reads the timeline of another one" in screen.stderr


def replayed(settings: KafkaSettings, *words: str) -> list[str]:
    """What `brentwatch replay --json` prints."""
    done = brentwatch(settings, "replay", *words, "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def with_kind(kind: str, documents: list[bytes | None]) -> list[str]:
    return [f'{{"kind":"{kind}",{(document or b"")[1:].decode()}' for document in documents]


def newest(settings: KafkaSettings) -> bytes | None:
    """The last value on the timeline."""
    return values(settings, settings.topic(TIMELINE))[-1]
