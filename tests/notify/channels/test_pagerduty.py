"""The channel `pagerduty`: one incident a thread, which is updated, acknowledged and resolved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.notify.alerts import CASES, alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, PagerdutyFake

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError
from brentwatch.notify.messages import Receipt, Rejected, Revisions

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = alert().alert_id


@pytest.fixture(name="fake")
def _fake() -> Iterator[PagerdutyFake]:
    with PagerdutyFake() as fake:
        yield fake


class TestPagerduty(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: PagerdutyFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()

    def test_a_heads_up_arrives_without_a_severity_and_becomes_an_alert(self) -> None:
        """It pages nobody, also where somebody asks for it to be sent again."""
        receipt = self.channel.send(message(CASES["heads_up"]))
        assert receipt.detail.startswith("not sent")
        assert self.arrived() == []
        self.channel.send(message(CASES["reopen"]))
        (text,) = self.arrived()
        assert "re-open" in text


def actions(fake: PagerdutyFake) -> list[str]:
    return [json.loads(asked.body)["event_action"] for asked in fake.asked]


def test_a_revision_updates_the_incident_of_its_thread(fake: PagerdutyFake) -> None:
    channel = fake.open()
    assert channel.revisions is Revisions.EDIT
    assert channel.send(message()) == Receipt(ID, 202)
    channel.send(message(alert(revision=2), root=ID))
    assert list(fake.incidents) == [ID]
    assert fake.incidents[ID].triggers == 2
    assert fake.shown()[0].startswith("UPDATE 2")


def test_an_acknowledged_incident_stays_so_and_news_of_importance_still_reach_it(fake: PagerdutyFake) -> None:
    channel = fake.open()
    channel.send(message())
    channel.send(message(root=ID, acknowledged="Ann at 16:40", pings=False))
    assert fake.incidents[ID].state == "acknowledged"
    channel.send(message(alert(revision=2), root=ID, acknowledged="Ann at 16:40"))
    assert actions(fake) == ["trigger", "acknowledge", "trigger", "acknowledge"]
    assert (fake.incidents[ID].state, fake.incidents[ID].triggers) == ("acknowledged", 2)


def test_the_end_of_a_thread_resolves_its_incident(fake: PagerdutyFake) -> None:
    channel = fake.open()
    channel.send(message())
    channel.send(message(alert(revision=2), root=ID, is_closed=True, acknowledged="Ann"))
    assert actions(fake) == ["trigger", "resolve"]
    assert fake.incidents[ID].state == "resolved"


def test_each_severity_has_one_of_pagerduty(fake: PagerdutyFake) -> None:
    for severity in Severity:
        fake.open().send(message(severity=severity, thread=severity))
    found = {key: incident.payload["severity"] for key, incident in fake.incidents.items()}
    assert found == {"critical": "critical", "high": "error", "medium": "warning", "info": "info"}


def test_long_texts_are_cut_to_the_limits_of_pagerduty(fake: PagerdutyFake) -> None:
    fake.open().send(message(thread="t" * 300, lock_screen="x" * 2_000))
    assert list(fake.incidents) == ["t" * 255]


def test_a_refused_event_is_sent_again_as_plain_ascii(fake: PagerdutyFake) -> None:
    fake.refused = "\u2212"
    sent = message(lock_screen="fell \u2212")
    with pytest.raises(Rejected) as caught:
        fake.open().send(sent)
    assert (caught.value.status, caught.value.is_formatting) == (400, True)
    fake.open().send(replace(sent, is_plain=True))
    assert fake.shown()[0].startswith("fell -\nAttack on infrastructure, Abqaiq")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"routing_key": None}, r"notify\.pagerduty\.routing_key is missing; expected the integration key"),
        ({"url": "http://events.example.org"}, r"notify\.pagerduty\.url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said(fake: PagerdutyFake, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        fake.open(**changes)
    assert CANARY not in repr(fake.settings())


def test_a_notice_that_tells_of_no_alert_opens_no_incident(fake: PagerdutyFake) -> None:
    quiet = message(alert=None, severity=Severity.INFO, lock_screen="Silenced until 14:00 UTC")
    assert fake.open().send(quiet).detail.startswith("not sent")
    assert fake.shown() == []
    fake.open().send(replace(quiet, severity=Severity.HIGH))
    assert len(fake.shown()) == 1
