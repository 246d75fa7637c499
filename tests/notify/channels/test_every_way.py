"""What holds for every way to send: a test says so first, and hostile text stays text, within all limits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import pytest
from tests.notify.alerts import EVENT, alert, message
from tests.notify.channels.receptions import RECEPTIONS

from brentwatch.commands.alerts.trying import try_to_send
from brentwatch.commands.process import ExitCode
from brentwatch.notify.messages import Look
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.sample import compose_sample

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.notify.messages import Message

NOON = datetime(2019, 9, 16, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
DOCUMENTS = ("jsonl", "webhook")
"""A program reads these: what is foreign stands in them as it is, and JSON keeps it apart."""

MARKUP = (
    "<!channel> <@U1> @everyone <https://evil.example.org|here> <script>x</script> <b>bold</b> &lt; <#if x> "
    "${x} [here](https://evil.example.org) **bold** _it_ `code` ~~gone~~"
)
CONTROLS = "\x1b[2J\x07\x00\u202e\u2066\u200f\u2028\u0085\r\nBcc: thief@example.org\r\n.\r\n"
LONG = (f"{MARKUP} {CONTROLS}" + "<&>*\u2212 \U0001f525headline " * 600)[:10_000]
_SAID = replace(EVENT, summary=LONG[:500], place=LONG[:200], source=LONG[:500])
"""As long as an alert may have it."""
HOSTILE = {
    "in the headline": message(alert(events=(_SAID,))),
    "in all words": message(
        lock_screen=LONG, card="\n".join([LONG] * 6), detail=(LONG,) * 30, acknowledged=LONG, png=PNG
    ),
    "of characters that are escaped": message(
        lock_screen="&" * 10_000, card="<" * 10_000, detail=('"' * 10_000,) * 5, png=PNG
    ),
    "as plain text": message(lock_screen=LONG, card=LONG, detail=(LONG,) * 30, is_plain=True, png=PNG),
}

FORBIDDEN = {
    "slack_webhook": ("<!", "<@", "<https", "<script"),
    "slack_bot": ("<@", "<https", "<script"),
    "teams": ("](", "**", "_it_", "`", "~~"),
    "telegram": ("<!", "<@", "<https", "<script"),
    "symphony": ("<!", "<@", "<https", "<script", "${", "<#"),
    "apprise": ("<!", "<@", "@everyone"),
}
"""What none of them may get of it: it would be a mention, a link, a format or a template there."""
_BELOW_PICTURES = re.compile("/sendPhoto|/api/files.complete")
"""The title of a picture comes after these; it is not parsed."""


@pytest.mark.parametrize("way", RECEPTIONS)
def test_the_sample_alert_says_test_first(way: str, tmp_path: Path) -> None:
    with RECEPTIONS[way](tmp_path) as reception:
        sample, left_out = compose_sample(way, reception.channel, ChannelSettings(), "test-1", NOON)
        assert left_out == ""
        assert try_to_send(way, reception.channel, sample) is ExitCode.OK
        (shown,) = reception.show()
    if way in DOCUMENTS:
        assert shown.startswith('{"test":true,')
        assert '"lock_screen":"TEST · CRITICAL' in shown
    else:
        assert click.unstyle(shown).startswith("TEST · CRITICAL \u25b2 Brent")


@pytest.mark.attack
@pytest.mark.parametrize("way", RECEPTIONS)
def test_hostile_text_is_taken_within_the_limits_and_stays_text(way: str, tmp_path: Path) -> None:
    """The fakes refuse what is longer than their receiver takes, or is malformed."""
    with RECEPTIONS[way](tmp_path) as reception:
        for kind, sent in HOSTILE.items():
            before = len(reception.describe())
            receipt = reception.channel.send(sent)
            came = "\n".join(reception.describe()[before:])
            assert receipt.detail == ("the chart was left out" if way == "apprise" and sent.png else ""), kind
            parsed = _BELOW_PICTURES.split(came)[0]
            assert not [each for each in _list_forbidden(way, sent) if each in parsed], kind
            if way not in DOCUMENTS:
                assert all(each.isprintable() or each in "\n\u200b" for each in came), kind


def _list_forbidden(way: str, sent: Message) -> tuple[str, ...]:
    """What is sent to Telegram as plain text is not parsed: it may say what it likes."""
    return () if sent.is_plain and way == "telegram" else FORBIDDEN.get(way, ())


def test_an_email_holds_no_element_but_its_own(tmp_path: Path) -> None:
    with RECEPTIONS["email"](tmp_path) as reception:
        reception.channel.send(HOSTILE["in all words"])
        (came,) = reception.describe()
    page = came.partition("<!DOCTYPE html>")[2]
    assert "&lt;script&gt;" in page
    assert not [tag for tag in ("<script", "<b>", "<!channel", "<https") if tag in page]


def test_a_notice_says_its_words_once(tmp_path: Path) -> None:
    words = "Silence ended: no alerts came meanwhile"
    for way, receive in RECEPTIONS.items():
        if way in DOCUMENTS:
            continue
        folder = tmp_path / way
        folder.mkdir()
        with receive(folder) as reception:
            reception.channel.send(message(alert=None, lock_screen=words, card=words))
            (shown,) = reception.show()
        repeated = 2 if way == "email" else 1  # a subject, and a text below it
        assert shown.count(words) == repeated, way


def test_a_message_looks_as_its_state_and_else_as_its_severity() -> None:
    assert message().look is Look.CRITICAL
    assert message(severity=None).look is Look.HEADS_UP
    assert message(acknowledged="Ann").look is Look.ACKNOWLEDGED
    assert message(acknowledged="Ann", is_closed=True).look is Look.CLOSED
