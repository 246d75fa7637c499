"""What every channel over HTTP does in bad weather: the reason decides whether it is sent again.

Each failing path also shows that no secret of the settings is in an error, in a representation or in a log.
"""

from __future__ import annotations

import logging
import socket
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from tests.kafka.certificates import self_signed
from tests.notify.alerts import message
from tests.notify.channels.receivers import (
    CANARY,
    KEY,
    RECEIVERS,
    FakeReceiver,
    PagerdutyFake,
    SlackBotFake,
    TelegramFake,
    WebhookFake,
)
from tests.web.stub import Answer, Stub, send
from tests.web.troubles import hang, slow, slow_headers, status

from brentwatch.core.errors import Unavailable, format_traceback
from brentwatch.notify.messages import Receipt, Rejected
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.notify.settings import NotifySettings
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.web.stub import Trouble

    from brentwatch.notify.messages import Channel

SECRETS = (CANARY, KEY)
READS_ITS_ANSWER = (SlackBotFake, TelegramFake)
"""Their answers say more than the status does."""


@pytest.fixture(name="fake", params=RECEIVERS, ids=lambda kind: kind.__name__)
def _fake(request: pytest.FixtureRequest) -> Iterator[FakeReceiver]:
    with request.param() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever a test does, no log at debug and nothing printed holds a secret."""
    caplog.set_level(logging.DEBUG)
    yield
    printed = capfd.readouterr()
    assert not any(secret in f"{caplog.text}{printed.out}{printed.err}" for secret in SECRETS)


def fail(channel: Channel, *kinds: type[Exception]) -> Exception:
    """The error of a message that was not taken; no secret is in anything that may be shown of it."""
    with pytest.raises(kinds or NoAnswer) as caught:
        channel.send(message())
    error = caught.value
    shown = f"{error} {error!r} {vars(error)} {channel!r} {vars(channel)} {format_traceback(error)}"
    assert not any(secret in shown for secret in SECRETS)
    return error


def fail_by(channel: Channel, reason: Reason) -> NoAnswer:
    error = fail(channel)
    assert isinstance(error, NoAnswer)
    assert error.reason is reason
    return error


def test_every_channel_over_http_is_tested_here() -> None:
    settings = NotifySettings()
    sections = {name: getattr(settings, name) for name in NotifySettings.model_fields}
    over_http = {name for name, each in sections.items() if isinstance(each, HttpChannelSettings)}
    by_libraries = {"symphony", "apprise"}  # the bad weather of each is in its own file
    assert {kind.name for kind in RECEIVERS} == over_http - by_libraries


def test_secrets_are_sent_and_shown_by_no_setting(fake: FakeReceiver) -> None:
    fake.open().send(message())
    asked = fake.asked[0]
    sent = f"{asked.target} {asked.headers} {asked.body!r}"
    assert CANARY in sent or isinstance(fake, WebhookFake)
    assert not any(secret in repr(fake.settings()) for secret in SECRETS)


@pytest.mark.parametrize("code", [408, 500, 502, 503])
def test_a_server_that_is_ill_is_asked_again(fake: FakeReceiver, code: int) -> None:
    fake.trouble = status(code)
    assert fail_by(fake.open(), Reason.FAILED).status == code


@pytest.mark.parametrize(("code", "reason"), [(503, Reason.FAILED), (429, Reason.THROTTLED)])
def test_the_time_to_wait_is_obeyed(fake: FakeReceiver, code: int, reason: Reason) -> None:
    fake.trouble = status(code, Retry_After="7")
    assert fail_by(fake.open(), reason).retry_after == 7
    fake.trouble = status(
        code, Retry_After=format_datetime(datetime.now(UTC) + timedelta(days=3), usegmt=True)
    )
    assert fail_by(fake.open(), reason).retry_after == 24 * 3600


@pytest.mark.parametrize("code", [401, 403, 404, 410, 413, 422])
def test_another_refusal_has_its_status_and_is_final(fake: FakeReceiver, code: int) -> None:
    fake.trouble = status(code)
    error = fail(fake.open())
    assert isinstance(error, NoAnswer)
    assert (error.status, error.retry_after) == (code, None)


def test_a_character_that_is_refused_is_sent_again_as_plain_text(fake: FakeReceiver) -> None:
    fake.refused = "\u2212"
    sent = message(lock_screen="fell \u2212", card="by \u2212")
    if isinstance(fake, WebhookFake):  # a document has no plain form
        assert fail_by(fake.open(), Reason.FAILED).status == 400
        return
    channel = fake.open()
    with pytest.raises(Rejected) as caught:
        channel.send(sent)
    assert caught.value.is_formatting
    channel.send(replace(sent, is_plain=True))
    (text,) = fake.shown()
    assert text.startswith("fell -\nby -")


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [hang, slow_headers])
def test_a_server_that_says_nothing_in_time_is_asked_again(
    fake: FakeReceiver, trouble: Callable[[Stub], Trouble]
) -> None:
    fake.trouble = trouble(fake)
    fail_by(fake.open(timeout_seconds=0.3), Reason.TIMEOUT)


@pytest.mark.slow
def test_slow_bytes_after_a_status_of_success_cost_no_second_copy(fake: FakeReceiver) -> None:
    fake.trouble = slow(fake)
    channel = fake.open(timeout_seconds=0.3)
    if isinstance(fake, READS_ITS_ANSWER):  # without the answer nobody knows
        fail_by(channel, Reason.GARBLED)
    else:
        assert channel.send(message()).status == 200


def reset(handler: BaseHTTPRequestHandler, _: Answer) -> None:
    """Break the connection off, without an answer to what was taken."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def test_a_connection_that_breaks_after_the_message_was_taken_may_cost_one_copy(fake: FakeReceiver) -> None:
    channel = fake.open()
    fake.trouble = reset
    fail_by(channel, Reason.UNREACHABLE)
    assert len(fake.shown()) == 1
    fake.trouble = None
    channel.send(message())
    assert len(fake.shown()) <= 2
    assert len(set(fake.shown())) == 1


