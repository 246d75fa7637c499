"""The channel `webhook`: posts each alert as JSON to a program of one's own, signed as Standard Webhooks are.

The signature covers the id, the time and the body (https://github.com/standard-webhooks/standard-webhooks).
The id is the same for each copy of a message, so that the receiver can drop the second one.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import ClassVar

from pydantic import SecretStr

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.http_receiver import HttpReceiver, read_now
from brentwatch.notify.messages import Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.web.secrets import Secret

_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
_URL = "the https address of the program that takes the alerts"
_KEY = "the key of the signature, whsec_ and 24 to 64 random bytes in base64"


class WebhookSettings(HttpChannelSettings):
    """The channel `webhook`, which posts signed JSON.

    While a key is replaced, messages have both signatures: the receiver takes either.
    """

    section: ClassVar[str] = "webhook"
    secrets: ClassVar[tuple[str, ...]] = ("url", "secret", "previous_secret")

    url: SecretStr | None = None
    """Address to post to."""
    url_file: str | None = None
    """File with the address to post to."""
    secret: SecretStr | None = None
    """Key that signs each message."""
    secret_file: str | None = None
    """File with the key that signs each message."""
    previous_secret: SecretStr | None = None
    """Key that signs as well while a key is being replaced."""
    previous_secret_file: str | None = None
    """File with the key that signs as well while a key is being replaced."""


class Webhook:
    """Posts the document of each message, signed with the keys as they are at that moment."""

    revisions = Revisions.EVERY
    shows_chart = False

    def __init__(self, settings: WebhookSettings, clock: Callable[[], float] = time.time) -> None:
        self._url = settings.get_secret("url", _URL)
        self._key = settings.get_secret("secret", _KEY)
        self._previous = settings.get_secret("previous_secret")
        self._receiver = HttpReceiver(settings)
        self._clock = clock

    def check(self) -> None:
        """See that the settings can work; SettingsError if not."""
        self._receiver.check(self._url.read())
        for secret in (self._key, self._previous):
            if text := secret.read():
                _decode_key(secret, text)

    def send(self, message: Message) -> Receipt:
        """Post one document.

        Raises:
            NoAnswer, Unavailable: if it was not taken.
        """
        moment = str(int(self._clock()))
        signed = f"{message.id}.{moment}.".encode() + message.document
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(_sign(key, signed) for key in self._read_keys()),
        }
        reply = self._receiver.post(read_now(self._url), message.document, headers)
        return Receipt(message.id, reply.status)

    def _read_keys(self) -> list[bytes]:
        texts = [(secret, read_now(secret)) for secret in (self._key, self._previous)]
        try:
            return [_decode_key(secret, text) for secret, text in texts if text]
        except SettingsError as error:
            raise Unavailable(str(error)) from None


def _sign(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _decode_key(secret: Secret, text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        key = b""
    if len(key) not in _KEY_BYTES:
        raise SettingsError(
            f"{secret.setting} is not a signature key; expected {_KEY}: make one with "
            f"`printf {_PREFIX}; openssl rand -base64 32`"
        )
    return key


def open_channel(settings: WebhookSettings) -> Webhook:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    channel = Webhook(settings)
    channel.check()
    return channel
