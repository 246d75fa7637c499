"""Settings of the canary: `[canary]`."""

from pydantic import BaseModel, ConfigDict, Field


class CanarySettings(BaseModel):
    """How often a canary is sent through the whole path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every_seconds: float = Field(default=300.0, ge=5, le=3600, allow_inf_nan=False)
    """Seconds between two canaries. They stay on the timeline: 300 makes 105,000 a year and instrument."""
