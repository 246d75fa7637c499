"""The channel `telegram`: a bot that posts to a chat, edits its message, and replies where it matters."""

from typing import ClassVar

from pydantic import SecretStr

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.buttons import build_buttons
from brentwatch.notify.http_receiver import escape_markup, join_parts, list_lines, list_parts, read_field
from brentwatch.notify.messages import Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.notify.telegram_api import SAME, TelegramApi
from brentwatch.web.failures import NoAnswer

_TOKEN = "the token of a bot, as @BotFather gives it"  # noqa: S105 - what is expected
_TEXT, _FIRST, _CAPTION = 4096, 1024, 1024


class TelegramSettings(HttpChannelSettings):
    """The channel `telegram`, which posts as a bot."""

    section: ClassVar[str] = "telegram"
    secrets: ClassVar[tuple[str, ...]] = ("token",)

    token: SecretStr | None = None
    """Token of the bot."""
    token_file: str | None = None
    """File with the token of the bot."""
    chat_id: str | None = None
    """Chat to post to: its number, or @name."""
    users: tuple[str, ...] = ()
    """Numbers of the people whose answers count; everybody in the chat if empty."""
    answers: bool = True
    """Show buttons under messages and read answers."""
    api_url: str = "https://api.telegram.org"
    """Address of the Telegram API."""


class Telegram:
    """Edits the first message in place; what is important is posted as a reply to it, with its chart."""

    revisions = Revisions.EDIT
    shows_chart = True

    def __init__(self, api: TelegramApi, chat_id: str, *, has_buttons: bool) -> None:
        self._api = api
        self._chat_id = chat_id
        self._has_buttons = has_buttons

    def send(self, message: Message) -> Receipt:
        """Post or edit; NoAnswer or Unavailable if it was not taken, Rejected if it never will be."""
        root = message.root or ""
        said = self._edit(message, root) if root else ""
        if said not in ("", SAME):
            return self._post(message, "", f"the first message cannot be edited ({said})")
        if root and not message.pings:
            return Receipt(root, 200)
        return self._post(message, root)

    def _edit(self, message: Message, root: str) -> str:
        """What Telegram says where the message is the same already, or can be edited no more."""
        fields = {"chat_id": self._chat_id, "message_id": root, **self._build_content(message)}
        try:
            self._api.call("editMessageText", fields)
        except NoAnswer as error:
            if not error.explained:
                raise
            return error.explained
        return ""

    def _post(self, message: Message, root: str, detail: str = "") -> Receipt:
        fields = {"chat_id": self._chat_id, **self._build_content(message), **_build_reply(root)}
        reply = self._api.call("sendMessage", fields)
        posted = root or read_field(reply.body, "message_id")
        chart = self._add_chart(message, posted)
        return Receipt(posted, reply.status, "; ".join(filter(None, [detail, chart])))

    def _build_content(self, message: Message) -> dict[str, object]:
        buttons = build_buttons(message) if self._has_buttons else {}
        row = [{"text": label, "callback_data": carried} for label, carried in buttons.items()]
        return _build_text(message) | ({"reply_markup": {"inline_keyboard": [row]}} if row else {})

    def _add_chart(self, message: Message, root: str) -> str:
        """What to say of a chart that was not taken: the message was, and is not sent again for it."""
        fields = {"chat_id": self._chat_id, "disable_notification": True, **_build_reply(root)}
        try:
            if message.png:
                self._api.send_photo(message.png, fields | {"caption": list_lines(message)[0][:_CAPTION]})
        except Unavailable as error:
            return f"the chart was left out: {error}"
        return ""


def _build_text(message: Message) -> dict[str, object]:
    first, card, detail = list_parts(message)
    options: dict[str, object] = {"link_preview_options": {"is_disabled": True}}
    if message.is_plain:
        return options | {"text": join_parts([first, *card], detail)[:_TEXT]}
    head = f"<b>{escape_markup(first, _FIRST)}</b>\n"
    rest = escape_markup(join_parts(card, detail), _TEXT - len(head))
    return options | {"text": f"{head}{rest}".rstrip(), "parse_mode": "HTML"}


def _build_reply(root: str) -> dict[str, object]:
    place = {"message_id": int(root or 0), "allow_sending_without_reply": True}
    return {"reply_parameters": place} if root else {}


def open_channel(settings: TelegramSettings) -> Telegram:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    token = settings.get_secret("token", _TOKEN)
    token.read()
    if not settings.chat_id:
        raise SettingsError(
            "notify.telegram.chat_id is missing; expected the number or the @name of a chat that the bot is "
            "in: set it"
        )
    api = TelegramApi(settings, settings.api_url, token)
    return Telegram(api, settings.chat_id, has_buttons=settings.answers)
