"""The channel `slack`: an incoming webhook, or a bot; the fake is driven by Slack's own client first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookClient
from tests.notify.alerts import alert, message
from tests.notify.channels.contract import ChannelContract
from tests.notify.channels.receivers import CANARY, SlackBotFake, SlackFake, list_blocks
from tests.web.stub import Answer

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.channels.slack import open_channel
from brentwatch.notify.messages import Receipt, Rejected, Revisions
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.stub import Asked

PNG = b"\x89PNG\r\n" + bytes(range(256))


@pytest.fixture(name="fake")
def _fake() -> Iterator[SlackFake]:
    with SlackFake() as fake:
        yield fake


@pytest.fixture(name="bot")
def _bot() -> Iterator[SlackBotFake]:
    with SlackBotFake() as bot:
        yield bot


class TestSlackWebhook(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: SlackFake) -> None:
        self.fake = fake
        self.channel = fake.open()

    def arrived(self) -> list[str]:
        return self.fake.shown()


class TestSlackBot(TestSlackWebhook):
    @pytest.fixture(autouse=True)
    def make(self, bot: SlackBotFake) -> None:
        self.fake = bot
        self.channel = bot.open()


def test_slacks_own_client_finds_its_api_in_the_fake(fake: SlackFake) -> None:
    client = WebClient(fake.token, base_url=f"{fake.url}/api/")
    root = client.chat_postMessage(channel=fake.channel, text="one")["ts"]
    client.chat_update(channel=fake.channel, ts=root, text="two")
    client.chat_postMessage(channel=fake.channel, thread_ts=root, text="below")
    client.files_upload_v2(channel=fake.channel, thread_ts=root, filename="a.png", content=PNG)
    assert fake.shown() == ["two"]
    assert [post["text"] for post in fake.posts[root].thread] == ["below"]
    assert fake.posts[root].files == [PNG]
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=fake.channel, ts="1.0", text="two")
    too_long = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        client.chat_postMessage(channel=fake.channel, text="a", blocks=[too_long])
    with pytest.raises(SlackApiError, match="invalid_auth"):
        WebClient("xoxb-other", base_url=f"{fake.url}/api/").chat_postMessage(channel="C1", text="one")
    assert WebhookClient(f"{fake.url}/services/T1/B1/x").send(text="three").body == "ok"


def test_the_bot_edits_its_message_and_posts_below_it_only_what_is_important(bot: SlackBotFake) -> None:
    channel = bot.open()
    assert channel.revisions is Revisions.EDIT
    root = channel.send(message()).message_id
    quiet = message(alert(revision=2, exposure=0.5), root=root, pings=False)
    assert channel.send(quiet) == Receipt(root, 200)
    assert (len(bot.posts), bot.posts[root].edits, bot.posts[root].thread) == (1, 1, [])
    loud = message(alert(revision=3, severity=Severity.HIGH), root=root)
    assert channel.send(loud) == Receipt(root, 200)
    post = bot.posts[root]
    assert (len(bot.posts), post.edits, len(post.thread)) == (1, 2, 1)
    assert post.shown.startswith("UPDATE 3 · HIGH")
    assert post.thread[0]["reply_broadcast"] is False


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_where_the_first_message_cannot_be_edited_a_new_one_takes_its_place(code: str) -> None:
    class Locked(SlackBotFake):
        def update(self, _: object) -> Answer:
            return Answer(json.dumps({"ok": False, "error": code}).encode())

    with Locked() as locked:
        receipt = locked.open().send(message(alert(revision=2), root="1600000000.000001", png=PNG))
        assert receipt.message_id in locked.posts
        assert receipt.detail == f"the first message cannot be edited ({code})"
        assert locked.posts[receipt.message_id].files == [PNG]


def test_the_chart_stands_in_the_thread_of_its_message(bot: SlackBotFake) -> None:
    channel = bot.open()
    root = channel.send(message(png=PNG)).message_id
    assert bot.posts[root].files == [PNG]
    channel.send(message(png=PNG, root=root, pings=False))
    assert len(bot.posts[root].files) == 1
    channel.send(message(png=PNG, root=root))
    assert len(bot.posts[root].files) == 2


@pytest.mark.attack
def test_a_chart_that_is_not_taken_costs_no_second_message_and_no_other_site_is_asked() -> None:
    class Elsewhere(SlackBotFake):
        def name_place(self, _: object) -> Answer:
            return Answer(b'{"ok": true, "upload_url": "https://evil.example.org/a", "file_id": "F1"}')

    with Elsewhere() as fake:
        receipt = fake.open(hosts=("127.0.0.1", "evil.example.org")).send(message(png=PNG))
    assert "the chart was left out: Slack named another site" in receipt.detail
    assert len(fake.posts) == 1


def test_the_webhook_names_the_first_message_in_a_follow_up(fake: SlackFake) -> None:
    channel = fake.open()
    assert channel.revisions is Revisions.FOLLOW_UP
    channel.send(message())
    channel.send(message(alert(revision=2), root="first"))
    first, second = fake.shown()
    assert first.endswith(f"\nCheck: brentwatch alerts show {alert().alert_id}")
    assert second.endswith(f"\nFollow-up to alert {alert().alert_id}")


@pytest.mark.attack
def test_foreign_text_is_neither_a_mention_nor_a_format_nor_a_link(fake: SlackFake) -> None:
    hostile = "<!channel> *bold* <https://evil.example.org|here> & :fire:"
    fake.open().send(message(card=f"card {hostile}", lock_screen=hostile, detail=(hostile,)))
    (asked,) = fake.asked
    assert b"<" not in asked.body
    assert fake.shown()[0].count(hostile) == 3
    fields = json.loads(asked.body)
    assert (fields["mrkdwn"], fields["parse"], fields["unfurl_links"]) == (False, "none", False)
    assert all(each["text"]["emoji"] is False for each in list_blocks(fields) if "text" in each)


def test_long_text_is_cut_to_the_limits_of_slack(fake: SlackFake) -> None:
    long = "&<x>" * 1_000
    sent = message(lock_screen=long, card=long, detail=(long,) * 60)
    fake.open().send(sent)
    blocks = list_blocks(json.loads(fake.asked[0].body))
    for block in Block.parse_all(blocks):
        block.validate_json()
    assert len(blocks) <= 50
    assert all(len(each["text"]["text"]) <= 3_000 for each in blocks if "text" in each)


def test_the_bar_has_the_colour_of_the_state(fake: SlackFake) -> None:
    def colour(**changes: Any) -> str:
        fake.asked.clear()
        fake.open().send(message(**changes))
        return str(json.loads(fake.asked[0].body)["attachments"][0]["color"])

    states = [colour(severity=each) for each in (*Severity, None)] + [
        colour(acknowledged="Ann"),
        colour(is_closed=True),
    ]
    assert len(set(states)) == len(states)


def test_a_refused_format_is_sent_again_as_plain_ascii(fake: SlackFake, bot: SlackBotFake) -> None:
    sent = message(lock_screen="CRITICAL \u2212 x", card="a \u2212 \u2192 \u00fc")
    for receiver in (fake, bot):
        receiver.refused = "\u2212"
        channel = receiver.open()
        with pytest.raises(Rejected, match="invalid_blocks") as caught:
            channel.send(sent)
        assert caught.value.is_formatting
        channel.send(replace(sent, is_plain=True))
        assert receiver.shown() == ["CRITICAL - x\na - -> ?"]


def test_a_plain_edit_removes_the_blocks_of_before(bot: SlackBotFake) -> None:
    channel = bot.open()
    root = channel.send(message()).message_id
    channel.send(message(root=root, pings=False, is_plain=True, lock_screen="plain", card="card"))
    assert bot.shown() == ["plain\ncard"]


@pytest.mark.parametrize(
    ("code", "kind", "is_formatting"),
    [
        ("invalid_blocks", Rejected, True),
        ("msg_too_long", Rejected, True),
        ("channel_not_found", Rejected, False),
        ("token_revoked", Rejected, False),
        ("internal_error", Unavailable, False),
        ("ratelimited", NoAnswer, False),
    ],
)
def test_what_slack_refuses_is_rejected_or_sent_again(
    bot: SlackBotFake, code: str, kind: type[Exception], *, is_formatting: bool
) -> None:
    bot.error = code
    with pytest.raises(kind, match=code) as caught:
        bot.open().send(message())
    assert getattr(caught.value, "is_formatting", False) is is_formatting
    if isinstance(caught.value, NoAnswer):
        assert (caught.value.reason, caught.value.retry_after) == (Reason.THROTTLED, 7.0)


@pytest.mark.attack
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"ok": false}', b'{"ok": false, "error": "Open-Sesame!"}', b"null"]
)
def test_an_answer_that_is_not_slacks_is_asked_again_and_not_quoted(body: bytes) -> None:
    class Odd(SlackBotFake):
        def routes(self, asked: Asked) -> Answer:
            return Answer(body)

    with Odd() as fake, pytest.raises(NoAnswer) as caught:
        fake.open().send(message())
    assert caught.value.reason is Reason.GARBLED
    assert "sesame" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": None}, r"notify\.slack\.url is missing; expected the address of an incoming webhook"),
        ({"token": f"xoxb-{CANARY}"}, r"expected notify\.slack\.channel_id"),
        ({"token": f"xoxb-{CANARY}", "channel_id": "C1"}, r"and no notify\.slack\.url"),
        (
            {"url": None, "token": "x", "channel_id": "C1", "api_url": "http://a.example.org"},
            "slack.api_url cannot",
        ),
        ({"url": CANARY}, r"notify\.slack\.url cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said(fake: SlackFake, changes: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        fake.open(**changes)
    assert CANARY not in str(caught.value)


def test_one_variable_or_one_setting_leads_to_slack(fake: SlackFake, tmp_path: Path) -> None:
    url = f"{fake.url}/services/T1/B1/{CANARY}"
    path = tmp_path / "url"
    path.write_text(f"{url}\n")
    names = {"BRENTWATCH_NOTIFY__SLACK__URL": url, "BRENTWATCH_NOTIFY__SLACK__HOSTS": "127.0.0.1"}
    words = {"notify.slack.url_file": str(path), "notify.slack.hosts": "127.0.0.1"}
    flags = Sources(flags=tuple(Assignment(key, value) for key, value in words.items()))
    for settings in (load(Sources(), names).settings, load(flags, {}).settings):
        open_channel(settings.notify.slack).send(message())
        assert CANARY not in repr(settings)
    assert len(fake.shown()) == 2


@pytest.mark.attack
def test_a_token_goes_to_no_address_that_a_file_of_the_working_folder_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brentwatch.toml").write_text('[notify.slack]\napi_url = "https://evil.example.org"\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"would be used with notify\.slack\.api_url"):
        load(Sources(), {"BRENTWATCH_NOTIFY__SLACK__TOKEN": CANARY})
