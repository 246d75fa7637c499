"""The state of the fold: immutable, shared between versions, and keyed, so that each change is small."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from immutables import Map

from brentwatch.core import domain
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.forecasts import table as models
from brentwatch.core.forecasts.fits import BundledFit, Month
from brentwatch.core.forecasts.forecast import Fit, Memory, NormalReturns, Path
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.listing import Listed
from brentwatch.core.monitor.worked_out import WorkedOut
from brentwatch.core.sessions.calendar import Calendar

KEPT_SESSIONS = 130
"""Half a year: so long a decided session takes late events, retractions and price revisions."""

_LAST_ZONE = timedelta(hours=12)
"""So long after its end in UTC a day is over everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the fold of an instrument knows beforehand; `calibrations` by (series, model), `fits` by month.

    `partial` says that signals before the first one are missing: every result is flagged.
    """

    instrument: domain.Instrument
    confounders: Mapping[date, tuple[domain.Confounder, ...]] = field(default_factory=dict)
    calibrations: Mapping[tuple[str, str], domain.Calibration] = field(default_factory=dict)
    fits: Mapping[Month, BundledFit] = field(default_factory=dict)
    partial: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What must be known of every result."""
        return (domain.PARTIAL_HISTORY,) if self.partial else ()

    @property
    def calendar(self) -> Calendar:
        """The sessions that are expected."""
        return self.instrument.series.load_calendar()

    @property
    def models(self) -> tuple[NormalReturns, ...]:
        """The models of normal returns, the headline first."""
        return tuple(models.load(name) for name in models.SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An event in its newest revision.

    `known_at` is the earliest over its revisions: the first moment a reader could know it. `live` is false
    once it was retracted. `bare_date` says that `known_at` is 00:00 UTC of a day whose hour nobody reported.
    `nearness` is that to oil, 0 to 1: see `relevance.py`.
    """

    event: domain.UnrestEvent
    exposure: domain.Exposure | None
    known_at: datetime
    live: bool
    bare_date: bool = False
    nearness: float = 0.0

    @property
    def by_day(self) -> bool:
        """True where only the day is known, so that it stands with two sessions."""
        return not self.event.precision.within_a_day

    @property
    def by_the_hour(self) -> bool:
        """True where `known_at` is when the news came: of a day alone, while it is not over everywhere.

        A bare date has no hour. Neither has the end of a day in UTC, which dates a report of that day.
        """
        if self.bare_date:
            return False
        if self.event.precision is not domain.Precision.DAY:
            return not self.by_day
        end = domain.end_of_day(self.event.occurred_at.astimezone(UTC).date())
        return self.known_at != end and self.known_at <= end + _LAST_ZONE


@dataclass(frozen=True, slots=True)
class Joined:
    """How an event stands with a session: `late` after its decision, `carried` from the session before."""

    late: bool
    carried: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bar before the series is complete through its close."""

    bar: domain.Bar
    warmup: bool


@dataclass(frozen=True, slots=True)
class MonthlyFit:
    """The parameters of one month, (year, month)."""

    month: tuple[int, int]
    fit: Fit | domain.Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One session, expected or decided.

    `paths` holds each model's forecast as it was made at the settlement before, `after` the one made at this
    settlement, of what follows; both are empty before. `known_at` is when the newest thing in it was known;
    `settles_at` when it settles, or did. `listed` is None where it
    must be made anew. `revised` are the sessions whose price
    came again with another value since; `survives` what ADDIS said of p(s) when it was decided.
    """

    session: date
    settles_at: datetime
    known_at: datetime
    joined: Map[str, Joined] = field(default_factory=Map)
    listed: Listed | None = None
    paths: Mapping[str, Path | domain.Refused] = field(default_factory=dict)
    after: Mapping[str, Path | domain.Refused] = field(default_factory=dict)
    revised: frozenset[date] = frozenset()
    survives: bool | None = None
    studies: Map[str, domain.Study] = field(default_factory=Map)
    alert: domain.Alert | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What began with the bar of `begins_at`: test 1 or 2 of its session, or a study without a test (None).

    `news_at` is when the event was known that came first. The session of `record` is the one that settles
    first after that; its studies are those of the windows from `begins_at` on.
    """

    begins_at: datetime
    news_at: datetime
    test: int | None
    record: SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Intraday:
    """What is remembered of bars of five minutes: about a year of them, and a week of tests.

    `sessions` and `tests` are by the session in which bars trade, `openings` by their first bar. Bars are
    complete through `complete_through`; those through `warm_through` are warm-up: nothing is tested there.
    """

    sessions: Map[date, SessionBars] = field(default_factory=Map)
    tests: Map[date, SessionTests] = field(default_factory=Map)
    openings: Map[datetime, Opening] = field(default_factory=Map)
    complete_through: datetime | None = None
    warm_through: datetime | None = None

    def set_opening(self, opening: Opening) -> "Intraday":
        """The same with an opening in a new version."""
        return replace(self, openings=self.openings.set(opening.begins_at, opening))

    def set_sessions(
        self, sessions: Map[date, SessionBars], through: datetime | None, warm: datetime | None
    ) -> "Intraday":
        """The same with these sessions, complete and warm-up through these times.

        As `dataclasses.replace` would, in a fifth of the time: there is one for each bar of a year.
        """
        return Intraday(
            sessions=sessions,
            tests=self.tests,
            openings=self.openings,
            complete_through=through,
            warm_through=warm,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the fold remembers.

    `fits` by family of models, `memories` by model; `reached` is the last session that settled, or will never
    have a price. At the end of each step `expected` holds exactly the sessions, not yet settled, that an
    event waits for. Sessions through `closed_through` were decided before the rules changed: only a
    retraction revises them. `left_out` are the sessions among the prices whose return nothing is estimated
    on: it follows from them.
    """

    rules: Rules
    prices: PriceHistory = field(default_factory=PriceHistory)
    waiting: Map[date, Waiting] = field(default_factory=Map)
    complete_through: datetime | None = None
    reached: date | None = None
    events: Map[str, Known] = field(default_factory=Map)
    expected: Map[date, SessionRecord] = field(default_factory=Map)
    decided: Map[date, SessionRecord] = field(default_factory=Map)
    fits: Map[str, MonthlyFit] = field(default_factory=Map)
    memories: Map[str, Memory] = field(default_factory=Map)
    addis: domain.Addis | None = None
    intraday: Intraday = field(default_factory=Intraday)
    closed_through: date | None = None
    left_out: frozenset[date] = field(default=frozenset(), compare=False)
    worked_out: WorkedOut = field(default_factory=WorkedOut, compare=False, repr=False)

    def find_index(self, session: date) -> int:
        """The place of a settled session among the prices held."""
        return bisect_left(self.prices.sessions, session)

    def select_live(self, record: SessionRecord) -> Iterator[tuple[Known, Joined]]:
        """The events of a session that were not taken back."""
        known = ((self.events[event_id], joined) for event_id, joined in record.joined.items())
        return ((event, joined) for event, joined in known if event.live)

    def find_record(self, session: date) -> SessionRecord | None:
        """The record of a session, decided or expected."""
        return self.decided.get(session) or self.expected.get(session)

    def is_closed(self, session: date) -> bool:
        """True for a session that was decided before the rules changed."""
        return self.closed_through is not None and session <= self.closed_through

    def set_intraday(self, intraday: Intraday) -> "State":
        """The state with other bars; as `dataclasses.replace` would, in a fifth of the time."""
        return State(
            rules=self.rules,
            prices=self.prices,
            waiting=self.waiting,
            complete_through=self.complete_through,
            reached=self.reached,
            events=self.events,
            expected=self.expected,
            decided=self.decided,
            fits=self.fits,
            memories=self.memories,
            addis=self.addis,
            intraday=intraday,
            closed_through=self.closed_through,
            left_out=self.left_out,
            worked_out=self.worked_out,
        )

    def set_decided(self, record: SessionRecord) -> "State":
        """The state with a decided session in a new version."""
        return replace(self, decided=self.decided.set(record.session, record))

    def set_expected(self, record: SessionRecord) -> "State":
        """The state with an expected session in a new version."""
        return replace(self, expected=self.expected.set(record.session, record))
