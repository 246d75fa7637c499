"""No secret of a channel's settings leaves the notifier but to its receiver, whatever fails."""

from __future__ import annotations

import io
import logging
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
from prometheus_client import generate_latest
from tests.notify.channels.receivers import CANARY, KEY, OLD_KEY, RECEIVERS, SlackBotFake, SlackFake
from tests.notify.channels.test_bad_weather import echo, reset, swell
from tests.notify.desk import make_route
from tests.notify.test_worker import RECORDS, STATE, Notifying, broker, named, publish
from tests.web.troubles import TROUBLES, status

from brentwatch.notify.service import SERVICE
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.deliveries import AttemptOutcome, AttemptRecord, decode_delivery_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.notify.channels.receivers import FakeReceiver
    from tests.stream.fake_group import FakeBroker
    from tests.web.stub import Trouble

    from brentwatch.notify.messages import Channel
    from brentwatch.stream import Partition

__all__ = ["broker"]

SECRETS = (CANARY, KEY, OLD_KEY, KEY.removeprefix("whsec_"), OLD_KEY.removeprefix("whsec_"))
SECONDS = 0.1


def list_troubles(fake: FakeReceiver) -> Iterator[Trouble]:
    """Everything that a receiver can do to us, those that repeat what they were sent among them."""
    for make, _ in TROUBLES.values():
        yield make(fake)
    for code in (200, 400, 401, 403, 408, 429, 500, 503):
        yield echo(code, fake)
    yield status(302, Location=f"{fake.url}/{CANARY}")
    yield status(400)
    yield reset
    yield swell


def read_values(broker: FakeBroker, partition: Partition) -> list[bytes]:
    entries = [each for each in broker.logs[partition] if each is not None]
    return [b"%r %r %r" % (each.key, each.value, each.headers) for each in entries]  # type: ignore[union-attr] # none is unreadable


@pytest.fixture(name="told")
def _told() -> Iterator[io.StringIO]:
    """Every line of the log at debug, those of all libraries among them."""
    told = io.StringIO()
    log = make_logger(TelemetrySettings(log_level="debug"), service=SERVICE, stream=told)
    root, level = logging.getLogger(), logging.getLogger().level
    before = [*root.handlers]
    bridge(log, "")
    root.setLevel(logging.DEBUG)
    yield told
    root.setLevel(level)
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize("slack", [SlackFake, SlackBotFake])
def test_no_log_metric_record_or_error_holds_a_secret(
    broker: FakeBroker, told: io.StringIO, slack: type[FakeReceiver]
) -> None:
    kinds = [kind for kind in RECEIVERS if kind.name != "slack" or kind is slack]
    log = make_logger(TelemetrySettings(log_level="debug"), service=SERVICE, stream=told)
    with ExitStack() as opened:
        fakes = {kind.name: opened.enter_context(kind()) for kind in kinds}
        routes = [make_route(name, per_minute=6000) for name in fakes]
        one = opened.enter_context(closing(Notifying(broker, *routes, log=log)))
        for name, fake in fakes.items():
            one.dispatcher.senders[name]._channel = open_with_all_secrets(fake)
        one.run()
        troubles = [[*list_troubles(fake)] for fake in fakes.values()]
        for number, of_each in enumerate(zip(*troubles, strict=True)):
            for fake, trouble in zip(fakes.values(), of_each, strict=True):
                fake.trouble = trouble
            publish(broker, named(number))
            one.run(1)
            for sender in one.dispatcher.senders.values():  # the next trouble meets the next alert, at once
                sender.drop()
                sender.pace._not_before, sender.pace._tokens = 0.0, 5.0
    records = read_values(broker, RECORDS)
    attempts = [decode_delivery_record(each.value or b"") for each in broker.logs[RECORDS] if each]  # type: ignore[union-attr] # none is unreadable
    failed = {
        (each.channel, each.reason)
        for each in attempts
        if isinstance(each, AttemptRecord) and each.outcome is not AttemptOutcome.ACCEPTED
    }
    assert len(failed) > 6 * len(fakes)
    assert "not accepted" in told.getvalue()
    everything = [
        told.getvalue().encode(),
        generate_latest(one.registry),
        *records,
        *read_values(broker, STATE),
    ]
    for secret in SECRETS:
        assert not [text for text in everything if secret.encode() in text]


def open_with_all_secrets(fake: FakeReceiver) -> Channel:
    """The channel, with every secret that it may have."""
    settings = fake.settings()
    more = {"previous_secret": OLD_KEY} if "previous_secret" in settings.secrets else {}
    return fake.open(timeout_seconds=SECONDS, **more)
