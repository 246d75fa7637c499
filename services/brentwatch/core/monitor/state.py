"""The state of the monitor: immutable, shared between versions, and keyed, so that each change is small."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from immutables import Map

from brentwatch.core import domain
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.forecasts.forecast import Fit, Memory, Path
from brentwatch.core.intraday.openings import SessionTests
from brentwatch.core.intraday.session_bars import SessionBars
from brentwatch.core.monitor.listing import Listed
from brentwatch.core.monitor.pacing import HeadsUpBudget, Thread
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.worked_out import WorkedOut
from brentwatch.core.reopen import UsualGaps

KEPT_SESSIONS = 130
"""Half a year of sessions: a decided session accepts late events and revised prices for this long."""

_LAST_ZONE = timedelta(hours=12)
"""This long after its end in UTC, a day is over in every time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An event in its newest revision.

    `known_at` is the earliest over its revisions: the first moment at which a reader could know of it. `live`
    is false once it was retracted. `bare_date` says that `known_at` is 00:00 UTC of a day whose hour was not
    reported. `relevance` is what the screen measured, 0 to 1, and `standing` the highest over the revisions
    (see `standing.py`). `rose_at` is the `known_at` of the revision that made a single report more than that.
    `over_cap` is true if its feed had already reached `MOST_OF_A_FEED` events in the session.
    """

    event: domain.UnrestEvent
    exposure: domain.Exposure | None
    known_at: datetime
    live: bool
    bare_date: bool = False
    relevance: float = 0.0
    standing: domain.Standing = domain.Standing.STATED
    rose_at: datetime | None = None
    over_cap: bool = False

    @property
    def by_day(self) -> bool:
        """True if only the day is known, so that it counts for two sessions."""
        return not self.event.precision.within_a_day

    @property
    def placed_at(self) -> datetime:
        """When it was news within a session; for a single report, when its standing rose."""
        return self.known_at if self.rose_at is None else self.rose_at

    @property
    def by_the_hour(self) -> bool:
        """True if `placed_at` is when the news came; with a day only, until that day is over everywhere.

        A bare date has no hour. Neither has the end of a day in UTC, which stands for a report of that day.
        """
        if self.bare_date:
            return False
        if self.event.precision is not domain.Precision.DAY:
            return not self.by_day
        end = domain.end_of_day(self.event.occurred_at.astimezone(UTC).date())
        return self.placed_at != end and self.placed_at <= end + _LAST_ZONE


@dataclass(frozen=True, slots=True)
class Joined:
    """How an event joined a session: `late`, after its decision, or `carried` over from the one before."""

    late: bool
    carried: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bar that waits until the series is complete through its close."""

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

    `paths` holds the forecast of each model, made at the settlement before. `after` holds the forecasts made
    at this settlement, for the sessions that follow. Both are empty before. `known_at` is when the newest
    part was known, and `settles_at` when the session settles or settled. `listed` is None if the list must be
    built again. `stories` are those that had an event in it when it was decided. `revised` are the sessions
    whose price was revised since. `old_alert` is an alert that rules below 7 published, for a session or a
    test within it; it is read once, when the rules change.
    """

    session: date
    settles_at: datetime
    known_at: datetime
    joined: Map[str, Joined] = field(default_factory=Map)
    listed: Listed | None = None
    paths: Mapping[str, Path | domain.Refused] = field(default_factory=dict)
    after: Mapping[str, Path | domain.Refused] = field(default_factory=dict)
    revised: frozenset[date] = frozenset()
    studies: Map[str, domain.Study] = field(default_factory=Map)
    stories: tuple[domain.StoryEvidence, ...] = ()
    old_alert: domain.Alert | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The windows that begin with the bar of `begins_at`: test 1 or 2 of a session, or no test (None).

    `news_at` is when the first event was known. The session of `record` is the first that settles after that.
    Its studies are those of the windows from `begins_at` on, or of the re-open if the news came `in_break`.
    """

    begins_at: datetime
    news_at: datetime
    test: int | None
    record: SessionRecord
    in_break: bool = False


