"""Settings of each feed, the sections below `[ingest]`."""

from datetime import date
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
"""Events that happened longer before they became known are no news: they are left out and counted."""

FileFeedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


GDELT_HTTPS = "https://storage.googleapis.com/data.gdeltproject.org/gdeltv2"
GDELT_PLAIN = "http://data.gdeltproject.org/gdeltv2"
_SECTION = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GdeltSettings(BaseModel):
    """`[ingest.gdelt]`: where the lists are, and which reports are taken.

    Where the topic holds nothing of this feed it begins with the newest file, or with the first one of the
    day `since`; it ends with the last one of the day `until`. Reports of days more than `oldest_days` before
    they were added are talk about the past.

    The default `url` is the HTTPS address of GDELT's bucket. Where that gives nothing, the plain address of
    the same bucket stands in, unless `plain_fallback` is false. It never stands in for another `url`.
    """

    model_config = _SECTION

    url: Address = GDELT_HTTPS
    plain_fallback: bool = True
    every_seconds: Seconds = 60.0
    timeout_seconds: Seconds = 30.0
    master_timeout_seconds: Seconds = 600.0
    oldest_days: int = Field(default=3, ge=0, le=30)
    mentions: bool = True
    since: date | None = None
    until: date | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where to ask, in this order."""
        stands_in = self.plain_fallback and self.url == GDELT_HTTPS
        return (self.url, GDELT_PLAIN) if stands_in else (self.url,)


class AcledSettings(BaseModel):
    """`[ingest.acled]`: an account of one's own, and the countries that are asked for, by default all.

    Where the topic holds nothing of this feed it begins with what was uploaded since the day `since`, or on
    the day before. Events that happened more than `oldest_days` before their row was uploaded are left out
    and counted; revisions of an event that the topic holds are not.
    """

    model_config = _SECTION

    url: SecretAddress = "https://acleddata.com"
    username: str | None = None
    password: SecretStr | None = None
    password_file: str | None = None
    countries: tuple[Country, ...] = ()
    since: date | None = None
    oldest_days: OldestDays = 30
    every_seconds: Seconds = 6 * 3600.0
    timeout_seconds: Seconds = 30.0
    page_rows: int = Field(default=1000, ge=1, le=5000)

    @property
    def secret(self) -> Secret:
        """The password of the account."""
        return _require("ingest.acled.password", self.password, self.password_file)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class UcdpSettings(BaseModel):
    """`[ingest.ucdp]`: the versions that are read, each with the day on which it was released.

    `released` is a table of version and day: "26.0.9" = 2026-10-20. The day decides `known_at`. Events that
    happened more than `oldest_days` before their release are left out and counted: a monthly release reaches
    back about 50 days, a yearly one 34 years.
    """

    model_config = _SECTION

    url: SecretAddress = "https://ucdpapi.pcr.uu.se/api"
    token: SecretStr | None = None
    token_file: str | None = None
    released: dict[Version, date] = {}
    oldest_days: OldestDays = 60
    every_seconds: Seconds = 6 * 3600.0
    timeout_seconds: Seconds = 30.0
    page_rows: int = Field(default=1000, ge=1, le=1000)

    @property
    def secret(self) -> Secret:
        """The token."""
        return _require("ingest.ucdp.token", self.token, self.token_file)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class FileFeedSettings(BaseModel):
    """`[ingest.file]`: a file of events, or a folder that is watched for them: JSONL, CSV, XLSX, Parquet.

    `preset` says what the columns of a table mean: "desk" knows the names that a sheet usually has, "acled"
    is the CSV export of ACLED, "ucdp" the download of UCDP, "none" the names of our fields. `mapping` says
    which column holds which field, such as `known_at = "reported"`; a field that is not in it is looked for
    as the preset says. `name` is the feed's name in `provenance.feed`.

    `day_order` says what comes first in 07/05/2024, "day-first" or "month-first", where no row of the file
    shows it. `released` says for the preset "ucdp" on which day a version was released, as for the feed.
    Events that happened more than `oldest_days` before they became known are left out and counted.
    """

    model_config = _SECTION

    path: Path | None = None
    name: FileFeedName = "file"
    preset: Preset = Preset.NONE
    mapping: dict[str, str] = {}
    day_order: DayOrder | None = None
    released: dict[Version, date] = {}
    oldest_days: OldestDays = 60
    every_seconds: Seconds = 5.0


def _require(key: str, value: SecretStr | None, file: str | None) -> Secret:
    return Secret(
        key,
        value,
        file,
        f"{key} is not given, and neither is {key}_file; this feed needs one: set {key}_file, or {key} by "
        "its environment variable, or take the feed out of ingest.feeds",
    )
