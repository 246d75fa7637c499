"""The bars of a series on the timeline, and what a fetch adds: first prints, late bars, revisions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby

from brentwatch.core.domain import Bar, Series
from brentwatch.core.domain.bars import DISAGREEMENT, FIRST, LATE, LATE_BAR, REVISION, ROLL_CORRECTION, WARMUP
from brentwatch.core.sessions.roll import find_expiry, find_splice
from brentwatch.prices.quality import inspect_bars
from brentwatch.wire.timeline import build_bar_record
from brentwatch.wire.timeline_record import PriceUpdateRecord


@dataclass(frozen=True, slots=True)
class Held:
    """The newest price of one bar, and the provider of its first print; None if the record has none."""

    session: date
    close: float
    provider: str | None


class Ledger:
    """The bars of a series by their close, from the records of a partition.

    `backfilled` is true once there is a record that is not warm-up: a backfill ends with one.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._bars: dict[datetime | date, Held] = {}
        self.complete_through: datetime | None = None
        self.backfilled = False

    def take(self, record: PriceUpdateRecord) -> None:
        """Take in the next record, completely or not at all; records of other series are ignored."""
        if record.series != self._series.name:
            return
        through = record.complete_through.astimezone(UTC)
        bars = {
            self.identify(bar.session, bar.closes_at): bar
            for bar in record.bars
            if bar.interval == self._series.interval
        }
        for key, bar in bars.items():
            first = self._bars.get(key)
            provider = record.provider if first is None else first.provider
            self._bars[key] = Held(bar.session, bar.close, provider)
        self.complete_through = max(through, self.complete_through or through)
        self.backfilled = self.backfilled or not record.warmup

    def identify(self, session: date, closes_at: datetime) -> datetime | date:
        """The identity of a bar: a session has one daily bar, whatever its close."""
        return session if self._series.is_daily else closes_at.astimezone(UTC)

    def find(self, session: date, closes_at: datetime) -> Held | None:
        """The recorded price of a bar."""
        return self._bars.get(self.identify(session, closes_at))

    @property
    def newest(self) -> date | None:
        """The latest session with a bar."""
        return max((each.session for each in self._bars.values()), default=None)

    @property
    def oldest(self) -> date | None:
        """The first session with a bar."""
        return min((each.session for each in self._bars.values()), default=None)

    def list_closes(self, before: date) -> list[float]:
        """The closes of the sessions before a day, oldest first."""
        earlier = [(str(key), held.close) for key, held in self._bars.items() if held.session < before]
        return [close for _, close in sorted(earlier)]

    def find_last_before(self, day: date, count: int = 1) -> tuple[date, ...]:
        """The latest sessions with a bar before a day, at most `count`, oldest first."""
        return tuple(sorted({each.session for each in self._bars.values() if each.session < day})[-count:])


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer of a provider, and its time (UTC)."""

    provider: str
    at: datetime
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class WritePlan:
    """The records for one partition, in order; `bars` counts bars by kind, `flags` by name."""

    records: tuple[PriceUpdateRecord, ...] = ()
    bars: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)


def plan(series: Series, ledger: Ledger, fetched: Fetched, most: int) -> WritePlan:
    """What to write of a fetch; for an empty timeline, the newest `most` sessions."""
    looked_at = _inspect_finished(series, ledger, _select_finished(series, ledger, fetched, most))
    sorted_out = _sort_out(series, ledger, looked_at, fetched.provider)
    bars = Counter(WARMUP if kind == FIRST and not ledger.backfilled else kind for kind, _ in sorted_out)
    written = [each for kind, each in sorted_out if kind != DISAGREEMENT]
    flags = Counter(flag for each in written for flag in each.quality)
    return WritePlan(tuple(_build_records(series, ledger, fetched, sorted_out)), bars, flags)


def _select_finished(series: Series, ledger: Ledger, fetched: Fetched, most: int) -> list[Bar]:
    finished = [each for each in fetched.bars if each.closes_at + series.delay <= fetched.at]
    if ledger.backfilled:
        return finished
    kept = sorted({each.session for each in finished})[-most:]
    return [each for each in finished if each.session >= kept[0]] if kept else []


def _inspect_finished(series: Series, ledger: Ledger, bars: Sequence[Bar]) -> tuple[Bar, ...]:
    if not bars:
        return ()
    before = ledger.list_closes(bars[0].session)
    if not series.is_daily:
        return inspect_bars(bars, before)
    return inspect_bars(
        bars,
        before,
        last=ledger.find_last_before(bars[0].session, 2),
        follows=lambda one, other: series.find_next(one) >= other,
        expected=series.has_session,
        rolls=partial(find_splice, series.roll),
    )


def _sort_out(series: Series, ledger: Ledger, bars: Iterable[Bar], provider: str) -> list[tuple[str, Bar]]:
    return [(kind, each) for each in bars if (kind := _judge_kind(series, ledger, each, provider))]


def _judge_kind(series: Series, ledger: Ledger, bar: Bar, provider: str) -> str:
    """Empty if it is already known, or older than all recorded bars."""
    held = ledger.find(bar.session, bar.closes_at)
    if held is not None and held.close == bar.close:
        return ""
    if held is not None and held.provider not in (None, provider):
        return DISAGREEMENT
    if held is not None:
        return ROLL_CORRECTION if _is_after_expiry(series, ledger, bar.session) else REVISION
    if ledger.complete_through is None or bar.closes_at > ledger.complete_through:
        return FIRST
    return LATE_BAR if ledger.oldest is not None and bar.session >= ledger.oldest else ""


def _is_after_expiry(series: Series, ledger: Ledger, session: date) -> bool:
    """Whether the daily bar of `session` is the first after an expiry."""
    if not series.is_daily:
        return False
    return any(find_expiry(series.roll, before, session) for before in ledger.find_last_before(session))


def _build_records(
    series: Series, ledger: Ledger, fetched: Fetched, sorted_out: Sequence[tuple[str, Bar]]
) -> Iterator[PriceUpdateRecord]:
    through = ledger.complete_through
    for kind in (REVISION, ROLL_CORRECTION, LATE_BAR):
        for bars in _split_by_session(each for known, each in sorted_out if known == kind):
            flags = (LATE,) if kind == LATE_BAR else ()
            yield _build_record(series, ledger, fetched, bars, (through or fetched.at, fetched.at), flags)
    for bars in _split_by_session(each for known, each in sorted_out if known == FIRST):
        through = bars[-1].closes_at
        yield _build_record(series, ledger, fetched, bars, (through, through + series.delay))
    if not ledger.backfilled and through is not None:
        yield PriceUpdateRecord(
            series=series.name,
            bars=(),
            complete_through=through,
            known_at=through + series.delay,
            warmup=False,
            fetched_at=fetched.at,
            provider=fetched.provider,
        )


def _split_by_session(bars: Iterable[Bar]) -> Iterator[list[Bar]]:
    def session(each: Bar) -> date:
        return each.session

    return (list(group) for _, group in groupby(bars, key=session))


def _build_record(
    series: Series,
    ledger: Ledger,
    fetched: Fetched,
    bars: Sequence[Bar],
    times: tuple[datetime, datetime],
    flags: tuple[str, ...] = (),
) -> PriceUpdateRecord:
    """`times` are until when the series is complete, and when that was known."""
    return PriceUpdateRecord(
        series=series.name,
        bars=tuple(build_bar_record(replace(each, quality=(*each.quality, *flags))) for each in bars),
        complete_through=times[0],
        known_at=times[1],
        warmup=not ledger.backfilled,
        fetched_at=fetched.at,
        provider=fetched.provider,
    )