@dataclass(frozen=True, slots=True)
class ReopenBasis:
    """What the re-open before a session is compared with: the usual gaps before it, and the normal move."""

    gaps: UsualGaps
    sigma: float | domain.Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Intraday:
    """The state of 5-minute bars: about a year of bars, and a week of tests.

    `sessions` and `tests` are keyed by the session in which bars trade, `openings` by their first bar. Bars
    are complete through `complete_through`; bars through `warm_through` are warm-up and not tested. `gaps`
    holds the usual gaps over breaks, and `reopens` what the re-opens of the last week are compared with.
    """

    sessions: Map[date, SessionBars] = field(default_factory=Map)
    tests: Map[date, SessionTests] = field(default_factory=Map)
    openings: Map[datetime, Opening] = field(default_factory=Map)
    complete_through: datetime | None = None
    warm_through: datetime | None = None
    gaps: UsualGaps = field(default_factory=UsualGaps)
    reopens: Map[date, ReopenBasis] = field(default_factory=Map)

    def set_opening(self, opening: Opening) -> "Intraday":
        """The same with an opening in a new version."""
        return replace(self, openings=self.openings.set(opening.begins_at, opening))

    def set_sessions(
        self, sessions: Map[date, SessionBars], through: datetime | None, warm: datetime | None
    ) -> "Intraday":
        """The same with these sessions, complete and warm-up through these times.

        Same as `dataclasses.replace`, in a fifth of the time: this runs for every bar of a year.
        """
        return Intraday(
            sessions=sessions,
            tests=self.tests,
            openings=self.openings,
            complete_through=through,
            warm_through=warm,
            gaps=self.gaps,
            reopens=self.reopens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedStory:
    """A story that is followed.

    `newest` is the newest session with an event of it, `relevance` the highest of its events so far, and
    `log_ratios` the sums over its sessions from which the evidence is made, one for each shift; empty before
    the first.
    """

    evidence: domain.StoryEvidence
    newest: date
    relevance: float
    log_ratios: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The whole state of the monitor.

    `fits` are keyed by family of models, `memories` by model. `reached` is the last session that settled or
    will never have a price. At the end of each step `expected` holds exactly the unsettled sessions that an
    event waits for. Sessions through `closed_through` were decided before the rules changed: only a
    retraction revises them. `threads` are the alerts by id, of sessions that are held. `provisional` are the
    studies of sessions that have not settled. `budget` says how many heads-ups may be sent. `stories` are
    followed, the oldest first. `past` are the past events by session (`past_events.py`). `left_out` are the
    priced sessions whose return is left out of the estimation; it follows from the prices.
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
    intraday: Intraday = field(default_factory=Intraday)
    closed_through: date | None = None
    threads: Map[str, Thread] = field(default_factory=Map)
    provisional: Map[date, domain.ProvisionalStudy] = field(default_factory=Map)
    budget: HeadsUpBudget = field(default_factory=HeadsUpBudget)
    past: Map[date, domain.PastEvent] = field(default_factory=Map)
    stories: tuple[FollowedStory, ...] = ()
    left_out: frozenset[date] = field(default=frozenset(), compare=False)
    worked_out: WorkedOut = field(default_factory=WorkedOut, compare=False, repr=False)

    def find_index(self, session: date) -> int:
        """The index of a settled session among the prices."""
        return bisect_left(self.prices.sessions, session)

    def select_live(self, record: SessionRecord) -> Iterator[tuple[Known, Joined]]:
        """The events of a session that were not retracted."""
        known = ((self.events.get(event_id), joined) for event_id, joined in record.joined.items())
        return ((event, joined) for event, joined in known if event is not None and event.live)

    def find_record(self, session: date) -> SessionRecord | None:
        """The record of a session, decided or expected."""
        return self.decided.get(session) or self.expected.get(session)

    def is_closed(self, session: date) -> bool:
        """True for a session that was decided before the rules changed."""
        return self.closed_through is not None and session <= self.closed_through

    def set_intraday(self, intraday: Intraday) -> "State":
        """The state with other bars; same as `dataclasses.replace`, in a fifth of the time."""
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
            intraday=intraday,
            closed_through=self.closed_through,
            threads=self.threads,
            provisional=self.provisional,
            budget=self.budget,
            past=self.past,
            stories=self.stories,
            left_out=self.left_out,
            worked_out=self.worked_out,
        )

    def set_decided(self, record: SessionRecord) -> "State":
        """The state with a decided session in a new version."""
        return replace(self, decided=self.decided.set(record.session, record))

    def set_thread(self, key: str, thread: Thread) -> "State":
        """The state with an alert in a new version."""
        return replace(self, threads=self.threads.set(key, thread))

    def set_expected(self, record: SessionRecord) -> "State":
        """The state with an expected session in a new version."""
        return replace(self, expected=self.expected.set(record.session, record))
