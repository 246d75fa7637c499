"""Settings of the price providers, a part of `[prices]`."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from brentwatch.history.tables import DayOrder
from brentwatch.web.addresses import Address, SecretAddress
from brentwatch.web.secrets import Secret

PlainName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]


class PriceFileSettings(BaseModel):
    """A file of daily prices (CSV, XLSX or Parquet) that you keep up to date; it is read at each poll."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str | None = None
    """Path of the file."""
    date_column: str = "date"
    """Column with the day."""
    price_column: str = "usd_per_bbl"
    """Column with the price in USD per barrel."""
    day_order: DayOrder | None = None
    """Which comes first in 07/05/2024; needed only if no row of the file shows it."""


class SeriesSettings(BaseModel):
    """Where the prices of one series come from; the first provider that answers is used.

    Missing settings are those of the built-in series of that name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    providers: tuple[str, ...] = ()
    """Providers in order of preference; those of the built-in series if unset."""
    delay_minutes: float | None = Field(default=None, ge=0, le=20_160, allow_inf_nan=False)
    """Minutes from a close until its price can be seen; that of the built-in series if unset."""
    file: PriceFileSettings = PriceFileSettings()

    @field_validator("providers", mode="after")
    @classmethod
    def _check_providers(cls, providers: tuple[str, ...]) -> tuple[str, ...]:
        """A series without a provider would never have a price."""
        if not providers:
            raise PydanticCustomError("unfit", "at least one provider (remove the setting for the default)")
        if doubled := sorted({name for name in providers if providers.count(name) > 1}):
            fault = f"each provider once and not {', '.join(doubled)} twice"
            raise PydanticCustomError("unfit", "{fault}", {"fault": fault})
        return providers


class EiaSettings(BaseModel):
    """The U.S. Energy Information Administration, whose key is free of charge."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretAddress = "https://api.eia.gov"
    """Address of the service."""
    api_key: SecretStr | None = None
    """API key."""
    api_key_file: str | None = None
    """File with the API key."""

    @property
    def secret(self) -> Secret:
        """The key."""
        missing = (
            "prices.eia.api_key is not set; expected a key; get one at "
            "https://www.eia.gov/opendata/register.php, or take eia out of the providers"
        )
        return Secret("prices.eia.api_key", self.api_key, self.api_key_file, missing)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class FredSettings(BaseModel):
    """The economic data of the Federal Reserve Bank of St. Louis, which republishes the EIA's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Address = "https://fred.stlouisfed.org"
    """Address of the service."""


class YahooSettings(BaseModel):
    """Yahoo Finance, through yfinance: for personal and research use by its terms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str = Field(default="BZ=F", min_length=1)
    """Symbol of brent-front."""
    wti_symbol: str = Field(default="CL=F", min_length=1)
    """Symbol of wti-front."""


class MassiveSettings(BaseModel):
    """Massive (formerly Polygon.io): futures of NYMEX, daily and 5-minute bars, on the terms of your plan."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretAddress = "https://api.massive.com"
    """Address of the service."""
    api_key: SecretStr | None = None
    """API key."""
    api_key_file: str | None = None
    """File with the API key."""

    @property
    def secret(self) -> Secret:
        """The key."""
        missing = (
            "prices.massive.api_key is not set; expected the key of a plan with futures: copy it from "
            "https://massive.com/dashboard, or take massive out of the providers"
        )
        return Secret("prices.massive.api_key", self.api_key, self.api_key_file, missing)

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        self.secret.check()
        return self


class ProviderSettings(BaseModel):
    """What the price providers need to know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_seconds: float = Field(default=20.0, gt=0, le=40, allow_inf_nan=False)
    """How long one fetch of prices may take."""
    series: dict[PlainName, SeriesSettings] = {}
    eia: EiaSettings = EiaSettings()
    fred: FredSettings = FredSettings()
    yahoo: YahooSettings = YahooSettings()
    massive: MassiveSettings = MassiveSettings()
