"""Who gets which alerts, and when: the settings that every channel has."""

from datetime import time
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from brentwatch.core.domain import EventClass, Severity
from brentwatch.web.addresses import HostName
from brentwatch.web.secrets import Secret

Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Stage(StrEnum):
    """Where an alert stands in the life of its thread. A heads-up is news without a test of the price."""

    HEADS_UP = "heads-up"
    INTRADAY = "intraday"
    SETTLEMENT = "settlement"


class Detail(StrEnum):
    """How much of an alert a channel sends: the card, or everything known."""

    CARD = "card"
    FULL = "full"


class ChannelSettings(BaseModel):
    """The settings of every channel; a channel adds its own.

    In quiet hours only critical alerts are sent, unless `quiet_for_critical` holds them back too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    minimum_severity: Severity | None = None
    """Lowest severity that this channel gets; that of [notify] if unset."""
    stages: tuple[Stage, ...] = Field(default=(Stage.INTRADAY, Stage.SETTLEMENT), min_length=1)
    """Stages of an alert that this channel gets."""
    countries: tuple[Country, ...] = ()
    """Countries (ISO alpha-3) whose alerts it gets; all if empty."""
    classes: tuple[EventClass, ...] = ()
    """Classes of events (event_class) whose alerts it gets; all if empty."""
    quiet_from: time | None = None
    """Start of quiet hours, such as 22:00; what comes then is sent as one digest afterwards."""
    quiet_until: time | None = None
    """End of quiet hours, such as 06:00."""
    quiet_for_critical: bool = False
    """Hold back critical alerts in quiet hours too."""
    digest_minutes: int = Field(default=0, ge=0, le=24 * 60)
    """Collect alerts for so many minutes and send one digest; 0: send each at once."""
    fallback: str | None = None
    """Channel that also gets what nobody acknowledges."""
    fallback_minutes: int = Field(default=15, ge=1, le=24 * 60)
    """Minutes to wait for an acknowledgement before the fallback is used."""
    detail: Detail = Detail.CARD
    """How much to send: the card, or everything known."""
    per_minute: float = Field(default=60.0, gt=0, le=6000, allow_inf_nan=False)
    """Most messages a minute."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, allow_inf_nan=False)
    """How long one attempt to send may take."""
    deadline_minutes: int = Field(default=360, ge=1, le=7 * 24 * 60)
    """Minutes after which a message that cannot be sent is given up."""

    @model_validator(mode="after")
    def _check_quiet_hours(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until together, or neither of them,")
        return self


class HttpChannelSettings(ChannelSettings):
    """The further settings of every channel over HTTPS.

    Plain HTTP is used only to a host of this machine that `hosts` names.
    """

    section: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()

    hosts: tuple[HostName, ...] = ()
    """Hosts that it may send to; any public host if empty. A private address must be named here."""
    ca_file: str | None = None
    """PEM file of further certificates to trust."""

    def get_secret(self, name: str, expected: str = "") -> Secret:
        """One of the secrets; it may be left out where it is not said what is expected."""
        setting = f"notify.{self.section}.{name}"
        missing = f"{setting} is missing; expected {expected}: set {setting}_file or {setting}"
        value, file = getattr(self, name), getattr(self, f"{name}_file")
        return Secret(setting, value, file, missing if expected else "")

    @model_validator(mode="after")
    def _check_secrets(self) -> Self:
        for name in self.secrets:
            self.get_secret(name).check()
        return self
