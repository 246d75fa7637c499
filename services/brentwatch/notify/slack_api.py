"""Slack's Web API: one call, what its errors mean, and the upload of a picture into a thread.

An answer has status 200 also where Slack refuses: then its field `ok` is false and `error` says why.
"""

import re
from collections.abc import Mapping

from brentwatch.core.errors import Unavailable
from brentwatch.message.foreign import cut_text
from brentwatch.notify.http_receiver import HttpReceiver, read_field, read_now
from brentwatch.notify.messages import Rejected
from brentwatch.web.addresses import is_at_host_of
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Reply, add_query
from brentwatch.web.secrets import Secret

_PASSING = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org")
_OF_FORMAT = (
    "invalid_blocks", "invalid_blocks_format", "invalid_attachments", "invalid_payload", "invalid_arguments",
    "no_text", "too_many_attachments", "msg_too_long", "msg_blocks_too_long",
)  # fmt: skip
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")
_TITLE = 150
_CODE = re.compile(r"[a-z][a-z_]{1,60}")


class SlackRefused(Rejected):
    """Slack refused a call for good; `code` is its word for the reason."""

    def __init__(self, said: str, code: str, status: int) -> None:
        super().__init__(said, status=status, is_formatting=code in _OF_FORMAT)
        self.code = code

    @property
    def is_gone(self) -> bool:
        """True where a message can be edited no more, or is not there."""
        return self.code in _GONE


class SlackApi:
    """Calls methods at `base` with the token as it is at that moment."""

    def __init__(self, base: str, token: Secret, receiver: HttpReceiver) -> None:
        self._base = base
        self._token = token
        self._receiver = receiver

    def call(self, method: str, fields: Mapping[str, object]) -> Reply:
        """The reply to a call whose fields are sent as JSON.

        Raises:
            NoAnswer, Unavailable: if Slack could not do it now.
            SlackRefused: if it never will.
        """
        url = f"{self._base}/{method}"
        return check_reply(method, self._receiver.post_json(url, fields, self._build_headers()))

    def upload_picture(self, png: bytes, title: str, channel: str, thread: str) -> None:
        """Post a picture in a thread, in three steps: where to, the bytes, and which thread.

        Raises:
            NoAnswer, Unavailable, SlackRefused: as above.
        """
        method = "files.getUploadURLExternal"
        asked = add_query(f"{self._base}/{method}", {"filename": "chart.png", "length": len(png)})
        place = check_reply(method, self._receiver.post(asked, b"", self._build_headers())).body
        url = read_field(place, "upload_url").replace("\\/", "/")
        if not is_at_host_of(url, self._base):
            raise Unavailable("Slack named another site for the upload of the chart; it is not used")
        self._receiver.post(url, png, {"Content-Type": "image/png"})
        file = {"id": read_field(place, "file_id"), "title": cut_text(title, _TITLE)}
        self.call(
            "files.completeUploadExternal", {"files": [file], "channel_id": channel, "thread_ts": thread}
        )

    def _build_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {read_now(self._token)}"}


def check_reply(method: str, reply: Reply) -> Reply:
    """The reply itself, where Slack did what it was asked.

    Raises:
        NoAnswer, Unavailable, SlackRefused: as `SlackApi.call`.
    """
    if read_field(reply.body, "ok") == "true":
        return reply
    code = read_code(read_field(reply.body, "error").encode())
    if code == "ratelimited":
        said = "Slack limits the rate (ratelimited)"
        raise NoAnswer(Reason.THROTTLED, said, retry_after=reply.retry_after, status=429)
    if code in _PASSING:
        raise Unavailable(f"Slack cannot do {method} now ({code})")
    if not code:
        raise NoAnswer(
            Reason.GARBLED, f"Slack's answer to {method} has an unexpected form", status=reply.status
        )
    raise SlackRefused(f"Slack refuses {method}: {code}", code, reply.status)


def refuse_webhook(error: NoAnswer) -> SlackRefused:
    """What the refusal of a message to an incoming webhook means; without a word of Slack, of its format."""
    code = error.explained or "invalid_payload"
    return SlackRefused(f"{error}: {code}", code, error.status or 0)


def read_code(text: bytes) -> str:
    """Slack's word for an error, empty where the text is none: a foreign text may repeat what was sent."""
    found = text.decode(errors="replace").strip()
    return found if _CODE.fullmatch(found) else ""
