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

    Empty `countries` and `classes` mean all. `quiet_from` and `quiet_until` are times of day in the zone
    `notify.zone`: what comes between them is sent as one digest afterwards, unless it is critical.
    `digest_minutes` collects what comes within so many minutes in one digest. What nobody acknowledges
    within `fallback_minutes` is sent to the channel `fallback` as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    minimum_severity: Severity | None = None
    stages: tuple[Stage, ...] = Field(default=(Stage.INTRADAY, Stage.SETTLEMENT), min_length=1)
    countries: tuple[Country, ...] = ()
    classes: tuple[EventClass, ...] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_for_critical: bool = False
    digest_minutes: int = Field(default=0, ge=0, le=24 * 60)
    fallback: str | None = None
    fallback_minutes: int = Field(default=15, ge=1, le=24 * 60)
    detail: Detail = Detail.CARD
    per_minute: float = Field(default=60.0, gt=0, le=6000, allow_inf_nan=False)
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, allow_inf_nan=False)
    deadline_minutes: int = Field(default=360, ge=1, le=7 * 24 * 60)

    @model_validator(mode="after")
    def _check_quiet_hours(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until together, or neither of them,")
        return self


class HttpChannelSettings(ChannelSettings):
    """The further settings of every channel over HTTPS.

    `hosts` are the hosts that it may be sent to; an empty list means any public one. An address of a private
    network or of this machine is used only if its host is in the list, and plain http only to a host of this
    machine. `ca_file` holds further certificates to trust. `section` is the name of the channel: it stands in
    the errors about secrets. A secret NAME may also be given as the file NAME_file.
    """

    section: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()

    hosts: tuple[HostName, ...] = ()
    ca_file: str | None = None

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
