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
    """Which feeds of unrest events are read; each feed has a section of its own.

    A failed feed is retried after `first_wait_seconds`, then with exponential back-off and jitter up to
    `longest_wait_seconds`, or after the time that the source asks for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    feeds: tuple[FeedName, ...] = ()
    """Feeds to read: gdelt, acled, ucdp, file; none if empty."""
    envelope: Envelope = "binary"
    """Form of the CloudEvents 1.0 envelope of each event."""
    first_wait_seconds: Seconds = 5.0
    """First wait after a feed has failed; each further one is twice as long."""
    longest_wait_seconds: Seconds = 900.0
    """Longest wait after a feed has failed."""
    gdelt: GdeltSettings = GdeltSettings()
    acled: AcledSettings = AcledSettings()
    ucdp: UcdpSettings = UcdpSettings()
    file: FileFeedSettings = FileFeedSettings()
