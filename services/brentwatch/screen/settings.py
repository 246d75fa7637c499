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
    """A feed that is not named keeps its own."""
    return MINIMUM_RELEVANCE | given if isinstance(given, dict) else given


class SourcesSettings(BaseModel):
    """Whose events pass without a test of relevance, and what those of everybody else must reach.

    A source is the name of a feed (`provenance.feed`), the `source` of a CloudEvents envelope, or `*` for all
    of them. `own` are your own producers, beside those of `screen.own_feeds`; a feed that
    `minimum_relevance` names is tested all the same. `history` may send the events of a recorded history, as
    `brentwatch feed` does: unless it is given, all may where `kafka.topic_prefix` is set, which is a trial,
    and nobody may where it is empty. `other_relevance` is the lowest relevance of all other events.

    A name in a message proves nothing: the ACLs of the broker decide who may write.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    own: tuple[str, ...] = ("file", "/brentwatch/ingest/file")
    history: tuple[str, ...] = (EVERYBODY,)
    other_relevance: Weight = 0.3

    def list_history_sources(self, topic_prefix: str) -> frozenset[str]:
        """Who may send the events of a history."""
        may_send = bool(topic_prefix) or "history" in self.model_fields_set
        return frozenset(self.history if may_send else ())


class DeadLetterLimitSettings(BaseModel):
    """How many dead letters are too many, and what the screen then does.

    The limit is reached where more than the share `ratio` of the newest `over` messages cannot be read (a
    ratio of 1 is never exceeded), or `consecutive` one after the other, over all partitions of one process.
    With the action `continue` the screen says "degraded" and admits good messages as before. With `stop` it
    moves nothing more to the dead letters, and waits for `brentwatch dead accept`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: Share = 0.1
    over: int = Field(default=100, ge=2, le=100_000)
    consecutive: int = Field(default=20, ge=2)
    action: Action = "continue"

    def build_limits(self) -> Limits:
        """As the loop wants it."""
        return Limits(ratio=self.ratio, over=self.over, consecutive=self.consecutive, action=self.action)


class ScreenSettings(BaseModel):
    """What the screen lets pass, and how many dead letters are too many.

    An event that is not scheduled may occur at most `longest_ahead_days` after its record was written.
    `minimum_exposure` maps a feed (`provenance.feed`) to the lowest exposure weight, 0 to 1, at which its
    events are admitted. A feed that is not in it passes whole; so does an event of unknown exposure.
    `minimum_relevance` does the same by `core/domain/relevance.py`; it holds for the feeds that bring
    thousands of events a day, unless it is set to 0. Both take the feeds of `[ingest]`, and those of your own
    producers where `own_feeds` names them. `sources` says whose events pass without a test of relevance.
    `countries` maps an instrument to the only countries whose events it is given; one that is not in it is
    given all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_ahead_days: float = Field(default=2.0, ge=0, le=366)
    minimum_exposure: dict[str, Weight] = {}
    minimum_relevance: Annotated[dict[str, Weight], BeforeValidator(_add_defaults)] = MINIMUM_RELEVANCE
    own_feeds: tuple[str, ...] = ()
    sources: SourcesSettings = SourcesSettings()
    countries: dict[str, tuple[Country, ...]] = {}
    dead_letter_limit: DeadLetterLimitSettings = DeadLetterLimitSettings()
