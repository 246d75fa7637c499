"""What every channel promises, whichever way it goes: a subclass says how to make it and what arrived."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.notify.alerts import CASES, EVENT, alert, message

from brentwatch.core.domain import Severity
from brentwatch.notify.messages import Receipt, Revisions
from brentwatch.wire.published import AlertText

if TYPE_CHECKING:
    from brentwatch.notify.messages import Channel


class ChannelContract:
    """Inherit, and answer the two questions; the tests come with it."""

    channel: Channel

    def arrived(self) -> list[str]:
        """The text of each message so far, as the receiver shows it; an edited one stands once."""
        raise NotImplementedError

    def test_it_says_what_it_does_with_revisions(self) -> None:
        assert self.channel.revisions in Revisions

    def test_what_was_sent_has_arrived_when_send_returns(self) -> None:
        assert isinstance(self.channel.send(message()), Receipt)
        assert len(self.arrived()) == 1

    def test_messages_keep_their_order_and_stay_apart(self) -> None:
        for number in (1, 2, 3):
            self.channel.send(message(alert(alert_id=f"{number:020}", exposure=number / 10)))
        assert len(self.arrived()) == 3
        assert len(set(self.arrived())) == 3

    def test_a_message_names_severity_session_and_instrument(self) -> None:
        self.channel.send(message(alert(severity=Severity.HIGH)))
        (text,) = self.arrived()
        assert "high" in text.lower()
        assert "16" in text
        assert "brent" in text.lower()

    def test_a_heads_up_arrives_without_a_severity_and_becomes_an_alert(self) -> None:
        self.channel.send(message(CASES["heads_up"]))
        (text,) = self.arrived()
        assert "no price test yet" in text
        self.channel.send(message(CASES["reopen"]))
        assert "re-open" in self.arrived()[-1]

    def test_foreign_text_arrives_without_control_characters(self) -> None:
        hostile = replace(EVENT, summary="\x1b[2Jwiped\x07")
        self.channel.send(message(alert(events=(hostile,))))
        (text,) = self.arrived()
        assert "\x1b[2J" not in text
        assert "\x07" not in text

    def test_published_words_arrive_without_control_characters(self) -> None:
        words = AlertText(lock_screen="\x1b[2Jwiped", card="first\n\x07second")
        self.channel.send(message(text=words))
        (text,) = self.arrived()
        assert "\x1b[2J" not in text
        assert "\x07" not in text
