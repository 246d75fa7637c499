"""Settings of the feeds: `[ingest]`."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from brentwatch.ingest.feeds.settings import (
    AcledSettings,
    FileFeedSettings,
    GdeltSettings,
    Seconds,
    UcdpSettings,
)
from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.wire.cloudevents import Envelope


def _check_feed_name(name: str) -> str:
    if name not in FEEDS:
        raise ValueError(f"one of the feeds {', '.join(FEEDS)}")
    return name


FeedName = Annotated[str, AfterValidator(_check_feed_name)]


class IngestSettings(BaseModel):
    """Which feeds are read, none where none is named; a feed's own settings have its name.

    `envelope` is that of CloudEvents 1.0: binary, structured or none.

    A feed that fails is left alone for `first_wait_seconds`, then twice as long each time, up to
    `longest_wait_seconds`, or for as long as it wishes; a random part of the wait is left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    feeds: tuple[FeedName, ...] = ()
    envelope: Envelope = "binary"
    first_wait_seconds: Seconds = 5.0
    longest_wait_seconds: Seconds = 900.0
    gdelt: GdeltSettings = GdeltSettings()
    acled: AcledSettings = AcledSettings()
    ucdp: UcdpSettings = UcdpSettings()
    file: FileFeedSettings = FileFeedSettings()
