"""The dead-letter limit with the action "continue", on a real broker: one bad sender stops nobody."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, watched
from tests.kafka.tools import committed, make_topic, read, write, write_values
from tests.screen.messages import message, without

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.stream import DEAD, EVENTS, TIMELINE, Outgoing, load_topics
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.topics import apply, plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka.programs import Watched

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

BAD = without("country")
COUNTRIES = ("KAZ", "SAU", "LBY")
REACHED, BELOW = (f"\nbrentwatch_dead_letter_limit_reached {value}\n" for value in ("1.0", "0.0"))


@pytest.fixture
def installation(settings: KafkaSettings) -> KafkaSettings:
    """The topics of the program."""
    with closing(Admin(settings)) as admin:
        apply(plan(list(load_topics(settings, [BRENT_SPOT.partition]).values()), admin).steps, admin)
    return settings


def send(settings: KafkaSettings, *messages: bytes, partition: int = 0) -> None:
    """Messages of one sender, all to one partition."""
    write_values(settings, settings.topic(EVENTS), *messages, partition=partition)


def send_good(settings: KafkaSettings, name: str) -> list[bytes]:
    """An event of each country, keyed by it; gives their ids."""
    ids = [f"desk:{name}-{country}" for country in COUNTRIES]
    good = [message(event_id=each, country=country) for each, country in zip(ids, COUNTRIES, strict=True)]
    keys = [country.encode() for country in COUNTRIES]
    topic = settings.topic(EVENTS)
    write(settings, *(Outgoing(topic=topic, key=k, value=v) for k, v in zip(keys, good, strict=True)))
    return [each.encode() for each in ids]


def admitted(settings: KafkaSettings) -> list[bytes | None]:
    return [record.key for record in read(settings, settings.topic(TIMELINE), BRENT_SPOT.partition)]


def answered(settings: KafkaSettings) -> int:
    return sum(committed(settings, settings.group("screen")).values())


def is_degraded(screen: Watched) -> bool:
    status, said = screen.get("readyz")
    return status == 200 and said.startswith("degraded: dead-letter limit: 20 in a row")


def await_admitted(settings: KafkaSettings, ids: list[bytes]) -> None:
    await_true(lambda: len(admitted(settings)) >= len(ids), "the good ones are admitted")
    assert sorted(key or b"" for key in admitted(settings)) == sorted(ids)


def test_twenty_bad_messages_stop_no_good_one_also_across_restarts(
    installation: KafkaSettings, tmp_path: Path
) -> None:
    settings = installation
    ids = send_good(settings, "before")
    send(settings, *[BAD] * 20)
    with watched(settings, "screen", log=tmp_path / "first") as screen:
        await_true(lambda: is_degraded(screen), "it is degraded")
        ids += send_good(settings, "between")
        await_admitted(settings, ids)
        assert "each bad message becomes a dead letter" in screen.get("readyz")[1]
        assert REACHED in screen.get("metrics")[1]
        assert screen.logged("warning").count("dead-letter limit exceeded, continuing") == 1
        assert screen.logged("error") == []
        await_true(lambda: answered(settings) == 20 + len(ids), "all are committed")
        screen.process.kill()
    ids += send_good(settings, "away")
    with watched(settings, "screen", log=tmp_path / "second") as screen:
        await_admitted(settings, ids)
        await_true(lambda: is_degraded(screen), "it is degraded again")
        assert REACHED in screen.get("metrics")[1]
        send(settings, *(message(event_id=f"desk:{n}") for n in range(120)))
        await_true(lambda: screen.get("readyz") == (200, "ready\n"), "it is below the limit by itself")
        assert BELOW in screen.get("metrics")[1]
        assert screen.logged("info").count("dead-letter check passed") == 1
    assert len(read(settings, settings.topic(DEAD))) == 20
    assert len(admitted(settings)) == len(ids) + 120


def test_thirty_bad_messages_stop_no_good_one_and_can_be_accepted(
    installation: KafkaSettings, tmp_path: Path
) -> None:
    settings = installation
    send(settings, *[BAD] * 30)
    ids = send_good(settings, "behind")
    log = tmp_path / "log"
    with watched(settings, "screen", log=log) as screen:
        await_admitted(settings, ids)
        await_true(lambda: is_degraded(screen), "it is degraded")
        await_true(lambda: answered(settings) == 33, "all are answered")
        found = brentwatch(settings, "doctor").stdout
        assert f"{settings.group('screen')} exceeds its dead-letter limit and continues: 20 in a row" in found
        done = brentwatch(settings, "dead", "accept")
        assert done.stdout == "accepted through offset 29: 30 letters: 30 schema\n"
        await_true(lambda: BELOW in screen.get("metrics")[1], "it is accepted")
        many = "degraded: 30 records were rejected within the last hour"
        await_true(lambda: screen.get("readyz")[1].startswith(many), "its next turn says so")
        assert screen.logged("warning").count("dead letter") == 10


@pytest.fixture
def small(settings: KafkaSettings) -> KafkaSettings:
    """The topics of the small job."""
    for name in ("in", "out", "dead", "dead.notes"):
        make_topic(settings, name)
    return settings
