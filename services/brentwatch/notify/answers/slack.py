"""Answers by Slack: Socket Mode tells over one outgoing WebSocket which buttons were pressed.

The library `slack_sdk` (extra `slack`) speaks WebSocket. It would go on without TLS on any port but 443, so
the address is checked first; and it logs what it received, so its logger is off. A press is confirmed after
it was accepted: otherwise Slack shows who pressed that it failed, and they press again
(https://docs.slack.dev/apis/events-api/using-socket-mode).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec

from brentwatch.core.errors import SettingsError
from brentwatch.message.foreign import clean, cut_text
from brentwatch.notify import buttons
from brentwatch.notify.answers import listener
from brentwatch.notify.answers.listener import Accept, ChatAnswer, Heard, Note, People
from brentwatch.notify.http_receiver import HttpReceiver
from brentwatch.notify.slack_api import SlackApi
from brentwatch.web.addresses import is_safe_websocket
from brentwatch.web.failures import Backoff, NoAnswer, Reason

if TYPE_CHECKING:
    from slack_sdk.socket_mode import SocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from brentwatch.notify.channels.slack import SlackSettings

NAME = "slack"
_LOOK_SECONDS = 0.5
_NAME_ROOM = 60


class _Named(msgspec.Struct):
    id: str
    username: str = ""


class _Pressed(msgspec.Struct):
    action_id: str
    action_ts: str


class _BlockActions(msgspec.Struct, tag_field="type", tag="block_actions"):
    user: _Named
    channel: _Named
    actions: list[_Pressed]


class _Opened(msgspec.Struct):
    url: str


class SlackListener:
    """Opens a session, and another when it ends; `note` gets the result of each press."""

    def __init__(self, base: str, api: SlackApi, people: People, note: Note, backoff: Backoff) -> None:
        self._base, self._api = base, api
        self._people, self._note, self._backoff = people, note, backoff

    def run(self, stop: Event, accept: Accept) -> None:
        """See `Listener`."""
        listener.keep_asking(stop, lambda: self._listen(stop, accept), self._note, self._backoff)

    def _listen(self, stop: Event, accept: Accept) -> None:
        """One session, until it ends.

        Raises:
            NoAnswer, Unavailable, Rejected: if it ended, or there is none.
        """
        client = _make_client(self._find_address)
        client.socket_mode_request_listeners.append(lambda _, request: self._handle(client, request, accept))
        try:
            client.connect()
            while client.is_connected():
                if stop.wait(_LOOK_SECONDS):
                    return
            raise NoAnswer(Reason.UNREACHABLE, "Slack's Socket Mode is not connected; it is opened again")
        finally:
            client.close()

    def _find_address(self) -> str:
        try:
            url = msgspec.json.decode(self._api.call("apps.connections.open", {}).body, type=_Opened).url
        except msgspec.MsgspecError:
            raise NoAnswer(Reason.GARBLED, "Slack named no address for Socket Mode") from None
        if not is_safe_websocket(url, self._base):
            raise NoAnswer(Reason.GARBLED, "Slack named another address than wss at its host")
        return url

    def _handle(self, client: SocketModeClient, request: SocketModeRequest, accept: Accept) -> None:
        try:
            self.handle_payload(request.payload, accept)
            client.send_socket_mode_response({"envelope_id": request.envelope_id})
        except Exception as error:  # noqa: BLE001 - not confirmed, so Slack tells who pressed
            self._note(Heard.FAILED, f"an answer by Slack is not confirmed: {type(error).__name__}")

    def handle_payload(self, payload: Any, accept: Accept) -> None:
        """Hand on what a press of a button says; Unavailable if it cannot be accepted now."""
        try:
            press = msgspec.convert(payload, _BlockActions)
        except (msgspec.MsgspecError, RecursionError):
            return self._note(Heard.UNREADABLE, "Slack sent a message that is not a button press")
        if not self._people.includes(press.user.id, press.channel.id):
            return self._note(Heard.UNKNOWN, f"Slack user {clean(press.user.id)[:_NAME_ROOM]} may not answer")
        for pressed in press.actions:
            self._hand_on(press, pressed, accept)
        return None

    def _hand_on(self, press: _BlockActions, pressed: _Pressed, accept: Accept) -> None:
        if (said := buttons.parse_button(pressed.action_id)) is None:
            return self._note(Heard.UNREADABLE, "a button carries unknown data")
        kind, thread = said
        by = f"{cut_text(clean(press.user.username), _NAME_ROOM)} (Slack {clean(press.user.id)})".lstrip()
        unique = f"slack:{press.channel.id}:{pressed.action_ts}:{press.user.id}"
        answer = ChatAnswer(id=clean(unique)[:200], kind=kind, thread=thread, by=by, channel=NAME)
        listener.hand_on(answer, accept, self._note)
        return None


def _make_client(find_address: Callable[[], str]) -> SocketModeClient:
    """A client that asks us for its address, handles one request at a time, and logs nothing."""
    from slack_sdk.socket_mode import SocketModeClient
    from slack_sdk.web import WebClient

    class Client(SocketModeClient):
        def issue_new_wss_url(self) -> str:
            return find_address()

    logger = logging.getLogger("brentwatch.slack_sdk")
    logger.disabled = True
    web = WebClient(logger=logger)
    return Client("", logger, web, auto_reconnect_enabled=False, concurrency=1)


def open_listener(settings: SlackSettings, note: Note) -> SlackListener:
    """The listener as the settings want it.

    Raises:
        SettingsError: if they cannot work, or the extra is missing.
    """
    _check_library()
    if not settings.channel_id:
        raise SettingsError("notify.slack.channel_id is missing; expected the channel that answers: set it")
    receiver = HttpReceiver(settings)
    receiver.check(settings.api_url, "api_url")
    token = settings.get_secret("app_token", "an app-level token with the scope connections:write")
    token.read()
    base = settings.api_url.rstrip("/")
    people = People(settings.channel_id, settings.users)
    return SlackListener(base, SlackApi(base, token, receiver), people, note, Backoff(1.0, 60.0))


def _check_library() -> None:
    try:
        import slack_sdk  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            f"answers by Slack need the library slack-sdk, which cannot be imported ({error}); expected the "
            'extra "slack"; run pip install "brentwatch[slack]"'
        ) from error
