"""An unrest event as the monitor and the messages use it; the whole document stays on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from brentwatch.core.errors import InvalidInput


class Status(StrEnum):
    """What a revision does to its event."""

    NEW = "new"
    UPDATE = "update"
    RETRACT = "retract"


class Precision(StrEnum):
    """How exactly the time of the event is known."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def within_a_day(self) -> bool:
        """True if the time of day is known, so that the event belongs to one session only."""
        return self in (Precision.MINUTE, Precision.HOUR)


def end_of_day(day: date) -> datetime:
    """The last second of a day: the `known_at` of a report that was published at an unknown time that day."""
    return datetime.combine(day, time(23, 59, 59), UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The zero of times in seconds and milliseconds."""

_NO_TIME, _ONE_DAY = timedelta(0), timedelta(days=1)


def is_bare_date(precision: Precision, occurred_at: datetime, known_at: datetime) -> bool:
    """True if the day is known and the hour is not: precision day, and known at 00:00 UTC of that day."""
    if precision is not Precision.DAY or not _NO_TIME <= occurred_at - known_at < _ONE_DAY:
        return False
    return (known_at - EPOCH) % _ONE_DAY == _NO_TIME  # no arithmetic that the ends of the calendar break


def derive_future_allowance(precision: Precision, occurred_at: datetime, known_at: datetime) -> timedelta:
    """How far the times of an event may exceed a bound on the future: one day for a bare date, else nothing.

    Midnight stands for an hour that was not reported, which is up to a day later.
    """
    return _ONE_DAY if is_bare_date(precision, occurred_at, known_at) else _NO_TIME


class EventClass(StrEnum):
    """What happened, in the closed list of `schemas/unrest_event.v1.schema.json`."""

    PROTEST = "protest"
    STRIKE = "strike"
    BLOCKADE = "blockade"
    RIOT = "riot"
    VIOLENT_CRACKDOWN = "violent_crackdown"
    STATE_OF_EMERGENCY = "state_of_emergency"
    ARMED_CLASH = "armed_clash"
    BOMBARDMENT = "bombardment"
    ATTACK_INFRASTRUCTURE = "attack_infrastructure"
    ATTACK_SHIPPING = "attack_shipping"
    SEIZURE_INFRASTRUCTURE = "seizure_infrastructure"
    TERRITORIAL_CHANGE = "territorial_change"
    COUP = "coup"
    REGIME_CHANGE = "regime_change"
    MASS_VIOLENCE = "mass_violence"
    TARGETED_KILLING = "targeted_killing"
    FOREIGN_INTERVENTION = "foreign_intervention"
    WAR_ONSET = "war_onset"
    INTERNET_SHUTDOWN = "internet_shutdown"
    SANCTION_DIPLOMATIC = "sanction_diplomatic"
    POLITICAL_CRISIS = "political_crisis"
    MUTINY = "mutiny"
    SUPPLY_DISRUPTION = "supply_disruption"
    SUPPLY_RESTORED = "supply_restored"
    CEASEFIRE = "ceasefire"
    DEESCALATION = "deescalation"
    OTHER = "other"


class ClassGroup(StrEnum):
    """What kind of thing a class is: classes of one group are alike."""

    UNREST = "unrest"
    ARMED_CONFLICT = "armed conflict"
    OIL_SUPPLY = "oil supply"
    CHANGE_OF_POWER = "change of power"
    EASING = "easing"
    OTHER = "other"


CLASS_GROUPS: Mapping[EventClass, ClassGroup] = {
    EventClass.PROTEST: ClassGroup.UNREST,
    EventClass.STRIKE: ClassGroup.UNREST,
    EventClass.RIOT: ClassGroup.UNREST,
    EventClass.VIOLENT_CRACKDOWN: ClassGroup.UNREST,
    EventClass.STATE_OF_EMERGENCY: ClassGroup.UNREST,
    EventClass.INTERNET_SHUTDOWN: ClassGroup.UNREST,
    EventClass.ARMED_CLASH: ClassGroup.ARMED_CONFLICT,
    EventClass.BOMBARDMENT: ClassGroup.ARMED_CONFLICT,
    EventClass.TERRITORIAL_CHANGE: ClassGroup.ARMED_CONFLICT,
    EventClass.MASS_VIOLENCE: ClassGroup.ARMED_CONFLICT,
    EventClass.TARGETED_KILLING: ClassGroup.ARMED_CONFLICT,
    EventClass.FOREIGN_INTERVENTION: ClassGroup.ARMED_CONFLICT,
    EventClass.WAR_ONSET: ClassGroup.ARMED_CONFLICT,
    EventClass.ATTACK_INFRASTRUCTURE: ClassGroup.OIL_SUPPLY,
    EventClass.ATTACK_SHIPPING: ClassGroup.OIL_SUPPLY,
    EventClass.SEIZURE_INFRASTRUCTURE: ClassGroup.OIL_SUPPLY,
    EventClass.SUPPLY_DISRUPTION: ClassGroup.OIL_SUPPLY,
    EventClass.BLOCKADE: ClassGroup.OIL_SUPPLY,
    EventClass.COUP: ClassGroup.CHANGE_OF_POWER,
    EventClass.REGIME_CHANGE: ClassGroup.CHANGE_OF_POWER,
    EventClass.POLITICAL_CRISIS: ClassGroup.CHANGE_OF_POWER,
    EventClass.MUTINY: ClassGroup.CHANGE_OF_POWER,
    EventClass.CEASEFIRE: ClassGroup.EASING,
    EventClass.DEESCALATION: ClassGroup.EASING,
    EventClass.SUPPLY_RESTORED: ClassGroup.EASING,
    EventClass.SANCTION_DIPLOMATIC: ClassGroup.OTHER,
    EventClass.OTHER: ClassGroup.OTHER,
}
"""The group of each class. `blockade` belongs to oil supply: ports and fields are what is blocked."""


class Verification(StrEnum):
    """The kind of check behind a report."""

    MACHINE = "machine"
    HUMAN = "human"
    CURATED = "curated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrestEvent:
    """One revision of one event.

    `known_at` (UTC) is the first moment at which a reader could know of it; it alone decides the session.
    `country` and `extra_countries` are ISO 3166-1 alpha-3. `confidence` and `novelty` are shares, None if
    they are not given. `story_id` is set if a person said to which story the event belongs.

    Raises:
        InvalidInput: if `known_at` lies before `occurred_at`, and the event was neither scheduled nor is it a
            bare date.
    """

    event_id: str
    revision: int
    status: Status
    occurred_at: datetime
    precision: Precision
    known_at: datetime
    country: str
    extra_countries: tuple[str, ...] = ()
    place: str | None = None
    event_class: EventClass
    scheduled: bool = False
    summary: str = ""
    verification: Verification | None = None
    fatalities: int | None = None
    source: str | None = None
    feed: str = ""
    confidence: float | None = None
    novelty: float | None = None
    story_id: str | None = None

    def __post_init__(self) -> None:
        if self.occurred_at - self.known_at > self.future_allowance and not self.scheduled:
            raise InvalidInput(
                f"known_at {self.known_at.isoformat()} lies before occurred.start "
                f"{self.occurred_at.isoformat()}; only a scheduled event can be known before it happens: "
                "correct one of the two, or set scheduled to true"
            )

    @property
    def is_bare_date(self) -> bool:
        """True if the day is known and the hour is not, so that no test may use `known_at`."""
        return is_bare_date(self.precision, self.occurred_at, self.known_at)

    @property
    def future_allowance(self) -> timedelta:
        """See `derive_future_allowance`."""
        return derive_future_allowance(self.precision, self.occurred_at, self.known_at)

    @property
    def countries(self) -> tuple[str, ...]:
        """The country first, then the extra countries."""
        return (self.country, *self.extra_countries)
