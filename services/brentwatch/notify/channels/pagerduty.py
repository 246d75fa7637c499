"""The channel `pagerduty`: one incident an alert thread, by Events API v2.

An event of the same `dedup_key` updates its incident, acknowledges it or resolves it
(https://developer.pagerduty.com/docs/events-api-v2-overview).
"""

from typing import ClassVar

from pydantic import SecretStr, field_validator

from brentwatch.core.domain import Severity, Stage
from brentwatch.notify.http_receiver import HttpReceiver, list_lines, read_now, reject_format
from brentwatch.notify.messages import Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings

_KEY = "the integration key of a service with the integration Events API v2"
_SUMMARY, _DEDUP_KEY = 1024, 255
_SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.INFO: "info",
}


class PagerdutySettings(HttpChannelSettings):
    """The channel `pagerduty`, which opens and resolves incidents."""

    section: ClassVar[str] = "pagerduty"
    secrets: ClassVar[tuple[str, ...]] = ("routing_key",)

    routing_key: SecretStr | None = None
    """Integration key."""
    routing_key_file: str | None = None
    """File with the integration key."""
    url: str = "https://events.pagerduty.com/v2/enqueue"
    """Address of the events API; another one in the EU service region."""

    @field_validator("stages")
    @classmethod
    def _refuse_heads_ups(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        if Stage.HEADS_UP in stages:
            raise ValueError("stages without heads-up (a heads-up has no price test, so it pages nobody),")
        return stages


class Pagerduty:
    """Sends one event a message; two where an acknowledged incident has news of importance."""

    revisions = Revisions.EDIT
    shows_chart = False

    def __init__(self, settings: PagerdutySettings) -> None:
        self._key = settings.get_secret("routing_key", _KEY)
        self._receiver = HttpReceiver(settings)
        self._receiver.check(settings.url)
        self._key.read()
        self._url = settings.url

    def send(self, message: Message) -> Receipt:
        """Trigger, acknowledge or resolve; copies change nothing.

        A notice that tells of no alert is not sent: an incident wakes people, and nothing would resolve it.
        Nor is a heads-up, which somebody may ask for by `brentwatch alerts resend`.

        Raises:
            NoAnswer, Unavailable: if an event was not taken.
            Rejected: if it never will be.
        """
        severity = message.severity
        if severity is None or (message.alert is None and severity is Severity.INFO):
            return Receipt(detail="not sent: PagerDuty gets only alerts and digests of alerts")
        key = message.thread[:_DEDUP_KEY]
        status = None
        for action in _choose_actions(message):
            event: dict[str, object] = {"event_action": action, "dedup_key": key}
            if action == "trigger":
                event |= {"client": "brentwatch", "payload": _build_payload(message, severity)}
            with reject_format():
                event["routing_key"] = read_now(self._key)
                status = self._receiver.post_json(self._url, event).status
        return Receipt(key, status)


def _choose_actions(message: Message) -> tuple[str, ...]:
    if message.is_closed:
        return ("resolve",)
    if not message.acknowledged:
        return ("trigger",)
    return ("trigger", "acknowledge") if message.pings else ("acknowledge",)


def _build_payload(message: Message, severity: Severity) -> dict[str, object]:
    first, *rest = list_lines(message)
    payload: dict[str, object] = {
        "summary": first[:_SUMMARY],
        "source": "brentwatch",
        "severity": _SEVERITIES[severity],
    }
    if message.is_plain:
        return payload | {"custom_details": {"text": "\n".join(rest)}}
    if alert := message.alert:
        payload |= {
            "timestamp": alert.known_at.isoformat(),
            "component": alert.instrument,
            "class": "abnormal price move",
        }
    numbered = {f"line {number:02}": line for number, line in enumerate(rest, start=1)}
    named = {"alert_id": message.thread} if message.alert else {}
    return payload | {"custom_details": named | numbered}


def open_channel(settings: PagerdutySettings) -> Pagerduty:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    return Pagerduty(settings)
