"""Settings of the price service: `[prices]`."""

from typing import Annotated

from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from brentwatch.prices.providers.settings import ProviderSettings, SeriesSettings
from brentwatch.prices.providers.table import PROVIDERS

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class PricesSettings(ProviderSettings):
    """How prices are fetched.

    A price that is due but missing is requested again after `poll_seconds`, then with back-off up to
    `longest_wait_seconds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backfill_sessions: int = Field(default=1_700, ge=1, le=20_000)
    """How many past sessions are fetched when the timeline has no prices."""
    look_back_days: int = Field(default=30, ge=1, le=3_650)
    """How many days back each poll looks for revised prices."""
    poll_seconds: Seconds = 300.0
    """How long to wait before a price that is due is asked for again."""
    intraday_poll_seconds: Seconds = 60.0
    """How often 5-minute bars are fetched while a session trades."""
    longest_wait_seconds: Seconds = 14_400.0
    """Longest wait between two requests for a price that is due."""
    intraday: bool = False
    """Also fetch 5-minute bars, for instruments that are tested within the session."""

    @field_validator("series", mode="after")
    @classmethod
    def _check_known_providers(cls, series: dict[str, SeriesSettings]) -> dict[str, SeriesSettings]:
        named = {name for chosen in series.values() for name in chosen.providers}
        if unknown := sorted(named - PROVIDERS.keys()):
            fault = f"one of the providers {', '.join(PROVIDERS)} and not {', '.join(unknown)}"
            raise PydanticCustomError("unfit", "{fault}", {"fault": fault})
        return series
