"""The channel `symphony`: a bot that posts to a room or chat, edits its message, and says who has read it."""

from datetime import UTC, datetime
from html import escape
from typing import Any, ClassVar

from pydantic import SecretStr

from brentwatch.core.errors import SettingsError
from brentwatch.notify.http_receiver import HttpReceiver, join_parts, list_parts, reject_format
from brentwatch.notify.messages import Message, ReadReceipt, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.notify.symphony_bot import SymphonyBot, build_picture, import_library

_KEY = "the RSA private key of the bot in PEM"
_OF_TEMPLATES = {"$": "&#36;", "#": "&#35;", "{": "&#123;"}


class SymphonySettings(HttpChannelSettings):
    """The channel `symphony`, which posts as a bot."""

    section: ClassVar[str] = "symphony"
    secrets: ClassVar[tuple[str, ...]] = ("private_key",)

    url: str | None = None
    """Address of the pod."""
    username: str | None = None
    """User name of the bot."""
    private_key: SecretStr | None = None
    """RSA private key of the bot."""
    private_key_file: str | None = None
    """File with the RSA private key of the bot."""
    stream_id: str | None = None
    """Stream (chat room) to post to."""


class Symphony:
    """Edits the first message in place; what is important is posted once more below it."""

    revisions = Revisions.EDIT
    shows_chart = True

    def __init__(self, bot: SymphonyBot, stream_id: str) -> None:
        self._bot = bot
        self._stream_id = stream_id

    def send(self, message: Message) -> Receipt:
        """Post or edit; NoAnswer or Unavailable if it was not taken, Rejected if it never will be."""
        text = _build_message_ml(message)
        with reject_format():
            if message.root:
                root = message.root
                self._bot.call(lambda service: service.update_message(self._stream_id, root, text))
                if not message.pings:
                    return Receipt(message.root, 200)
            chart = [build_picture(message.png)] if message.png else None
            posted = self._bot.call(lambda it: it.send_message(self._stream_id, text, attachment=chart))
        return Receipt(message.root or str(posted.message_id or ""), 200)

    def find_readers(self, message_id: str) -> list[ReadReceipt]:
        """The people who have read a message, by the receipts of the pod; the bot needs a right to see them.

        Raises:
            NoAnswer, Unavailable: if the pod does not say.
        """
        answer = self._bot.call(lambda service: service.list_message_receipts(message_id))
        details = answer.message_receipt_detail or []
        return [found for each in details if (found := _read_receipt(each)) is not None]


def _read_receipt(detail: Any) -> ReadReceipt | None:
    if not detail.read_receipt_timestamp or detail.user is None:
        return None
    user = detail.user
    name = " ".join(filter(None, (user.first_name, user.last_name))) or str(user.username or user.id)
    return ReadReceipt(name, datetime.fromtimestamp(detail.read_receipt_timestamp / 1000, UTC))


def _build_message_ml(message: Message) -> str:
    """MessageML, in which `$`, `#` and `{` would begin a template."""
    first, card, detail = list_parts(message)
    head = _escape_text(first) if message.is_plain else f"<b>{_escape_text(first)}</b>"
    text = "\n".join(filter(None, [head, _escape_text(join_parts(card, detail))]))
    return f"<messageML>{text.replace(chr(10), '<br/>')}</messageML>"


def _escape_text(text: str) -> str:
    return "".join(_OF_TEMPLATES.get(each) or escape(each) for each in text)


def open_channel(settings: SymphonySettings) -> Symphony:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work, or the extra is missing.
    """
    url, username, stream_id = settings.url, settings.username, settings.stream_id
    if not (url and username and stream_id):
        raise SettingsError(
            "notify.symphony.url, username or stream_id is missing; expected the address of the pod, the "
            "name of the bot and the id of the stream that it posts to: set all three"
        )
    HttpReceiver(settings).check(url)
    key = settings.get_secret("private_key", _KEY)
    key.read()
    import_library()
    bot = SymphonyBot(
        url=url.rstrip("/"),
        username=username,
        key=key,
        timeout_seconds=settings.timeout_seconds,
        ca_file=settings.ca_file,
    )
    return Symphony(bot, stream_id)
