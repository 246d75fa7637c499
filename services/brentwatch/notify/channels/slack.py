"""The channel `slack`: an incoming webhook, or a bot that edits its messages and posts below them.

All text is plain text in blocks, so nothing in it is a format, a link or a mention (https://api.slack.com).
"""

from typing import ClassVar

from pydantic import SecretStr

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.http_receiver import HttpReceiver, list_lines, name_thread, read_field, read_now
from brentwatch.notify.messages import Channel, Message, Receipt, Rejected, Revisions
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.notify.slack_api import SlackApi, SlackRefused, read_code, refuse_webhook
from brentwatch.notify.slack_blocks import build_post
from brentwatch.web.failures import NoAnswer

_URL = "the address of an incoming webhook, or notify.slack.token_file and channel_id of a bot"


class SlackSettings(HttpChannelSettings):
    """The channel `slack`: an incoming webhook, or a bot, which can edit, reply and read answers."""

    section: ClassVar[str] = "slack"
    secrets: ClassVar[tuple[str, ...]] = ("url", "token", "app_token")

    url: SecretStr | None = None
    """Address of an incoming webhook, instead of a bot."""
    url_file: str | None = None
    """File with the address of an incoming webhook."""
    token: SecretStr | None = None
    """Token of the bot."""
    token_file: str | None = None
    """File with the token of the bot."""
    app_token: SecretStr | None = None
    """App-level token, which lets people answer."""
    app_token_file: str | None = None
    """File with the app-level token."""
    channel_id: str | None = None
    """Channel that the bot posts to."""
    users: tuple[str, ...] = ()
    """Ids of the people whose answers count; everybody in the channel if empty."""
    api_url: str = "https://slack.com/api"
    """Address of the Slack API."""


class SlackWebhook:
    """Posts each message to an incoming webhook, which can neither edit nor make a thread."""

    revisions = Revisions.FOLLOW_UP
    shows_chart = False

    def __init__(self, settings: SlackSettings) -> None:
        self._url = settings.get_secret("url", _URL)
        self._receiver = HttpReceiver(settings, explain=read_code)
        self._receiver.check(self._url.read())

    def send(self, message: Message) -> Receipt:
        """Post one message; NoAnswer or Unavailable if it was not taken, Rejected if it never will be."""
        try:
            reply = self._receiver.post_json(read_now(self._url), build_post(message, name_thread(message)))
        except NoAnswer as error:
            if error.status == 400:
                raise refuse_webhook(error) from None
            raise
        return Receipt(status=reply.status)


class SlackBot:
    """Posts to one channel, edits what it posted, and posts what is important below it, with its chart."""

    revisions = Revisions.EDIT
    shows_chart = True

    def __init__(self, settings: SlackSettings, channel_id: str) -> None:
        receiver, token = HttpReceiver(settings), settings.get_secret("token")
        receiver.check(settings.api_url, "api_url")
        token.read()
        self._api = SlackApi(settings.api_url.rstrip("/"), token, receiver)
        self._channel_id = channel_id
        self._has_buttons = bool(settings.app_token or settings.app_token_file)

    def send(self, message: Message) -> Receipt:
        """Post or edit; NoAnswer or Unavailable if it was not taken, Rejected if it never will be."""
        if not message.root:
            return self._post_root(message)
        try:
            self._call("chat.update", message, ts=message.root)
        except SlackRefused as error:
            if not error.is_gone:
                raise
            return self._post_root(message, f"the first message cannot be edited ({error.code})")
        if not message.pings:
            return Receipt(message.root, 200)
        self._call("chat.postMessage", message, thread_ts=message.root, reply_broadcast=False)
        return Receipt(message.root, 200, self._add_chart(message, message.root))

    def _post_root(self, message: Message, detail: str = "") -> Receipt:
        root = self._call("chat.postMessage", message)
        return Receipt(root, 200, "; ".join(filter(None, [detail, self._add_chart(message, root)])))

    def _call(self, method: str, message: Message, **where: object) -> str:
        fields = {"channel": self._channel_id, **build_post(message, has_buttons=self._has_buttons), **where}
        return read_field(self._api.call(method, fields).body, "ts")

    def _add_chart(self, message: Message, root: str) -> str:
        """What to say of a chart that was not taken: the message was, and is not sent again for it."""
        try:
            if message.png:
                self._api.upload_picture(message.png, list_lines(message)[0], self._channel_id, root)
        except (Unavailable, Rejected) as error:
            return f"the chart was left out: {error}"
        return ""


def open_channel(settings: SlackSettings) -> Channel:
    """The bot where a token is given, and else the incoming webhook.

    Raises:
        SettingsError: if the settings cannot work.
    """
    if not (settings.token or settings.token_file):
        return SlackWebhook(settings)
    if settings.url or settings.url_file or not settings.channel_id:
        raise SettingsError(
            "notify.slack has a token; expected notify.slack.channel_id too, such as C0123456789, and "
            "no notify.slack.url: set the one and remove the other"
        )
    return SlackBot(settings, settings.channel_id)
