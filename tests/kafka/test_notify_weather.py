"""The notifier on a real broker in bad weather: a channel that hangs, a second notifier, no broker."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker
from tests.kafka.chaos.desks import DESKS, Desk, mark
from tests.kafka.patience import await_true, quick
from tests.kafka.programs import create_topics, member, service, supervised, watched
from tests.kafka.test_notify import await_begun, outcomes, publish, received, to_file
from tests.kafka.tools import members
from tests.notify.alerts import EVENT, alert
from tests.web.troubles import hang

from brentwatch.core.domain import Alert
from brentwatch.wire.deliveries import AttemptOutcome
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

AWAY_SECONDS = 15.0
"""Sixty seconds are four session timeouts of a real installation; these are two and a half of the test's."""


def named(number: int) -> Alert:
    place = mark(number, 1)
    return alert(alert_id=str(number), events=(replace(EVENT, place=place),))


@contextmanager
def open_desks(folder: Path, **changes: object) -> Iterator[tuple[dict[str, Desk], list[str]]]:
    """Three receivers that are well, and the settings that lead to them."""
    with ExitStack() as opened:
        desks = {name: opened.enter_context(kind()) for name, kind in DESKS.items()}
        lines = ["[notify]", f"channels = {json.dumps(list(desks))}"]
        for desk in desks.values():
            desk.arm(None)
            lines += desk.format_section(per_minute=6000, **changes)
        file = folder / "channels.toml"
        file.write_text("\n".join(lines))
        yield desks, ["--settings", str(file)]


def has(*desks: Desk, mark_of: str) -> bool:
    return all(mark_of in desk.got for desk in desks)


def test_a_channel_that_hangs_delays_no_other_and_restarts_no_client(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    with open_desks(tmp_path, timeout_seconds=60.0) as (desks, words):
        desks["webhook"].trouble = hang(desks["webhook"])
        with watched(settings, "notify", *words, log=tmp_path / "log") as running:
            await_begun(settings)
            for number in range(10):
                publish(settings, encode_alert(named(number)))
                mark_of = f"{number}:1"
                await_true(
                    partial(has, desks["slack"], desks["teams"], mark_of=mark_of), f"{mark_of} is there"
                )
            assert len(desks["webhook"].asked) == 1, "the first attempt still hangs"
            await_true(lambda: len(outcomes(settings)) == 20, "all outcomes are recorded")
            await_true(
                lambda: 'brentwatch_outbox_pending{channel="webhook"} 10.0' in running.get("metrics")[1],
                "the metrics show what waits",
            )
            assert [*running.logged("error"), *running.logged("warning")] == []
            assert running.is_ready()
        assert set(desks["slack"].got.values()) == set(desks["teams"].got.values()) == {1}


def test_two_notifiers_at_once_send_each_alert_once(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    path = tmp_path / "alerts.jsonl"
    options = (*to_file(path), "--set", "notify.jsonl.per_minute=6000", "--set")
    with member(settings, "notify", *options, "kafka.replica=one"):
        await_begun(settings)
        with ExitStack() as opened:
            opened.enter_context(member_beside(settings, *options, "kafka.replica=two"))
            publish(settings, *(encode_alert(named(number)) for number in range(30)))
            await_true(lambda: len(outcomes(settings)) == 30, "all are sent")
        publish(settings, encode_alert(named(30)))
        await_true(lambda: len(outcomes(settings)) == 31, "the first one goes on alone")
    assert Counter(each.alert_id for each in received(path)) == Counter(map(str, range(31)))
    assert set(outcomes(settings)) == {AttemptOutcome.ACCEPTED}


@contextmanager
def member_beside(settings: KafkaSettings, *words: str) -> Iterator[None]:
    """A second notifier, once both groups have it."""
    with service(settings, "notify", *words):
        groups = [settings.group(name) for name in ("notify", "deliveries")]
        await_true(lambda: [members(settings, each) for each in groups] == [2, 2], "both are members")
        yield


@pytest.mark.slow
def test_a_broker_that_is_away_stops_the_sending_and_nothing_is_lost_or_doubled(
    own_broker: broker.Broker, tmp_path: Path
) -> None:
    with broker.running(own_broker) as process, open_desks(tmp_path) as (desks, words):
        settings = quick(own_broker.bootstrap, "")
        create_topics(settings)
        slack, sent = desks["slack"], ("webhook", "teams")
        slack.is_down = True
        with supervised(settings, "notify", *words, log=tmp_path / "log"):
            await_begun(settings)
            publish(settings, encode_alert(named(1)))
            await_true(lambda: len(slack.asked) >= 1, "slack was tried")
            await_true(lambda: all("1:1" in desks[name].got for name in sent), "the others have it")
            lease_ends = time.monotonic() + settings.session_timeout_seconds / 2 + settings.beat_seconds
            process.send_signal(signal.SIGSTOP)
            back = time.monotonic() + AWAY_SECONDS
            await_true(lambda: time.monotonic() > lease_ends, "the lease has run out")
            slack.is_down, asked = False, len(slack.asked)
            await_true(lambda: time.monotonic() > back, "the broker comes back")
            assert len(slack.asked) == asked, "nothing is sent without a lease"
            process.send_signal(signal.SIGCONT)
            await_true(lambda: "1:1" in slack.got, "slack has it")
            publish(settings, encode_alert(named(2)))
            await_true(lambda: all("2:1" in desk.got for desk in desks.values()), "all have the next one")
        for desk in desks.values():
            assert desk.got == Counter({"1:1": 1, "2:1": 1})
