"""Settings of each feed, the sections below `[ingest]`."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import DayOrder
from brentwatch.ingest.feeds.presets import Preset
from brentwatch.web.addresses import Address, SecretAddress
from brentwatch.web.secrets import Secret
from brentwatch.wire.countries import read_country


def _check_country(code: str) -> str:
    try:
        return read_country(code)
    except InvalidInput:
        raise ValueError(
            "countries by English name or ISO 3166-1 code, such as Kazakhstan, KAZ or KZ,"
        ) from None


Seconds = Annotated[float, Field(gt=0, le=7 * 24 * 3600, allow_inf_nan=False)]
Country = Annotated[str, AfterValidator(_check_country)]
Version = Annotated[str, Field(pattern=r"^\d{1,4}(\.\d{1,3}){1,2}$")]
OldestDays = Annotated[int, Field(ge=0, le=100 * 366)]
"""Events that happened longer before they became known are left out and counted."""

FileFeedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


GDELT_HTTPS = "https://storage.googleapis.com/data.gdeltproject.org/gdeltv2"
GDELT_PLAIN = "http://data.gdeltproject.org/gdeltv2"
_SECTION = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GdeltFilter(StrEnum):
    """How reports with an unrest code are filtered."""

    WORDS = "words"
    NONE = "none"


class GdeltSettings(BaseModel):
    """The feed of GDELT.

    The plain HTTP address is a fallback for the default `url` only.
    """

    model_config = _SECTION

    url: Address = GDELT_HTTPS
    """Address of the lists of files."""
    plain_fallback: bool = True
    """Use GDELT's plain HTTP address if the default HTTPS address fails."""
    every_seconds: Seconds = 60.0
    """How often to look for new files."""
    timeout_seconds: Seconds = 30.0
    """How long one request may take."""
    master_timeout_seconds: Seconds = 600.0
    """How long the request for the list of all files may take."""
    oldest_days: int = Field(default=3, ge=0, le=30)
    """Leave out events that happened more days before they were reported."""
    mentions: bool = True
    """Also read the files of mentions, which show how attention grows."""
    filter: GdeltFilter = GdeltFilter.WORDS
    """Leave out reports whose address does not describe current unrest (words), or accept all (none)."""
    since: date | None = None
    """First day to read if the topic has no event of this feed; the newest file if unset."""
    until: date | None = None
    """Last day to read; no end if unset."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses, in order of preference."""
        stands_in = self.plain_fallback and self.url == GDELT_HTTPS
        return (self.url, GDELT_PLAIN) if stands_in else (self.url,)


class AcledSettings(BaseModel):
    """The feed of ACLED, for which you need an account.

    Revisions of an event that the topic holds are never left out because of `oldest_days`.
    """

    model_config = _SECTION

    url: SecretAddress = "https://acleddata.com"
    """Address of the service."""
    username: str | None = None
    """User name of your ACLED account."""
    password: SecretStr | None = None
    """Password of your ACLED account."""
    password_file: str | None = None
    """File with the password of your ACLED account."""
    countries: tuple[Country, ...] = ()
    """Countries to ask for, by name or ISO code; all if empty."""
    since: date | None = None
    """First day of upload to read if the topic has no event of this feed; yesterday if unset."""
    oldest_days: OldestDays = 30
    """Leave out events that happened more days before they were uploaded."""
    every_seconds: Seconds = 6 * 3600.0
    """How often to ask for new rows."""
    timeout_seconds: Seconds = 30.0
    """How long one request may take."""
    page_rows: int = Field(default=1000, ge=1, le=5000)
    """Rows to ask for in one request."""

    @property
    def secret(self) -> Secret:
        """The password of the account."""
        return _require("ingest.acled.password", self.password, self.password_file)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class UcdpSettings(BaseModel):
    """The feed of UCDP, for which you need a token.

    The day in `released` decides when an event was known. A monthly release reaches back about 50 days, a
    yearly one 34 years.
    """

    model_config = _SECTION

    url: SecretAddress = "https://ucdpapi.pcr.uu.se/api"
    """Address of the service."""
    token: SecretStr | None = None
    """Access token."""
    token_file: str | None = None
    """File with the access token."""
    released: dict[Version, date] = {}
    """Versions to read, each with the day of its release, such as "26.0.9" = 2026-10-20."""
    oldest_days: OldestDays = 60
    """Leave out events that happened more days before the release."""
    every_seconds: Seconds = 6 * 3600.0
    """How often to ask for new rows."""
    timeout_seconds: Seconds = 30.0
    """How long one request may take."""
    page_rows: int = Field(default=1000, ge=1, le=1000)
    """Rows to ask for in one request."""

    @property
    def secret(self) -> Secret:
        """The token."""
        return _require("ingest.ucdp.token", self.token, self.token_file)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class FileFeedSettings(BaseModel):
    """The feed of your own files: JSONL, CSV, XLSX or Parquet.

    The preset `desk` knows the usual column names of a desk's sheet, `acled` the CSV export of
    ACLED, `ucdp` the download of UCDP.
    """

    model_config = _SECTION

    path: Path | None = None
    """A file of events, or a folder to watch for such files."""
    name: FileFeedName = "file"
    """Name of the feed in the events (`provenance.feed`)."""
    preset: Preset = Preset.NONE
    """Layout of the columns; none: they have the names of our fields."""
    mapping: dict[str, str] = {}
    """Column of a field, such as known_at = "reported"; other fields are found by the preset."""
    day_order: DayOrder | None = None
    """Which comes first in 07/05/2024; needed only if no row of the file shows it."""
    released: dict[Version, date] = {}
    """For the preset ucdp: the day on which each version was released."""
    oldest_days: OldestDays = 60
    """Leave out events that happened more days before they became known."""
    every_seconds: Seconds = 5.0
    """How often to look for new files and rows."""


def _require(key: str, value: SecretStr | None, file: str | None) -> Secret:
    return Secret(
        key,
        value,
        file,
        f"neither {key} nor {key}_file is set; this feed needs one; set {key}_file, or {key} by its "
        "environment variable, or remove the feed from ingest.feeds",
    )
