"""Settings of the price service: `[prices]`."""

from typing import Annotated

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from brentwatch.prices.providers.settings import ProviderSettings, SeriesSettings
from brentwatch.prices.providers.table import PROVIDERS

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class PricesSettings(ProviderSettings):
    """How prices are fetched.

    A timeline without prices is given the newest `backfill_sessions` as warm-up. Each poll looks for
    revisions `look_back_days` back. A price that is due and not there is asked for again after
    `poll_seconds`, then ever later up to `longest_wait_seconds`. With `intraday` bars of five minutes are
    fetched too, into a series of their own, where a provider has them; for those it looks every
    `intraday_poll_seconds` while a session trades.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backfill_sessions: int = Field(default=1_700, ge=1, le=20_000)
    look_back_days: int = Field(default=30, ge=1, le=3_650)
    poll_seconds: Seconds = 300.0
    intraday_poll_seconds: Seconds = 60.0
    longest_wait_seconds: Seconds = 14_400.0
    intraday: bool = False

    @field_validator("series", mode="after")
    @classmethod
    def _check_known_providers(cls, series: dict[str, SeriesSettings]) -> dict[str, SeriesSettings]:
        named = {name for chosen in series.values() for name in chosen.providers}
        if unknown := sorted(named - PROVIDERS.keys()):
            wanted = f"one of the providers {', '.join(PROVIDERS)}"
            raise PydanticCustomError(
                "unfit", "{wanted}", {"wanted": f"{wanted} and not {', '.join(unknown)}"}
            )
        return series
