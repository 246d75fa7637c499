"""Settings of the screen: `[screen]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ScreenSettings(BaseModel):
    """What the screen lets pass.

    `minimum_exposure` maps a feed (`provenance.feed`) to the lowest exposure weight, 0 to 1, at which its
    events are admitted. A feed that is not in it passes whole; so does an event of unknown exposure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum_exposure: dict[str, Weight] = {}
