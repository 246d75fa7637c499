"""The channel `apprise`: the library itself sends to a server on 127.0.0.1; each of its faults is closed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from tests.notify.alerts import message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.library_receivers import CANARY, FakeTarget, open_apprise
from tests.web.troubles import elsewhere, hang, slow, status

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.messages import Revisions


@pytest.fixture
def target() -> Iterator[FakeTarget]:
    with FakeTarget() as made:
        yield made


class TestApprise(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, target: FakeTarget) -> None:
        self.target = target
        self.channel = open_apprise(target)

    def arrived(self) -> list[str]:
        return self.target.shown()


def test_nothing_can_be_edited(target: FakeTarget) -> None:
    assert open_apprise(target).revisions is Revisions.FOLLOW_UP


def test_a_severe_alert_has_another_type_than_an_end(target: FakeTarget) -> None:
    """Services choose colour and picture by it."""
    for changes in ({}, {"severity": Severity.MEDIUM}, {"severity": Severity.INFO}, {"is_closed": True}):
        open_apprise(target).send(message(**changes))
    types = [json.loads(each.body)["type"] for each in target.asked]
    assert types == ["failure", "warning", "info", "info"]


def test_a_follow_up_names_the_first_message(target: FakeTarget) -> None:
    open_apprise(target).send(message(root="first"))
    assert target.shown()[0].endswith("\n\nFollow-up to alert 0123456789abcdef0123")


def test_a_chart_is_said_to_be_left_out(target: FakeTarget) -> None:
    """Fault 1: Apprise drops charts on Slack webhooks, Teams and PagerDuty, and reports success."""
    assert open_apprise(target).send(message(png=b"PNG")).detail == "the chart was left out"
    assert json.loads(target.asked[0].body)["attachments"] == []


@pytest.mark.parametrize("trouble", [status(500), status(400), status(429, Retry_After="77")])
def test_one_attempt_is_made(target: FakeTarget, trouble: Any) -> None:
    """Fault 2: Apprise hides Retry-After, so the sender alone decides when to try again."""
    target.trouble = trouble
    with pytest.raises(Unavailable):
        open_apprise(target, "?retry=3&wait=0").send(message())
    assert len(target.asked) == 1


@pytest.mark.attack
def test_a_redirection_is_not_followed(target: FakeTarget) -> None:
    """Fault 3: Apprise follows redirections, with what is secret."""
    with FakeTarget() as other:
        target.trouble = status(307, Location=f"{other.url}/")
        with pytest.raises(Unavailable):
            open_apprise(target, "?redirect=yes").send(message())
        assert other.asked == []
    target.trouble = elsewhere(target)
    with pytest.raises(Unavailable):
        open_apprise(target).send(message())


@pytest.mark.attack
def test_the_token_is_in_no_log_and_no_error(target: FakeTarget, caplog: pytest.LogCaptureFixture) -> None:
    """Fault 4: Apprise logs tokens at the level debug."""
    channel = open_apprise(target)
    caplog.set_level(logging.DEBUG, "brentwatch")
    logging.getLogger().setLevel(logging.DEBUG)
    channel.send(message())
    target.trouble = status(500)
    with pytest.raises(Unavailable) as caught:
        channel.send(message())
    assert logging.getLogger("apprise").level == logging.WARNING
    shown = [r.getMessage() for r in caplog.records if r.name.startswith(("apprise", "brentwatch"))]
    assert not any(CANARY in each for each in [*shown, str(caught.value), repr(channel)])


@pytest.mark.attack
def test_foreign_text_mentions_nobody(target: FakeTarget) -> None:
    """Fault 5: Apprise hands <!channel> on to Slack as a mention."""
    open_apprise(target).send(message(card="<!channel> <@U1> @everyone a@b"))
    assert "<\u200b!channel> <\u200b@\u200bU1> @\u200beveryone a@\u200bb" in target.shown()[0]


@pytest.mark.parametrize("trouble", [hang, slow])
def test_a_target_that_is_slow_is_left(target: FakeTarget, trouble: Any) -> None:
    target.trouble = trouble(target)
    with pytest.raises(Unavailable):
        open_apprise(target, timeout_seconds=0.5).send(message())
    target.leave()


def test_nobody_listens(target: FakeTarget) -> None:
    channel = open_apprise(target)
    target.leave()
    with pytest.raises(Unavailable):
        channel.send(message())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"url": None}, "url is missing"),
        ({"url": SecretStr(f"nonsense-{CANARY}")}, "expected one target"),
        ({"url": SecretStr(f"slack://T1JJ3T3L2/A1BRTD4JD/{'x' * 24}/#{CANARY}/#b")}, "expected one target"),
        ({"url": SecretStr(f"json://example.org/{CANARY}")}, "without TLS"),
        ({"url": SecretStr("syslog://")}, "without TLS"),
        ({"hosts": ()}, "without TLS"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    target: FakeTarget, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SettingsError, match=expected) as caught:
        open_apprise(target, **given)
    assert CANARY not in str(caught.value)
