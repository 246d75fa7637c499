"""Which events of a session are listed, in which order, and how the others are counted.

Theory. Anybody who may write events can write thirty of them, and early. So neither their number nor their
arrival may decide what a reader sees.

Rules. (1) Events are ranked by relevance (the weight of the class times exposure), then by who verified them,
then by nearness to oil, then by `known_at`, and at last by id. (2) Of one (feed, class, country) at most
`LISTED_OF_A_GROUP` are listed, the first by rank. (3) At most `LISTED_EVENTS` are listed in all. (4) The
others are counted by feed and class.

The order in which events arrive changes nothing: `add_candidate` gives what `build` gives of all of them.
What was pushed out of its group, or off the end, is never listed again by one more event.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import nsmallest

from immutables import Map

from brentwatch.core import domain

Rank = tuple[float, int, float, "datetime", str]
Kind = tuple[str, domain.EventClass]

_VERIFIED: dict[domain.Verification | None, int] = {
    domain.Verification.CURATED: 3,
    domain.Verification.HUMAN: 2,
    domain.Verification.MACHINE: 1,
    None: 0,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that may be listed: its `rank`, of which the smallest comes first, and what it is counted by.

    Made by `candidate`.
    """

    rank: Rank
    kind: Kind
    ref: domain.EventRef

    @property
    def group(self) -> tuple[Kind, str]:
        """Of each only a few are listed."""
        return self.kind, self.ref.country


def build_candidate(ref: domain.EventRef, feed: str, nearness: float) -> Candidate:
    """An event that came from `feed`, at a place of that `nearness` to oil, 0 to 1."""
    exposure = domain.UNKNOWN_EXPOSURE if ref.exposure is None else ref.exposure
    relevance = domain.CLASS_WEIGHTS[ref.event_class] * exposure
    rank = (-relevance, -_VERIFIED[ref.verification], -nearness, ref.known_at, ref.event_id)
    return Candidate(rank, (feed, ref.event_class), ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The events of a session that are listed, by rank; how many live ones it has; their highest exposure.

    `others` counts those that are not listed by kind, `unlisted` is the part of it that is published.
    """

    candidates: tuple[Candidate, ...] = ()
    total: int = 0
    exposure: float | None = None
    others: Map[Kind, int] = field(default_factory=Map)
    unlisted: tuple[domain.Unlisted, ...] = ()

    @property
    def events(self) -> tuple[domain.EventRef, ...]:
        """As they are published."""
        return tuple(each.ref for each in self.candidates)

    @staticmethod
    def build(candidates: Iterable[Candidate]) -> "Listed":
        """The list of these."""
        ranked = sorted(candidates, key=_rank)
        first, rest = _split(ranked)
        others: Map[Kind, int] = Map(Counter(each.kind for each in rest).items())
        known = [each.ref.exposure for each in ranked if each.ref.exposure is not None]
        return Listed(
            candidates=tuple(first),
            total=len(ranked),
            exposure=max(known, default=None),
            others=others,
            unlisted=_select_largest(others.items()),
        )

    def add_candidate(self, more: Candidate) -> "Listed":
        """The list once another event has joined; it costs the same however many there are."""
        first, rest = list(self.candidates), [more]
        if self._has_room_for(more):
            first, rest = _split(sorted((*first, more), key=_rank))
        others, unlisted = self.others, self.unlisted
        for each in rest:
            others, unlisted = _count_unlisted(others, unlisted, each.kind)
        known = [each for each in (self.exposure, more.ref.exposure) if each is not None]
        return Listed(
            candidates=tuple(first),
            total=self.total + 1,
            exposure=max(known, default=None),
            others=others,
            unlisted=unlisted,
        )

    def _has_room_for(self, more: Candidate) -> bool:
        """False where it comes after a list or a group that is full; most events of a long day do."""
        better = [each for each in self.candidates if each.rank < more.rank]
        group = sum(each.group == more.group for each in better)
        return len(better) < domain.LISTED_EVENTS and group < domain.LISTED_OF_A_GROUP


def list_events(study: domain.Study, listed: Listed | None) -> domain.Study:
    """The study with these events; None: with none."""
    listed = listed or Listed()
    return replace(
        study,
        events=listed.events,
        events_total=listed.total,
        unlisted=listed.unlisted,
        exposure=listed.exposure,
    )


def _rank(candidate: Candidate) -> Rank:
    return candidate.rank


def _count_unlisted(
    others: Map[Kind, int], unlisted: tuple[domain.Unlisted, ...], kind: Kind
) -> tuple[Map[Kind, int], tuple[domain.Unlisted, ...]]:
    """Only the count of `kind` grows, so the largest are among those that were the largest and this one."""
    others = others.set(kind, others.get(kind, 0) + 1)
    told = {(each.feed, each.event_class): each.count for each in unlisted} | {kind: others[kind]}
    return others, _select_largest(told.items())


def _split(ranked: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Those that are listed, and the others."""
    first: list[Candidate] = []
    rest: list[Candidate] = []
    taken: Counter[tuple[Kind, str]] = Counter()
    for each in ranked:
        group = each.group
        fits = len(first) < domain.LISTED_EVENTS and taken[group] < domain.LISTED_OF_A_GROUP
        (first if fits else rest).append(each)
        taken[group] += fits
    return first, rest


def _select_largest(others: Iterable[tuple[Kind, int]]) -> tuple[domain.Unlisted, ...]:
    """The largest counts; in one count, by feed and class."""
    rows = (domain.Unlisted(feed=feed, event_class=each, count=count) for (feed, each), count in others)
    return tuple(
        nsmallest(domain.COUNTED_GROUPS, rows, key=lambda row: (-row.count, row.feed, row.event_class))
    )
