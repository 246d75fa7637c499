"""The committed Alertmanager configuration on the real one: who is told what, and what is left out."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.deploy.prometheus_server import (
    ALERTMANAGER,
    Alertmanager,
    WebhookReceiver,
    need_programs,
    run_alertmanager,
)
from tests.deploy.scaled import scale_times
from tests.deploy.test_rules import ALERTMANAGER_YML, ALERTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Labels = dict[str, str]


def label(alert: str, **labels: str) -> Labels:
    """The labels of an alert as its rule gives them."""
    return {"alertname": alert, "severity": ALERTS[alert]["labels"]["severity"], **labels}


@contextmanager
def running(folder: Path) -> Iterator[tuple[Alertmanager, WebhookReceiver]]:
    """The committed configuration with its times divided by 600, and its receivers here."""
    text = scale_times(ALERTMANAGER_YML.read_text(encoding="utf-8"), 600)
    with (
        WebhookReceiver() as receiver,
        run_alertmanager(folder, text.replace("http://127.0.0.1:9095", receiver.url(""))) as manager,
    ):
        yield manager, receiver


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(manager: Alertmanager, *alerts: Labels) -> None:
    manager.post_alerts([{"labels": each} for each in alerts])


def list_suppressed(manager: Alertmanager) -> list[Labels]:
    """The labels of the alerts that another one inhibits."""
    return [each["labels"] for each in manager.list_alerts() if each["status"]["inhibitedBy"]]


def test_the_watchdog_arrives_pages_and_tickets_go_their_ways_and_what_follows_is_not_told(
    tmp_path: Path,
) -> None:
    need_programs(ALERTMANAGER)
    with running(tmp_path) as (manager, receiver):
        post(manager, label("Down", job="monitor"))
        wait_until(lambda: receiver.list_names())
        post(
            manager,
            label("Watchdog"),
            label("ConsumerLagging", job="monitor", topic="impact.timeline", partition="0"),
            label("ConsumerLagging", job="screen", topic="unrest.events", partition="3"),
            label("FeedStale", job="ingest", feed="gdelt"),
        )
        wait_until(lambda: len(receiver.list_names()) == 4)

    assert receiver.list_names(path="/watchdog") == {("Watchdog", "")}
    assert receiver.list_names(path="/page") == {("Down", "monitor"), ("ConsumerLagging", "screen")}
    assert receiver.list_names(path="/ticket") == {("FeedStale", "ingest")}


def test_the_watchdog_comes_again_and_again(tmp_path: Path) -> None:
    need_programs(ALERTMANAGER)
    with running(tmp_path) as (manager, receiver):
        post(manager, label("Watchdog"))
        wait_until(lambda: len(receiver.notices) >= 3)

    assert {path for path, _ in receiver.notices} == {"/watchdog"}


FRONT: Any = {"instrument": "brent-front"}

INHIBITED = (
    (label("Down", job="monitor"), label("PriceStale", job="monitor", **FRONT)),
    (label("Down", job="monitor"), label("RestartLoop", job="monitor", instance="monitor:1")),
    (label("Down", job="screen"), label("CanaryLate", job="notify", **FRONT)),
    (label("Down", job="prices"), label("PriceStale", job="monitor", **FRONT)),
    (label("KafkaUnreachable", job="notify"), label("ConsumerStalled", job="notify")),
    (label("KafkaUnreachable", job="notify"), label("OutboxStuck", job="notify", channel="slack")),
    (label("KafkaUnreachable", job="canary"), label("CanaryLate", job="notify", **FRONT)),
    (label("CanaryStopped", job="canary"), label("CanaryLate", job="notify", **FRONT)),
    (label("CanaryLate", job="notify", **FRONT), label("ServiceLevelFastBurn", job="notify", **FRONT)),
    (
        label("ServiceLevelFastBurn", job="notify", **FRONT),
        label("ServiceLevelSlowBurn", job="notify", **FRONT),
    ),
    (label("DeadLetterLimit", job="screen"), label("DeadLetters", job="screen", reason="schema")),
    (
        label("ChannelFailing", job="notify", channel="slack"),
        label("OutboxStuck", job="notify", channel="slack"),
    ),
)

TOLD = (
    (label("Down", job="monitor"), label("Down", job="screen")),
    (label("Down", job="ingest"), label("CanaryLate", job="notify", **FRONT)),
    (label("Down", job="ingest"), label("ChannelFailing", job="notify", channel="slack")),
    (label("KafkaUnreachable", job="notify"), label("ConsumerStalled", job="monitor")),
    (label("KafkaUnreachable", job="notify"), label("ChannelFailing", job="notify", channel="slack")),
    (
        label("ChannelFailing", job="notify", channel="slack"),
        label("OutboxStuck", job="notify", channel="email"),
    ),
    (
        label("CanaryLate", job="notify", **FRONT),
        label("ServiceLevelFastBurn", job="notify", instrument="brent-spot"),
    ),
)


@pytest.mark.parametrize(("cause", "follows"), INHIBITED)
def test_what_follows_from_a_cause_is_inhibited(cause: Labels, follows: Labels, tmp_path: Path) -> None:
    need_programs(ALERTMANAGER)
    with running(tmp_path) as (manager, _):
        post(manager, cause)
        post(manager, follows)
        wait_until(lambda: list_suppressed(manager) == [follows])


@pytest.mark.parametrize(("cause", "other"), TOLD)
def test_what_has_a_cause_of_its_own_is_told(cause: Labels, other: Labels, tmp_path: Path) -> None:
    need_programs(ALERTMANAGER)
    with running(tmp_path) as (manager, receiver):
        post(manager, cause)
        post(manager, other)
        names = {(each["alertname"], each["job"]) for each in (cause, other)}
        wait_until(lambda: receiver.list_names() == names)
        assert list_suppressed(manager) == []
