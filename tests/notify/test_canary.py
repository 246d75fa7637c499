"""No secret of a channel's settings leaves the notifier but to its receiver, whatever fails."""

from __future__ import annotations

import io
import logging
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import generate_latest
from tests.kafka.certificates import self_signed
from tests.notify.channels.receivers import CANARY, KEY, OLD_KEY, RECEIVERS, SlackBotFake, SlackFake
from tests.notify.channels.test_bad_weather import echo, reset, swell
from tests.notify.channels.test_email import THREE, make_channel
from tests.notify.desk import make_route
from tests.notify.test_worker import RECORDS, STATE, Notifying, broker, named, publish
from tests.web.mail_server import PASSWORD, serve_mail
from tests.web.troubles import TROUBLES, status

from brentwatch.notify.service import SERVICE
from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.deliveries import AttemptOutcome, AttemptRecord, decode_delivery_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    failed = list_failures(broker)
    assert len(failed) > 6 * len(fakes)
    expect_no_secret(one, broker, told, *SECRETS)


def list_failures(broker: FakeBroker) -> set[tuple[str, str]]:
    """Channels and the reasons for which they did not accept a message."""
    records = [decode_delivery_record(each.value or b"") for each in broker.logs[RECORDS] if each]  # type: ignore[union-attr] # none is unreadable
    return {
        (each.channel, each.reason)
        for each in records
        if isinstance(each, AttemptRecord) and each.outcome is not AttemptOutcome.ACCEPTED
    }


def expect_no_secret(one: Notifying, broker: FakeBroker, told: io.StringIO, *secrets: str) -> None:
    """No line of the log, metric, record or value of the state holds one of them."""
    assert "not accepted" in told.getvalue()
    values = [*read_values(broker, RECORDS), *read_values(broker, STATE)]
    everything = [told.getvalue().encode(), generate_latest(one.registry), *values]
    for secret in secrets:
        assert not [text for text in everything if secret.encode() in text]


@pytest.mark.slow
@pytest.mark.attack
def test_no_log_metric_record_or_error_holds_the_password_of_the_mail_server(
    broker: FakeBroker, told: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("mail.log"), "propagate", False)  # it is that of the server
    log = make_logger(TelemetrySettings(log_level="debug"), service=SERVICE, stream=told)
    own = self_signed(tmp_path, "server")
    with serve_mail(own, auth=True) as fake, closing(Notifying(broker, make_route("email"), log=log)) as one:
        sender = one.dispatcher.senders["email"]
        one.run()
        troubles: list[dict[str, Any]] = [
            {"password": f"{PASSWORD} of another"},
            {"password": f"{PASSWORD}\u00e9"},
            {"server": "127.0.0.1:1"},
            {"ca_file": None},
            *[
                {"says": {command: f"{code} {PASSWORD}"}}
                for command in ("MAIL", "DATA")
                for code in (451, 554)
            ],
            {"refusals": dict.fromkeys(THREE, f"550 {PASSWORD}")},
        ]
        for number, trouble in enumerate(troubles):
            fake.says, fake.refusals = trouble.pop("says", {}), trouble.pop("refusals", {})
            sender._channel = make_channel(fake.port, own, **trouble)
            publish(broker, named(number))
            one.run(1)
            sender.drop()
            sender.pace._not_before, sender.pace._tokens = 0.0, 5.0
        assert len(list_failures(broker)) >= 3
        expect_no_secret(one, broker, told, PASSWORD)


def open_with_all_secrets(fake: FakeReceiver) -> Channel:
    """The channel, with every secret that it may have."""
    settings = fake.settings()
    more = {"previous_secret": OLD_KEY} if "previous_secret" in settings.secrets else {}
    return fake.open(timeout_seconds=SECONDS, **more)
