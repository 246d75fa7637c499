"""Which channel gets which alerts, and when: the settings that every channel has."""

from collections.abc import Iterable
from datetime import time
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from brentwatch.core.domain import EventClass, Severity, Stage
from brentwatch.web.addresses import HostName
from brentwatch.web.secrets import Secret

Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


_OLD_STAGE = "intraday"
EVERY_STAGE = tuple(Stage)
_TESTED = tuple(each for each in Stage if each is not Stage.HEADS_UP)


def _refuse_old_stage(stages: object) -> object:
    """Say which stages take the place of the old one; what else is wrong the type says."""
    if isinstance(stages, Iterable) and _OLD_STAGE in stages:
        names = f'"{Stage.REOPEN}", "{Stage.WITHIN}" and "{Stage.PROVISIONAL}"'
        raise ValueError(f'{names} in place of "{_OLD_STAGE}"')
    return stages


Stages = Annotated[tuple[Stage, ...], BeforeValidator(_refuse_old_stage)]


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
    """Lowest severity that this channel gets; default: that of [notify]."""
    stages: Stages = Field(default=_TESTED, min_length=1)
    """Stages whose alerts this channel gets; default: all but heads-up (terminal and jsonl: all)."""
    countries: tuple[Country, ...] = ()
    """Countries (ISO alpha-3) whose alerts this channel gets; all if empty."""
    classes: tuple[EventClass, ...] = ()
    """Classes of events (event_class) whose alerts this channel gets; all if empty."""
    quiet_from: time | None = None
    """Start of quiet hours, such as 22:00; alerts of quiet hours are sent as one digest afterwards."""
    quiet_until: time | None = None
    """End of quiet hours, such as 06:00."""
    quiet_for_critical: bool = False
    """Hold back critical alerts in quiet hours too."""
    digest_minutes: int = Field(default=0, ge=0, le=24 * 60)
    """Minutes to collect alerts for one digest; 0: send each alert at once."""
    fallback: str | None = None
    """Channel that also gets the alerts that nobody acknowledges."""
    fallback_minutes: int = Field(default=15, ge=1, le=24 * 60)
    """Minutes to wait for an acknowledgement before the fallback is used."""
    detail: Detail = Detail.CARD
    """How much to send: the card, or the full detail."""
    per_minute: float = Field(default=60.0, gt=0, le=6000, allow_inf_nan=False)
    """Maximum number of messages a minute."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, allow_inf_nan=False)
    """Timeout of one attempt to send."""
    deadline_minutes: int = Field(default=360, ge=1, le=7 * 24 * 60)
    """Minutes after which a message that was not accepted has failed."""

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
    """Hosts that may be used; any public host if empty. A private address must be named here."""
    ca_file: str | None = None
    """PEM file with further certificates to trust."""

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
