"""Answers by Slack: slack_sdk itself talks to a Socket Mode on 127.0.0.1."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import Any

import pytest
from pydantic import SecretStr
from tests.kafka.patience import PATIENCE_SECONDS
from tests.notify.answers.heardings import Heardings
from tests.notify.answers.socket_mode import APP_TOKEN, TICKET, FakeSocketMode, envelope

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.answers.listener import ChatAnswer, Heard
from brentwatch.notify.answers.slack import SlackListener, open_listener
from brentwatch.notify.channels.slack import SlackSettings
from brentwatch.web.failures import Backoff
from brentwatch.wire.deliveries import AnswerKind

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def make_listener(fake: FakeSocketMode, heard: Heardings, **changes: Any) -> SlackListener:
    told: dict[str, Any] = {
        "app_token": SecretStr(APP_TOKEN),
        "channel_id": "C1",
        "api_url": fake.url,
        "hosts": ("127.0.0.1",),
        "timeout_seconds": 20,
    }
    listener = open_listener(SlackSettings(**told | changes), heard.note)
    listener._backoff = Backoff(0.01, 0.01)
    return listener


def listen(
    fake: FakeSocketMode, heard: Heardings, until: int, *, is_confirmed: bool = False, **changes: Any
) -> None:
    """Until so much was noted, and the last press confirmed where that is asked for.

    A session that is stopped before it has confirmed a press notes that too.
    """
    stop, listener = Event(), make_listener(fake, heard, **changes)
    thread = Thread(target=listener.run, args=(stop, heard.accept))
    thread.start()
    assert heard.wait_for(until)
    assert not is_confirmed or fake.drained.wait(PATIENCE_SECONDS)
    stop.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_each_button_becomes_an_answer_and_is_confirmed() -> None:
    heard = Heardings()
    with FakeSocketMode([envelope(1, "ack:t1"), envelope(2, "useful:t1"), envelope(3, "false:t2")]) as fake:
        listen(fake, heard, 3, is_confirmed=True)
    assert heard.answers[0] == ChatAnswer(
        id="slack:C1:1700000000.000001:U1",
        kind=AnswerKind.ACKNOWLEDGE,
        thread="t1",
        by="anna (Slack U1)",
        channel="slack",
    )
    assert [each.kind for each in heard.answers[1:]] == [AnswerKind.USEFUL, AnswerKind.FALSE_ALARM]


def test_strangers_are_counted_and_ignored() -> None:
    heard = Heardings()
    sent = [envelope(1, "ack:t", channel="C2"), envelope(2, "ack:t", user="U2"), envelope(3, "ack:t")]
    with FakeSocketMode(sent) as fake:
        listen(fake, heard, 3, is_confirmed=True, users=("U1",))
    assert heard.noted == [Heard.UNKNOWN, Heard.UNKNOWN, Heard.ACCEPTED]
    assert len(heard.answers) == 1


@pytest.mark.attack
def test_what_is_no_press_of_ours_is_counted_and_the_next_is_heard() -> None:
    sent = [
        envelope(1, "ack:../x"),
        envelope(2, "open"),
        envelope(3, "ack:t", type="view_submission"),
        envelope(4, "ack:t", user=[]),
        envelope(5, "ack:t", actions={"action_id": 5}),
        '{"type":"slash_commands","envelope_id":"e6","payload":{}}',
    ]
    heard = Heardings()
    with FakeSocketMode([*sent, envelope(7, "ack:t")]) as fake:
        listen(fake, heard, 7, is_confirmed=True)
    assert heard.noted == [Heard.UNREADABLE] * 6 + [Heard.ACCEPTED]


@pytest.mark.attack
def test_what_is_no_message_at_all_does_not_end_the_session() -> None:
    heard = Heardings()
    with FakeSocketMode(["garbage", "{", "[]", '{"type":5}', "\x00", envelope(2, "ack:t")]) as fake:
        listen(fake, heard, 1, is_confirmed=True)
    assert heard.noted == [Heard.ACCEPTED]
    assert fake.connections == 1


def test_an_answer_that_cannot_be_accepted_is_not_confirmed() -> None:
    heard = Heardings()
    heard.refusals = [Unavailable("Kafka is away")]
    with FakeSocketMode([envelope(1, "ack:t"), envelope(2, "ack:t")]) as fake:
        listen(fake, heard, 2, is_confirmed=True)
    assert fake.confirmed == ["e2"]
    assert heard.noted == [Heard.FAILED, Heard.ACCEPTED]


def test_when_the_session_ends_another_is_opened() -> None:
    heard = Heardings()
    with FakeSocketMode([envelope(1, "ack:t")], [envelope(2, "ack:t")]) as fake:
        listen(fake, heard, 3, is_confirmed=True)
    assert [each.id[-9:] for each in heard.answers] == ["000001:U1", "000002:U1"]
    assert fake.connections == 2


def test_when_slack_asks_to_connect_anew_it_does() -> None:
    heard = Heardings()
    again = '{"type":"disconnect","reason":"refresh_requested"}'
    with FakeSocketMode([again, envelope(1, "ack:t")], [envelope(2, "ack:t")]) as fake:
        listen(fake, heard, 1)
    assert fake.connections == 2


@pytest.mark.attack
def test_an_address_elsewhere_is_not_connected_to() -> None:
    heard = Heardings()
    with FakeSocketMode(url="wss://127.0.0.1.evil.example/link") as fake:
        listen(fake, heard, 1)
    assert set(heard.said) == {"Slack named another address than wss at its host"}
    assert fake.connections == 0


def test_a_wrong_token_is_said_and_asked_with_again() -> None:
    heard = Heardings()
    with FakeSocketMode() as fake:
        listen(fake, heard, 1, app_token=SecretStr("xapp-wrong"))
    assert set(heard.noted) == {Heard.FAILED}
    assert "invalid_auth" in heard.said[0]


@pytest.mark.attack
def test_no_secret_is_in_a_log_or_a_note(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    heard = Heardings()
    with FakeSocketMode([envelope(1, "ack:t")], ["garbage", envelope(2, "ack:t")]) as fake:
        listen(fake, heard, 3)
    with FakeSocketMode(url=f"ws://127.0.0.1:1/?ticket={TICKET}") as fake:
        listen(fake, heard, 4)
    ours = [record for record in caplog.records if record.name.startswith(("brentwatch", "slack_sdk"))]
    assert ours == []
    assert not any(secret in each for each in heard.said for secret in (APP_TOKEN, TICKET))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"channel_id": None}, "channel_id is missing"),
        ({"app_token": None}, "app_token is missing"),
        ({"hosts": ()}, "api_url"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], expected: str) -> None:
    with FakeSocketMode() as fake, pytest.raises(SettingsError, match=expected):
        make_listener(fake, Heardings(), **given)
