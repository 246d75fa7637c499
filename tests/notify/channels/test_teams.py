"""The channel `teams`: an Adaptive Card within 28 KB, in plain text, to a workflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, TeamsFake

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError
from brentwatch.notify.messages import Receipt, Rejected, Revisions
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="fake")
def _fake() -> Iterator[TeamsFake]:
    with TeamsFake() as fake:
        yield fake


class TestTeams(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: TeamsFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()


def test_a_follow_up_names_the_first_message(fake: TeamsFake) -> None:
    channel = fake.open()
    assert channel.revisions is Revisions.FOLLOW_UP
    assert channel.send(message()) == Receipt(status=202)
    channel.send(message(alert(revision=2), root="first"))
    first, second = fake.shown()
    assert first.endswith(f"\nCheck: brentwatch alerts show {alert().alert_id}")
    assert second.endswith(f"\nFollow-up to alert {alert().alert_id}")


def test_a_notice_names_no_alert(fake: TeamsFake) -> None:
    fake.open().send(message(alert=None, lock_screen="A silence ended", card="Nothing happened"))
    assert fake.shown() == ["A silence ended\nNothing happened"]


def test_a_card_stays_within_the_size_that_teams_takes_and_keeps_its_first_lines(fake: TeamsFake) -> None:
    detail = tuple(f"{number} \u00fc\u2212\u2192" * 60 for number in range(200))
    fake.open().send(message(detail=detail, root="first"))
    (asked,), (text,) = fake.asked, fake.shown()
    assert 20_000 < len(asked.body) <= 28 * 1024
    assert text.startswith(message().lock_screen)
    assert text.endswith(f"\nFollow-up to alert {alert().alert_id}")


@pytest.mark.attack
def test_foreign_text_is_neither_a_link_nor_emphasis(fake: TeamsFake) -> None:
    fake.open().send(message(card="[here](https://evil.example.org) **bold** _a_ `b` ~~c~~"))
    text = fake.shown()[0]
    assert "](" not in text
    assert not set("*_`~") & set(text)


def test_the_first_line_has_a_style_of_its_severity_or_state(fake: TeamsFake) -> None:
    states: list[dict[str, Any]] = [{"severity": each} for each in Severity]
    for changes in (*states, {"acknowledged": "Ann"}, {"is_closed": True}):
        fake.open().send(replace(message(), **changes))
    heads = [card["body"][0] for card in fake.cards]
    assert len({(head["color"], head.get("isSubtle", False)) for head in heads}) == len(heads) == 6
    assert [heads[0]["color"], heads[3]["color"]] == ["Default", "Attention"]


def test_a_refused_card_is_sent_again_as_plain_ascii(fake: TeamsFake) -> None:
    fake.refused = "\u2212"
    sent = message(card="fell \u2212")
    with pytest.raises(Rejected) as caught:
        fake.open().send(sent)
    assert (caught.value.status, caught.value.is_formatting) == (400, True)
    fake.open().send(replace(sent, is_plain=True))
    assert set(fake.cards[0]["body"][0]) == {"type", "text", "wrap"}
    assert "fell -" in fake.shown()[0]


def test_another_signature_in_the_address_is_refused(fake: TeamsFake) -> None:
    with pytest.raises(NoAnswer) as caught:
        fake.open(url=f"{fake.url}/?sig=x").send(message())
    assert caught.value.reason is Reason.REFUSED


@pytest.mark.parametrize("url", [None, CANARY, f"http://teams.example.org/{CANARY}"])
def test_an_address_that_cannot_work_is_said(fake: TeamsFake, url: str | None) -> None:
    with pytest.raises(
        SettingsError, match=r"notify\.teams\.url (is missing|cannot be used); expected"
    ) as caught:
        fake.open(url=url)
    assert CANARY not in str(caught.value)
