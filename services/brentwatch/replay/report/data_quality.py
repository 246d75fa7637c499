"""What became of each record of a replay: counted, and listed where it was not used as it came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from brentwatch.core import domain
from brentwatch.replay.report import contents

if TYPE_CHECKING:
    from brentwatch.replay.report.gathering import Gathered
    from brentwatch.replay.report.tested_sessions import SessionParts

MOST_LISTED = 200
"""Records of one kind and reason."""

_EVENT, _PRICE, _SESSION = "event", "price", "session"
_TAKEN_EVENTS = (domain.EventOutcome.ACCEPTED, domain.EventOutcome.UPDATED)
_TAKEN_BARS = (domain.BarOutcome.NEW, domain.BarOutcome.WARMUP, domain.BarOutcome.REPEATED)
_BAR_WORDS = {
    domain.BarOutcome.REVISED: "a new price of a session that is known: its tests were made again",
    domain.BarOutcome.REVISED_CLOSED: "a new price of a session that is closed: no result changes",
    domain.BarOutcome.ROLL_CORRECTED: "a new price of the first session after an expiry: nothing is tested",
    domain.BarOutcome.OUT_OF_ORDER: "a price older than those that are known: not used",
    domain.BarOutcome.OTHER_SERIES: "a price of a series that is not tested here: not used",
    domain.BarOutcome.OTHER_INTERVAL: "a bar of an interval that is not tested here: not used",
    domain.BarOutcome.OUTSIDE_HOURS: "a bar outside the trading hours: not used",
}


def examine_quality(gathered: Gathered, sessions: SessionParts) -> contents.DataQuality:
    """Every outcome of the replay."""
    rows = [*_list_events(gathered), *_list_prices(gathered), *_list_sessions(sessions)]
    listed = defaultdict[tuple[str, str], list[contents.QualityRow]](list)
    for row in rows:
        listed[row.kind, row.reason].append(row)
    unlisted = {pair: len(group) - MOST_LISTED for pair, group in listed.items()}
    return contents.DataQuality(
        counts=tuple(_count_all(gathered, sessions, rows)),
        rows=tuple(row for group in listed.values() for row in group[:MOST_LISTED]),
        unlisted=tuple(_build_count(*pair, count) for pair, count in unlisted.items() if count > 0),
        notes=gathered.recording.notes,
    )


def _list_events(gathered: Gathered) -> Iterator[contents.QualityRow]:
    for letter in gathered.recording.unreadable:
        yield contents.QualityRow(
            kind=_EVENT,
            reason=str(letter.reason),
            name=f"line {letter.line} of the events",
            when="",
            detail="; ".join(letter.faults),
        )
    for rejected in gathered.rejected:
        if isinstance(rejected.signal, domain.EventAdmitted):
            yield contents.QualityRow(
                kind=_EVENT,
                reason="rejected",
                name=rejected.signal.event.event_id,
                when=rejected.signal.known_at.isoformat(),
                detail=rejected.reason,
            )
    for signal, fact in gathered.event_facts:
        if fact.outcome not in _TAKEN_EVENTS:
            yield contents.QualityRow(
                kind=_EVENT,
                reason=str(fact.outcome),
                name=f"{fact.event_id}, revision {fact.revision}",
                when=signal.known_at.isoformat(),
                detail=fact.detail,
            )


def _list_prices(gathered: Gathered) -> Iterator[contents.QualityRow]:
    for fact in gathered.bar_facts:
        if fact.outcome not in _TAKEN_BARS:
            yield contents.QualityRow(
                kind=_PRICE,
                reason=str(fact.outcome),
                name=fact.series,
                when=fact.session.isoformat(),
                detail=_BAR_WORDS[fact.outcome],
            )


def _list_sessions(sessions: SessionParts) -> Iterator[contents.QualityRow]:
    for each in sessions.untested.values():
        yield contents.QualityRow(
            kind=_SESSION,
            reason=each.outcome,
            name="session",
            when=each.session.isoformat(),
            detail=each.reason,
        )


def _count_all(
    gathered: Gathered, sessions: SessionParts, rows: Iterable[contents.QualityRow]
) -> Iterator[contents.QualityCount]:
    """Those that were used first, then the others by kind and reason."""
    tally = gathered.tally
    bars = Counter(fact.outcome for fact in gathered.bar_facts)
    origins = Counter(each.origin for each in sessions.tested.values())
    used = {
        **{(_EVENT, str(outcome)): tally.events[outcome] for outcome in _TAKEN_EVENTS},
        **{(_PRICE, str(outcome)): bars[outcome] for outcome in _TAKEN_BARS},
        (_SESSION, "tested"): origins[contents.SessionOrigin.REPLAY],
        (_SESSION, "estimation only, tested afterwards"): origins[contents.SessionOrigin.WALK],
        (_SESSION, "estimation only, not tested"): sessions.estimation_only,
    }
    yield from (_build_count(*pair, count, taken=True) for pair, count in used.items() if count)
    others = Counter((row.kind, row.reason) for row in rows)
    yield from (_build_count(*pair, count) for pair, count in others.items())


def _build_count(kind: str, reason: str, count: int, *, taken: bool = False) -> contents.QualityCount:
    return contents.QualityCount(kind=kind, reason=reason, count=count, taken=taken)
