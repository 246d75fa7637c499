"""Settings of the notifier: `[notify]`."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from brentwatch.core.domain import Severity
from brentwatch.notify.channels.apprise import AppriseSettings
from brentwatch.notify.channels.email_settings import EmailSettings
from brentwatch.notify.channels.jsonl import JsonlSettings
from brentwatch.notify.channels.ntfy import NtfySettings
from brentwatch.notify.channels.pagerduty import PagerdutySettings
from brentwatch.notify.channels.slack import SlackSettings
from brentwatch.notify.channels.symphony import SymphonySettings
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.notify.channels.teams import TeamsSettings
from brentwatch.notify.channels.telegram import TelegramSettings
from brentwatch.notify.channels.terminal import TerminalSettings
from brentwatch.notify.channels.webhook import WebhookSettings
from brentwatch.notify.policy import ChannelSettings


def _check_channel(name: str) -> str:
    if name not in CHANNELS:
        raise ValueError(f"one of the channels {', '.join(CHANNELS)}")
    return name


def _check_desk_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or a folder of the zone database
        raise ValueError("the name of a time zone, such as Europe/London,") from None
    return name


ChannelName = Annotated[str, AfterValidator(_check_channel)]


class NotifySettings(BaseModel):
    """The channels that alerts are sent to, and the lowest severity; each channel has its own section."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: tuple[ChannelName, ...] = Field(default=("terminal",), min_length=1)
    """Channels to send alerts to, by the names of their sections."""
    minimum_severity: Severity = Severity.MEDIUM
    """Lowest severity to send; a channel may set its own."""
    zone: Annotated[str, AfterValidator(_check_desk_zone)] = "UTC"
    """Time zone of quiet hours."""
    longest_age_hours: float = Field(default=6.0, gt=0, le=24 * 365, allow_inf_nan=False)
    """Age from which alerts are no longer sent one by one, but in one digest."""
    terminal: TerminalSettings = TerminalSettings()
    jsonl: JsonlSettings = JsonlSettings()
    email: EmailSettings = EmailSettings()
    webhook: WebhookSettings = WebhookSettings()
    slack: SlackSettings = SlackSettings()
    teams: TeamsSettings = TeamsSettings()
    telegram: TelegramSettings = TelegramSettings()
    pagerduty: PagerdutySettings = PagerdutySettings()
    ntfy: NtfySettings = NtfySettings()
    symphony: SymphonySettings = SymphonySettings()
    apprise: AppriseSettings = AppriseSettings()

    def find_channel(self, name: str) -> ChannelSettings:
        """The settings of a channel."""
        found: ChannelSettings = getattr(self, name)
        return found

    def list_used(self) -> list[str]:
        """The channels by name, then those that are only fallbacks."""
        used = list(dict.fromkeys(self.channels))
        for name in used:  # it grows meanwhile
            fallback = self.find_channel(name).fallback
            if fallback is not None and fallback not in used:
                used.append(fallback)
        return used

    @model_validator(mode="after")
    def _check_fallbacks(self) -> Self:
        for name in CHANNELS:
            fallback = self.find_channel(name).fallback
            if fallback is not None and (fallback not in CHANNELS or fallback == name):
                raise ValueError(f"{name}.fallback as another one of the channels {', '.join(CHANNELS)},")
        return self
