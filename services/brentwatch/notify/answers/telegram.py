"""Answers by Telegram: `getUpdates` says which buttons were pressed, or waits until one is (long polling).

What was processed is confirmed by the next request (`offset`), so an answer that could not be accepted, or
that was in flight when the process ended, comes again (https://core.telegram.org/bots/api#getupdates).
"""

from threading import Event

import msgspec

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.message.foreign import clean, cut_text
from brentwatch.notify import buttons
from brentwatch.notify.answers import listener
from brentwatch.notify.answers.listener import Accept, ChatAnswer, Heard, Note, People
from brentwatch.notify.channels.telegram import TelegramSettings
from brentwatch.notify.http_receiver import read_now
from brentwatch.notify.telegram_api import explain_error
from brentwatch.web.addresses import AllowedHosts
from brentwatch.web.failures import Backoff, NoAnswer, Reason
from brentwatch.web.fetching import Fetcher
from brentwatch.web.secrets import Secret

NAME = "telegram"
_POLL_SECONDS = 20
_MOST_UPDATES = 50
_LARGEST_BATCH = 4 << 20
_NAME_ROOM = 60
_JSON = {"Content-Type": "application/json"}


class _Batch(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw] = []


class _Numbered(msgspec.Struct):
    update_id: int


class _User(msgspec.Struct):
    id: int
    username: str = ""
    first_name: str = ""


class _Chat(msgspec.Struct):
    id: int
    username: str = ""


class _Message(msgspec.Struct):
    chat: _Chat


class _Press(msgspec.Struct):
    id: str
    from_: _User = msgspec.field(name="from")
    message: _Message
    data: str


class _Update(msgspec.Struct):
    callback_query: _Press


class TelegramListener:
    """Asks at `base` with the bot's token; `note` gets the result of each update."""

    def __init__(
        self,
        base: str,
        token: Secret,
        people: People,
        fetcher: Fetcher,
        note: Note,
        backoff: Backoff,
    ) -> None:
        self._base, self._token = base.rstrip("/"), token
        self._people, self._note = people, note
        self._fetcher, self._backoff = fetcher, backoff
        self._offset = 0

    def run(self, stop: Event, accept: Accept) -> None:
        """See `Listener`."""
        listener.keep_asking(stop, lambda: self._ask(stop, accept), self._note, self._backoff)

    def _ask(self, stop: Event, accept: Accept) -> None:
        wishes = {
            "offset": self._offset,
            "limit": _MOST_UPDATES,
            "timeout": _POLL_SECONDS,
            "allowed_updates": ["callback_query"],
        }
        self.handle_batch(self._call("getUpdates", wishes), stop, accept)

    def handle_batch(self, body: bytes, stop: Event, accept: Accept) -> None:
        """Hand on what a batch of updates holds; what could not be accepted comes again with the next one.

        Raises:
            NoAnswer: if it is no batch.
            Unavailable: if an answer is to come again.
        """
        numbered = [(_decode_number(raw), raw) for raw in _decode_batch(body)]
        for number, raw in numbered:
            if stop.is_set():
                return
            self._handle(raw, accept)
            self._offset = max(self._offset, number + 1)

    def _handle(self, raw: msgspec.Raw, accept: Accept) -> None:
        """One update, in whatever form it is; Unavailable if it is to come again."""
        try:
            press = msgspec.json.decode(raw, type=_Update).callback_query
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return self._note(Heard.UNREADABLE, "Telegram sent an update that is not a button press")
        chat, user = press.message.chat, str(press.from_.id)
        if not self._people.includes(user, str(chat.id), f"@{chat.username}"):
            return self._note(Heard.UNKNOWN, f"Telegram user {user} may not answer")
        if (said := buttons.parse_button(press.data)) is None:
            return self._note(Heard.UNREADABLE, "a button carries unknown data")
        kind, thread = said
        name = cut_text(clean(press.from_.username or press.from_.first_name), _NAME_ROOM)
        by = f"{name} (Telegram {user})".lstrip()
        answer = ChatAnswer(id=f"telegram:{press.id}", kind=kind, thread=thread, by=by, channel=NAME)
        if listener.hand_on(answer, accept, self._note):
            self._confirm(press.id, kind)
        return None

    def _confirm(self, press: str, kind: str) -> None:
        """Show who pressed that it was heard; if that fails, the answer stands all the same."""
        try:
            self._call("answerCallbackQuery", {"callback_query_id": press, "text": f"Recorded: {kind}"})
        except Unavailable as error:
            self._note(Heard.FAILED, str(error))

    def _call(self, method: str, fields: dict[str, object]) -> bytes:
        url = f"{self._base}/bot{read_now(self._token)}/{method}"
        try:
            return self._fetcher.send("POST", url, msgspec.json.encode(fields), _JSON).body
        except NoAnswer as error:
            if error.explained.isdecimal():
                error.retry_after = float(error.explained)
            raise


def _decode_batch(body: bytes) -> list[msgspec.Raw]:
    try:
        batch = msgspec.json.decode(body, type=_Batch)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        batch = _Batch(ok=False)
    if not batch.ok:
        raise NoAnswer(Reason.GARBLED, "Telegram's answer to getUpdates has an unexpected form; retrying")
    return batch.result


def _decode_number(raw: msgspec.Raw) -> int:
    """The number of an update, without which nothing can be confirmed."""
    try:
        return msgspec.json.decode(raw, type=_Numbered).update_id
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise NoAnswer(Reason.GARBLED, "Telegram sent an update without its number") from None


def open_listener(settings: TelegramSettings, note: Note) -> TelegramListener:
    """The listener as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    if not settings.chat_id:
        raise SettingsError("notify.telegram.chat_id is missing; expected the chat that answers: set it")
    hosts = AllowedHosts(settings.hosts, "notify.telegram.hosts")
    try:
        hosts.check_url(settings.api_url)
    except ValueError as error:
        raise SettingsError(f"notify.telegram.api_url cannot be used; expected {error} so set it") from None
    fetcher = Fetcher(
        _POLL_SECONDS + settings.timeout_seconds,
        ca_file=settings.ca_file,
        explain=explain_error,
        check_target=hosts.check_target,
        largest_reply=_LARGEST_BATCH,
    )
    token = settings.get_secret("token", "the token of a bot")
    token.read()
    people = People(settings.chat_id, settings.users)
    return TelegramListener(settings.api_url, token, people, fetcher, note, Backoff(1.0, 60.0))
