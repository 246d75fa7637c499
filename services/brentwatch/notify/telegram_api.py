"""Telegram's Bot API: one call, and what its errors mean.

The token stands in the path of each request, which no error shows (https://core.telegram.org/bots/api).
"""

import re
from collections.abc import Mapping

from brentwatch.notify.http_receiver import HttpReceiver, build_multipart, read_field, read_now
from brentwatch.notify.messages import Rejected
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Reply
from brentwatch.web.secrets import Secret

SAME = "message is not modified"
_BAD_REQUEST = 400
_SECONDS = re.compile(r"[0-9]{1,9}")
_LONGEST_SECONDS = 24 * 3600.0
_NOT_EDITED = re.compile(f"{SAME}|message to edit not found|message can't be edited|message_id_invalid")


class TelegramApi:
    """Calls methods at `base` with the token as it is at that moment."""

    def __init__(self, settings: HttpChannelSettings, base: str, token: Secret) -> None:
        self._receiver = HttpReceiver(settings, explain=explain_error)
        self._receiver.check(base, "api_url")
        self._base = base.rstrip("/")
        self._token = token

    def call(self, method: str, fields: Mapping[str, object]) -> Reply:
        """The reply to a call whose fields are sent as JSON.

        Raises:
            NoAnswer: if Telegram did not do it; `explained` says where a message can be edited no more.
            Unavailable: if the token cannot be read.
            Rejected: if it refused the text.
        """
        try:
            reply = self._receiver.post_json(self._build_url(method), fields)
        except NoAnswer as error:
            if error.explained.isdecimal():
                error.retry_after, error.explained = min(float(error.explained), _LONGEST_SECONDS), ""
            if error.status == _BAD_REQUEST and not error.explained:
                raise Rejected(str(error), status=error.status, is_formatting=True) from None
            raise
        if read_field(reply.body, "ok") != "true":
            said = f"Telegram's answer to {method} has an unexpected form"
            raise NoAnswer(Reason.GARBLED, said, status=reply.status)
        return reply

    def send_photo(self, png: bytes, fields: Mapping[str, object]) -> Reply:
        """The reply to a picture.

        Raises:
            NoAnswer, Unavailable: if it was not taken.
        """
        body, headers = build_multipart(fields, "photo", png)
        return self._receiver.post(self._build_url("sendPhoto"), body, headers)

    def _build_url(self, method: str) -> str:
        return f"{self._base}/bot{read_now(self._token)}/{method}"


def explain_error(body: bytes) -> str:
    """The seconds to wait, or the known words for a message that cannot be edited; empty for all else."""
    if _SECONDS.fullmatch(wait := read_field(body, "retry_after")):
        return wait
    found = _NOT_EDITED.search(read_field(body, "description").lower())
    return found[0] if found else ""
