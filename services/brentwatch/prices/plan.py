"""What is to be written of a fetch, given what the timeline holds: first prints, late bars, revisions.

A first print says that the series is complete through its close, and is known the declared delay after it,
whenever it was fetched. A revision, and a bar that came after a later one, are known when they were fetched,
and move nothing on. A revision is taken from who printed the bar first: two providers that disagree would
otherwise overwrite each other for ever. A new price of the first session after an expiry is written like a
revision, and counted as a roll correction: no test rests on it (`core/sessions/roll.py`). Until a record
stands on the timeline that is no warm-up, all is backfill, so the last record of a backfill has no bars and
is none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from brentwatch.core.domain.bars import DAILY
from brentwatch.core.sessions.roll import find_expiry, find_splice
from brentwatch.prices.quality import LATE, Flagged, inspect_quotes
from brentwatch.wire.timeline_record import BarRecord, PriceUpdateRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from brentwatch.prices.ledger import Ledger
    from brentwatch.prices.market import Market
    from brentwatch.prices.provider import Quote

WARMUP, FIRST, REVISION, LATE_BAR, DISAGREEMENT = "warmup", "first", "revision", "late", "disagreement"
ROLL_CORRECTION = "roll_correction"
KINDS = (WARMUP, FIRST, REVISION, ROLL_CORRECTION, LATE_BAR, DISAGREEMENT)
"""What becomes of a bar; a disagreement is not written."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a provider gave, and when (UTC)."""

    provider: str
    at: datetime
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class WritePlan:
    """The records for one partition, in their order; `bars` counts them by kind, `flags` by name."""

    records: tuple[PriceUpdateRecord, ...] = ()
    bars: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)


def plan(market: Market, ledger: Ledger, fetched: Fetched, most: int) -> WritePlan:
    """What to write of a fetch; of an empty timeline's past the newest `most` sessions."""
    looked_at = _inspect_finished(market, ledger, _select_finished(market, ledger, fetched, most))
    sorted_out = _sort_out(market, ledger, looked_at, fetched.provider)
    bars = Counter(WARMUP if kind == FIRST and not ledger.backfilled else kind for kind, _ in sorted_out)
    written = [each for kind, each in sorted_out if kind != DISAGREEMENT]
    flags = Counter(flag for each in written for flag in each.flags)
    return WritePlan(tuple(_build_records(market, ledger, fetched, sorted_out)), bars, flags)


def _select_finished(market: Market, ledger: Ledger, fetched: Fetched, most: int) -> list[Quote]:
    finished = [each for each in fetched.quotes if each.closes_at + market.delay <= fetched.at]
    if ledger.backfilled:
        return finished
    kept = sorted({each.session for each in finished})[-most:]
    return [each for each in finished if each.session >= kept[0]] if kept else []


def _inspect_finished(market: Market, ledger: Ledger, quotes: Sequence[Quote]) -> tuple[Flagged, ...]:
    if not quotes:
        return ()
    before = ledger.list_closes(quotes[0].session)
    if market.interval != DAILY:
        return inspect_quotes(quotes, before)
    return inspect_quotes(
        quotes,
        before,
        last=ledger.find_last_before(quotes[0].session, 2),
        follows=lambda one, other: market.find_next(one) >= other,
        expected=market.has_session,
        rolls=partial(find_splice, market.instrument.roll),
    )


def _sort_out(
    market: Market, ledger: Ledger, bars: Iterable[Flagged], provider: str
) -> list[tuple[str, Flagged]]:
    return [(kind, each) for each in bars if (kind := _judge_kind(market, ledger, each.quote, provider))]


def _judge_kind(market: Market, ledger: Ledger, quote: Quote, provider: str) -> str:
    """Empty for what is known already, and for what is older than all that is held."""
    held = ledger.find(quote.session, quote.closes_at)
    if held is not None and held.close == quote.close:
        return ""
    if held is not None and held.provider not in (None, provider):
        return DISAGREEMENT
    if held is not None:
        return ROLL_CORRECTION if _is_after_expiry(market, ledger, quote.session) else REVISION
    if ledger.complete_through is None or quote.closes_at > ledger.complete_through:
        return FIRST
    return LATE_BAR if ledger.oldest is not None and quote.session >= ledger.oldest else ""


def _is_after_expiry(market: Market, ledger: Ledger, session: date) -> bool:
    """Whether the daily bar of `session` is the first after an expiry."""
    if market.interval != DAILY:
        return False
    return any(
        find_expiry(market.instrument.roll, before, session) for before in ledger.find_last_before(session)
    )


def _build_records(
    market: Market, ledger: Ledger, fetched: Fetched, sorted_out: Sequence[tuple[str, Flagged]]
) -> Iterator[PriceUpdateRecord]:
    through = ledger.complete_through
    for kind in (REVISION, ROLL_CORRECTION, LATE_BAR):
        for bars in _split_by_session(each for known, each in sorted_out if known == kind):
            flags = (LATE,) if kind == LATE_BAR else ()
            yield _build_record(market, ledger, fetched, bars, (through or fetched.at, fetched.at), flags)
    for bars in _split_by_session(each for known, each in sorted_out if known == FIRST):
        through = bars[-1].quote.closes_at
        yield _build_record(market, ledger, fetched, bars, (through, through + market.delay))
    if not ledger.backfilled and through is not None:
        yield PriceUpdateRecord(
            series=market.series,
            bars=(),
            complete_through=through,
            known_at=through + market.delay,
            warmup=False,
            fetched_at=fetched.at,
            provider=fetched.provider,
        )


def _split_by_session(bars: Iterable[Flagged]) -> Iterator[list[Flagged]]:
    def session(each: Flagged) -> date:
        return each.quote.session

    return (list(group) for _, group in groupby(bars, key=session))


def _build_record(
    market: Market,
    ledger: Ledger,
    fetched: Fetched,
    bars: Sequence[Flagged],
    times: tuple[datetime, datetime],
    flags: tuple[str, ...] = (),
) -> PriceUpdateRecord:
    """`times` are how far the series is complete, and when that was known."""
    return PriceUpdateRecord(
        series=market.series,
        bars=tuple(_build_bar(each, flags) for each in bars),
        complete_through=times[0],
        known_at=times[1],
        warmup=not ledger.backfilled,
        fetched_at=fetched.at,
        provider=fetched.provider,
    )


def _build_bar(flagged_bar: Flagged, flags: tuple[str, ...]) -> BarRecord:
    quote = flagged_bar.quote
    return BarRecord(
        session=quote.session,
        opens_at=quote.opens_at,
        closes_at=quote.closes_at,
        close=quote.close,
        interval=quote.interval,
        open=quote.open,
        volume=quote.volume,
        quality=(*flagged_bar.flags, *flags),
    )
