"""Settings of the screen: `[screen]`."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from brentwatch.stream.dead_limit import Action, Limits

Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


EVERYBODY = "*"
MINIMUM_RELEVANCE = {"gdelt": 0.3, "acled": 0.3, "ucdp": 0.3}


def _add_defaults(given: object) -> object:
    """Feeds that are not named have their defaults."""
    return MINIMUM_RELEVANCE | given if isinstance(given, dict) else given


class SourcesSettings(BaseModel):
    """Sources whose events skip the relevance filter, and the minimum for all others.

    A source is the name of a feed (`provenance.feed`), the `source` of a CloudEvents envelope, or `*` for all
    sources. A feed in `minimum_relevance` is always filtered. The sources in `history` may send the events of
    a recorded history, as `brentwatch feed` does. By default, all sources may if `kafka.topic_prefix` is set
    (a trial), and none may if it is empty.

    A name in a message proves nothing: the ACLs of the broker decide who may write.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    own: tuple[str, ...] = ("file", "/brentwatch/ingest/file")
    """Your own feeds or CloudEvents sources, which skip the relevance filter."""
    history: tuple[str, ...] = (EVERYBODY,)
    """Sources that may send a recorded history; without topic_prefix, none may unless this is set."""
    other_relevance: Weight = 0.3
    """Lowest relevance of events from all other sources."""

    def list_history_sources(self, topic_prefix: str) -> frozenset[str]:
        """Sources that may send the events of a history."""
        may_send = bool(topic_prefix) or "history" in self.model_fields_set
        return frozenset(self.history if may_send else ())


class DeadLetterLimitSettings(BaseModel):
    """The dead-letter limit, over all partitions of one process.

    With the action `continue` the screen reports "degraded" and still admits valid messages. With `stop` it
    stops reading, and waits for `brentwatch dead accept`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: Share = 0.1
    """Share of the newest messages that may be unreadable; 1 disables the limit."""
    over: int = Field(default=100, ge=2, le=100_000)
    """How many of the newest messages the ratio counts."""
    consecutive: int = Field(default=20, ge=2)
    """How many unreadable messages in a row reach the limit."""
    action: Action = "continue"
    """At the limit: continue and report degraded, or stop until `brentwatch dead accept`."""

    def build_limits(self) -> Limits:
        """The limit for the loop."""
        return Limits(ratio=self.ratio, over=self.over, consecutive=self.consecutive, action=self.action)


class ScreenSettings(BaseModel):
    """Which events the screen admits.

    An event of unknown exposure passes `minimum_exposure`. Relevance is the weight of the event's class times
    exposure or nearness to oil, whichever is higher. Feeds with thousands of events a day are filtered by
    default. Both settings accept the feeds of `[ingest]` and those in `own_feeds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_ahead_days: float = Field(default=2.0, ge=0, le=366)
    """How far ahead of its record an event may occur, unless it is scheduled."""
    minimum_exposure: dict[str, Weight] = {}
    """Lowest exposure (0 to 1) of the events of a feed; other feeds are not filtered."""
    minimum_relevance: Annotated[dict[str, Weight], BeforeValidator(_add_defaults)] = MINIMUM_RELEVANCE
    """Lowest relevance (0 to 1) of the events of a feed; 0 turns the filter off."""
    corroborated_relevance: Weight = 0.2
    """Lowest relevance of corroborated reports of these feeds, such as GDELT's; 1: as for single reports."""
    own_feeds: tuple[str, ...] = ()
    """Feed names of your own producers, which minimum_exposure and minimum_relevance may then name."""
    sources: SourcesSettings = SourcesSettings()
    countries: dict[str, tuple[Country, ...]] = {}
    """Countries (ISO alpha-3) whose events an instrument gets; all if it is not named."""
    dead_letter_limit: DeadLetterLimitSettings = DeadLetterLimitSettings()