def test_a_connection_that_is_refused_is_tried_again() -> None:
    for kind in RECEIVERS:
        with kind() as fake:
            channel = fake.open()
        fail_by(channel, Reason.UNREACHABLE)


@pytest.mark.attack
def test_a_certificate_that_does_not_verify_is_refused_and_one_that_is_trusted_is_not(
    fake: FakeReceiver, tmp_path: Path
) -> None:
    own = self_signed(tmp_path, "receiver")
    encrypted = type(fake)()
    encrypted.encrypt(own.both)
    with encrypted:
        fail_by(encrypted.open(), Reason.CERTIFICATE)
        assert encrypted.asked == []
        encrypted.open(ca_file=str(own.certificate)).send(message())
        assert len(encrypted.shown()) == 1


def test_a_handshake_that_breaks_is_tried_again(fake: FakeReceiver) -> None:
    fake.url = fake.url.replace("http:", "https:")
    fail_by(fake.open(), Reason.UNREACHABLE)
    assert fake.asked == []


@pytest.mark.attack
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_its_target_is_not_asked(fake: FakeReceiver, code: int) -> None:
    with Stub() as elsewhere:
        fake.trouble = status(code, Location=f"{elsewhere.url}/{CANARY}")
        fail_by(fake.open(), Reason.REDIRECTED)
    assert elsewhere.asked == []


def test_a_name_that_cannot_be_resolved_is_tried_again(
    fake: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    fake.url = "https://alerts.example.org"
    assert "Temporary failure in name resolution" in str(fail_by(fake.open(hosts=()), Reason.UNREACHABLE))


@pytest.mark.attack
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_a_public_name_that_leads_inside_is_not_asked(
    fake: FakeReceiver, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    port = int(fake.url.rpartition(":")[2])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    fake.url = f"https://alerts.example.org:{port}"
    assert "no request was sent" in str(fail_by(fake.open(hosts=()), Reason.UNREACHABLE))
    assert fake.asked == []


def swell(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """A megabyte behind the answer, which stays JSON where it was."""
    more = b"x" * 1_000_000
    body = (
        answer.body[:-1] + b', "more": "' + more + b'"}' if answer.body.endswith(b"}") else answer.body + more
    )
    send(handler, Answer(body, 200, answer.headers))


@pytest.mark.attack
def test_a_long_answer_of_success_is_accepted(fake: FakeReceiver) -> None:
    plain = fake.open().send(message())
    fake.trouble = swell
    long = fake.open().send(message(thread="another", id="another-1"))
    assert bool(long.message_id) is bool(plain.message_id)
    assert isinstance(long, Receipt)
    assert long.status == 200


def echo(code: int, fake: FakeReceiver) -> Trouble:
    """An error that repeats whatever was asked, in its status line, its headers and its body."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        asked = fake.asked[-1]
        handler.send_response(code, f"{CANARY} {handler.path}")
        body = f"{CANARY} {KEY} {asked.target} {asked.headers}".encode() + asked.body
        for name, value in (
            ("Content-Length", str(len(body))),
            ("X-Path", handler.path),
            ("Retry-After", CANARY),
        ):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return trouble


@pytest.mark.attack
@pytest.mark.parametrize("code", [200, 400, 401, 429, 500])
def test_an_answer_that_repeats_what_it_was_sent_is_not_quoted(fake: FakeReceiver, code: int) -> None:
    fake.trouble = echo(code, fake)
    channel = fake.open()
    if code == 200 and not isinstance(fake, READS_ITS_ANSWER):
        receipt = channel.send(message())
        assert CANARY not in repr(receipt)
    else:
        fail(channel, Unavailable, Rejected)


@pytest.mark.attack
@pytest.mark.parametrize("secret", [f"{CANARY}\nsecond line", f"{CANARY}\u2191"])
def test_a_secret_that_cannot_be_sent_is_not_quoted(fake: FakeReceiver, secret: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(fake.settings().get_secret(fake.secret).read())
    channel = fake.open(**{fake.secret: None, f"{fake.secret}_file": str(path)})
    path.write_text(secret)
    if isinstance(fake, PagerdutyFake):  # it stands in JSON, which carries any text
        path.write_bytes(b"\xff" + secret.encode())
    fail(channel, Unavailable)
    assert fake.asked == []
