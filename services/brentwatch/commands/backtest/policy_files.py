"""The policies of a backtest: the installed one, and those of TOML files."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from brentwatch.core.backtest.policy import AlertPolicy, Budget
from brentwatch.core.backtest.sweep import list_classes
from brentwatch.core.domain import ClassGroup, EventClass, Instrument, Severity, Standing
from brentwatch.core.errors import SettingsError
from brentwatch.core.intraday.minutes import SESSIONS_A_YEAR
from brentwatch.notify.policy import Country
from brentwatch.screen.settings import Weight
from brentwatch.settings.origins import Layer, SettingEntry, SettingsFile
from brentwatch.settings.refusals import describe_faults
from brentwatch.wire.decoding import decode_toml

INSTALLED = "installed"
"""The name of the policy of the settings."""


class PolicySettings(BaseModel):
    """What a policy changes of the installed one; a key that is not set has the value of that one.

    `alert_level` is the level of the session test, without the share of tests within the session.
    `minimum_severity`, `classes` and `countries` are the settings of a channel. `minimum_exposure` and
    `minimum_relevance` are those of the screen, here for every feed. `class_groups` add their classes. The
    budget is not a setting: it can only be tried here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=40)
    alert_level: float | None = Field(default=None, gt=0, le=0.1, allow_inf_nan=False)
    minimum_severity: Severity | None = None
    minimum_exposure: Weight = 0.0
    minimum_relevance: Weight = 0.0
    minimum_standing: Standing = Standing.SINGLE
    classes: tuple[EventClass, ...] = ()
    class_groups: tuple[ClassGroup, ...] = ()
    countries: tuple[Country, ...] = ()
    most_alerts: int | None = Field(default=None, ge=1, le=SESSIONS_A_YEAR)
    over_sessions: int = Field(default=SESSIONS_A_YEAR, ge=1, le=10 * SESSIONS_A_YEAR)

    @field_validator("over_sessions")
    @classmethod
    def _check_budget(cls, over_sessions: int, given: ValidationInfo) -> int:
        if given.data.get("most_alerts", 1) is None:
            raise ValueError("most_alerts as well")
        return over_sessions

    def build_policy(self, name: str, installed: AlertPolicy) -> AlertPolicy:
        """The policy of that name, with what is not set from the installed one."""
        return AlertPolicy(
            name=name,
            alert_level=installed.alert_level if self.alert_level is None else self.alert_level,
            minimum_severity=self.minimum_severity or installed.minimum_severity,
            minimum_exposure=self.minimum_exposure,
            minimum_relevance=self.minimum_relevance,
            minimum_standing=self.minimum_standing,
            classes=(*self.classes, *list_classes(*self.class_groups)),
            countries=self.countries,
            budget=None if self.most_alerts is None else Budget(self.most_alerts, self.over_sessions),
        )


def build_installed(instrument: Instrument, minimum_severity: Severity) -> AlertPolicy:
    """The policy of the settings: the alert level of the instrument, and the lowest severity to send."""
    return AlertPolicy(name=INSTALLED, alert_level=instrument.alert_level, minimum_severity=minimum_severity)


def read_policies(paths: Sequence[str], installed: AlertPolicy) -> list[AlertPolicy]:
    """The installed policy, then those of the files in their order.

    Raises:
        SettingsError: if a file cannot be read or used, or two policies have one name; with every fault.
    """
    policies, faults = [installed], list[str]()
    for path in paths:
        try:
            policies.append(_read_policy(path, installed))
        except SettingsError as error:
            faults += error.faults
    if faults := [*faults, *_find_repeated_names(policies)]:
        raise SettingsError(*faults)
    return policies


def _read_policy(path: str, installed: AlertPolicy) -> AlertPolicy:
    given = _read_file(path)
    try:
        settings = PolicySettings.model_validate(given)
    except ValidationError as error:
        layer: Layer = {(name,): SettingEntry(value, SettingsFile(path)) for name, value in given.items()}
        listed = f"the keys of a policy are {', '.join(PolicySettings.model_fields)}"
        raise SettingsError(*describe_faults(error, PolicySettings, layer, listed)) from None
    if not settings.model_fields_set - {"name"}:
        raise SettingsError(
            f"the policy file {path} sets nothing; expected at least one of "
            f"{', '.join(PolicySettings.model_fields)}: add one, or leave the file out, since the installed "
            "policy is always shown"
        )
    return settings.build_policy(settings.name or Path(path).stem, installed)


def _read_file(path: str) -> dict[str, object]:
    try:
        return decode_toml(Path(path).read_bytes())
    except OSError as error:
        raise SettingsError(
            f"the policy file {path} cannot be read: {error.strerror}; expected a TOML file: correct the "
            "path or its permissions"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the policy file {path} is not TOML: {error}; correct that place in the file"
        ) from None


def _find_repeated_names(policies: Sequence[AlertPolicy]) -> Iterator[str]:
    for name, count in Counter(each.name for each in policies).items():
        if count > 1:
            yield (
                f"{count} policies are called {name!r}; expected a different name for each (without one it "
                f"is that of the file, and {INSTALLED} is that of the settings): set name in one of them"
            )
