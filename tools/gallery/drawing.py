"""Each message of the gallery as HTML, made of what its receiver got; the templates give each part its place.

Email, Telegram and Symphony get HTML, or some tags of it, which is shown as sent. Other text is escaped.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from rich.style import Style
from rich.text import Text
from tests.notify.channels.library_receivers import read_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from email.message import EmailMessage

    from tests.web.stub import Asked
    from tools.gallery.sending import Received

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
WIDTH = 660
"""The width of each page in CSS pixels; `base.html` has it too."""

_LONG_VALUE = 60
_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright_black")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture: the way to send that it shows, its name in words, and how its values are read."""

    way: str
    title: str
    place: str
    read: Callable[[Received], Mapping[str, Any]]

    @property
    def channel(self) -> str:
        """The channel, which is also the name of the picture and of the template."""
        return self.way.partition("_")[0]

    def write_page(self, received: Received) -> str:
        """The page that is photographed."""
        template = _TEMPLATES.get_template(f"{self.channel}.html")
        return template.render(title=self.title, place=self.place, **self.read(received))


def _read_slack(received: Received) -> Mapping[str, Any]:
    """The first post with its last edit, and the chart in its thread."""
    asked: Sequence[Asked] = received.messages
    posts = [json.loads(each.body) for each in asked if "/chat." in each.path]
    roots = [each for each in posts if "thread_ts" not in each]
    done = [json.loads(each.body) for each in asked if each.path.endswith("completeUploadExternal")]
    charts = [each.body for each in asked if each.path.startswith("/upload/")]
    return {
        "post": _unescape(roots[-1]),
        "is_edited": len(roots) > 1,
        "files": [
            (each["files"][0]["title"], _inline(chart)) for each, chart in zip(done, charts, strict=True)
        ],
    }


def _unescape(value: Any) -> Any:
    """A value of Slack's JSON with `&lt;` and the like as Slack shows them."""
    match value:
        case str():
            return html.unescape(value)
        case dict():
            return {name: _unescape(each) for name, each in value.items()}
        case list():
            return [_unescape(each) for each in value]
    return value


def _read_teams(received: Received) -> Mapping[str, Any]:
    (attachment,) = json.loads(received.messages[-1].body)["attachments"]
    return {"card": attachment["content"]}


def _read_telegram(received: Received) -> Mapping[str, Any]:
    """The first message with its last edit, and the chart that replies to it."""
    asked: Sequence[Asked] = received.messages
    sent = [json.loads(each.body) for each in asked if each.path.endswith(("Message", "MessageText"))]
    photos = [read_parts(each) for each in asked if each.path.endswith("/sendPhoto")]
    texts = [each for each in sent if "reply_parameters" not in each]
    fields = texts[-1]
    is_html = fields.get("parse_mode") == "HTML"
    return {
        "text": Markup(fields["text"]) if is_html else fields["text"],  # noqa: S704 - it is shown as it was sent
        "buttons": fields.get("reply_markup", {}).get("inline_keyboard", []),
        "is_edited": len(texts) > 1,
        "photos": [(each["caption"].decode(), _inline(each["photo"])) for each in photos],
    }


def _read_email(received: Received) -> Mapping[str, Any]:
    mail: EmailMessage = received.messages[-1]
    page = mail.get_body(("html",))
    (found,) = _BODY.findall(page.get_content() if page else "")
    for part in mail.walk():
        if part.get_content_type() == "image/png":
            found = found.replace(f"cid:{part['Content-ID'].strip('<>')}", _inline(part.get_content()))
    return {"mail": mail, "body": Markup(found)}  # noqa: S704 - it is shown as it was sent


def _read_pagerduty(received: Received) -> Mapping[str, Any]:
    """The incident: its last action, and what it was last triggered with."""
    events = [json.loads(each.body) for each in received.messages]
    payloads = [each["payload"] for each in events if "payload" in each]
    return {"action": events[-1]["event_action"], "payload": payloads[-1]}


def _read_ntfy(received: Received) -> Mapping[str, Any]:
    return {"push": json.loads(received.messages[-1].body)}


def _read_symphony(received: Received) -> Mapping[str, Any]:
    """The message with its last edit, and the chart that was attached to it."""
    parts = [read_parts(each) for each in received.messages if "/message/" in each.path]
    charts = [each["attachment"] for each in parts if "attachment" in each]
    text = re.sub(r"</?messageML>", "", parts[-1]["message"].decode())
    return {
        "text": Markup(text),  # noqa: S704 - it is shown as it was sent
        "charts": [_inline(each) for each in charts],
        "is_edited": len(parts) > 1,
    }


def _read_apprise(received: Received) -> Mapping[str, Any]:
    return {"sent": json.loads(received.messages[-1].body)}


def _read_webhook(received: Received) -> Mapping[str, Any]:
    asked: Asked = received.messages[-1]
    headers = {name.lower(): value for name, value in asked.headers.items()}
    fields = json.loads(asked.body)
    return {
        "method": asked.method,
        "headers": {name: headers[name] for name in ("content-type", "webhook-id")},
        "fields": {name: _write_json(each) for name, each in fields.items() if name != "text"},
        "words": {name: _write_json(each) for name, each in fields["text"].items()},
        "longest": _LONG_VALUE,
    }


def _write_json(value: Any) -> str:
    """JSON, whose line breaks are also line breaks of the page."""
    return json.dumps(value, ensure_ascii=False).replace("\\n", "\\n\n")


def _read_jsonl(received: Received) -> Mapping[str, Any]:
    return {"lines": received.messages}


def _read_terminal(received: Received) -> Mapping[str, Any]:
    """Each line, with its colour."""
    lines = [line for each in received.messages for line in [*each.split("\n"), ""]]
    return {"lines": [_read_colour(line) for line in lines[:-1]]}


def _read_colour(line: str) -> tuple[str, str]:
    """The text of a line, and the name of the colour that it begins with; empty if it has none."""
    text = Text.from_ansi(line)
    styles = [each.style for each in text.spans if isinstance(each.style, Style) and each.style.color]
    number = styles[0].color.number if styles and styles[0].color else None
    return text.plain, "" if number is None else _ANSI[number]


def _inline(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"


DRAWINGS = (
    Drawing("slack_bot", "Slack", "a channel, posted by a bot", _read_slack),
    Drawing("teams", "Microsoft Teams", "a card, posted by a workflow", _read_teams),
    Drawing("telegram", "Telegram", "a group, posted by a bot", _read_telegram),
    Drawing("email", "Email", "the HTML part, in a mail program", _read_email),
    Drawing("symphony", "Symphony", "a room, posted by a bot", _read_symphony),
    Drawing("pagerduty", "PagerDuty", "an incident", _read_pagerduty),
    Drawing("ntfy", "ntfy", "a push on a telephone", _read_ntfy),
    Drawing("apprise", "Apprise", "a title and a text, on any of its services", _read_apprise),
    Drawing("webhook", "Webhook", "a request to your own program", _read_webhook),
    Drawing("jsonl", "JSONL", "a file with one alert a line", _read_jsonl),
    Drawing("terminal", "Terminal", "standard output", _read_terminal),
)
"""One for each channel; Slack is shown as a bot posts, with buttons and chart."""
