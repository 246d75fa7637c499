"""Which events of a session are listed, in which order, and how the others are counted.

Theory. A sender of events can write many of them, and early. So neither the number of events nor the order in
which they arrive decides which ones are listed.

Rules. (1) Events are ranked by standing, then by relevance times the square root of novelty times
corroboration, then by `known_at`, then by id. Relevance is the weight of the class times exposure or nearness
to oil; corroboration is the confidence in the document, or 1 without one. (2) At most `LISTED_OF_A_GROUP`
events of one (feed, class, country) are listed, the highest-ranked ones. (3) At most `LISTED_EVENTS` are
listed in all. (4) The others are counted by feed and class. (5) Single reports do not count for the severity:
the exposure of a session is that of its other events. (6) The first `MOST_OF_A_FEED` events of a feed in a
session, in the order of the timeline, can be listed; later ones are only counted.

The list does not depend on the order of arrival: `add_candidate` gives the same list as `build` on all
events. An event that was pushed out of its group, or off the end, cannot return when another one joins.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import nsmallest
from math import sqrt
from typing import TypeVar

from immutables import Map

from brentwatch.core import domain

MOST_OF_A_FEED = 500

Told = TypeVar("Told", bound=domain.StudyBase | domain.Alert)
Rank = tuple[int, float, "datetime", str]
Kind = tuple[str, domain.EventClass]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that may be listed: its `rank`, the smallest first, and the keys by which it is counted.

    Made by `build_candidate`.
    """

    rank: Rank
    kind: Kind
    ref: domain.EventRef
    over_cap: bool = False

    @property
    def is_single(self) -> bool:
        """True for a single report."""
        return self.ref.standing is domain.Standing.SINGLE

    @property
    def exposure(self) -> float | None:
        """The exposure that counts for the severity of its session; None if it does not count."""
        return None if self.is_single or self.over_cap else self.ref.exposure

    @property
    def feed(self) -> str:
        """The feed that it came from; empty if it names none."""
        return self.kind[0]

    @property
    def group(self) -> tuple[Kind, str]:
        """The group that it belongs to; only a few events of each group are listed."""
        return self.kind, self.ref.country


def weigh_event(relevance: float, novelty: float | None, corroboration: float | None) -> float:
    """The weight by which events of one standing are ranked, 0 to 1; an argument that is None counts as 1."""
    new = 1.0 if novelty is None else sqrt(novelty)
    return relevance * new * (1.0 if corroboration is None else corroboration)


def build_candidate(ref: domain.EventRef, feed: str, weight: float, *, over_cap: bool = False) -> Candidate:
    """An event from `feed`, with its `weight` among events of the same standing."""
    rank = (-ref.standing.rank, -weight, ref.known_at, ref.event_id)
    return Candidate(rank, (feed, ref.event_class), ref, over_cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The listed events of a session by rank, the number of its live events, and their highest exposure.

    `singles` of the live events are single reports, and `feeds` counts them by feed. `others` counts the
    events that are not listed, by kind; `unlisted` is the published part of it.
    """

    candidates: tuple[Candidate, ...] = ()
    total: int = 0
    singles: int = 0
    feeds: Map[str, int] = field(default_factory=Map)
    exposure: float | None = None
    others: Map[Kind, int] = field(default_factory=Map)
    unlisted: tuple[domain.Unlisted, ...] = ()

    @property
    def events(self) -> tuple[domain.EventRef, ...]:
        """The listed events as they are published."""
        return tuple(each.ref for each in self.candidates)

    @staticmethod
    def build(candidates: Iterable[Candidate]) -> "Listed":
        """The list made from all these candidates."""
        ranked = sorted(candidates, key=_rank)
        first, rest = _split(ranked)
        others: Map[Kind, int] = Map(Counter(each.kind for each in rest).items())
        known = [each.exposure for each in ranked if each.exposure is not None]
        return Listed(
            candidates=tuple(first),
            total=len(ranked),
            singles=sum(each.is_single for each in ranked),
            feeds=Map(Counter(each.feed for each in ranked).items()),
            exposure=max(known, default=None),
            others=others,
            unlisted=_select_largest(others.items()),
        )

    def add_candidate(self, more: Candidate) -> "Listed":
        """The list after another event has joined; the cost does not depend on the number of events."""
        first, rest = list(self.candidates), [more]
        if self._has_room_for(more):
            first, rest = _split(sorted((*first, more), key=_rank))
        others, unlisted = self.others, self.unlisted
        for each in rest:
            others, unlisted = _count_unlisted(others, unlisted, each.kind)
        known = [each for each in (self.exposure, more.exposure) if each is not None]
        return Listed(
            candidates=tuple(first),
            total=self.total + 1,
            singles=self.singles + more.is_single,
            feeds=self.feeds.set(more.feed, self.feeds.get(more.feed, 0) + 1),
            exposure=max(known, default=None),
            others=others,
            unlisted=unlisted,
        )

    def is_full_for(self, feed: str) -> bool:
        """True if the feed has reached `MOST_OF_A_FEED` events."""
        return self.feeds.get(feed, 0) >= MOST_OF_A_FEED

    def _has_room_for(self, more: Candidate) -> bool:
        """False if it ranks below a full list or a full group, as most events of a long day do."""
        if more.over_cap:
            return False
        better = [each for each in self.candidates if each.rank < more.rank]
        group = sum(each.group == more.group for each in better)
        return len(better) < domain.LISTED_EVENTS and group < domain.LISTED_OF_A_GROUP


def list_events(told: Told, listed: Listed | None) -> Told:
    """The study or alert with these events; None: without events."""
    listed = listed or Listed()
    return replace(
        told,
        events=listed.events,
        events_total=listed.total,
        unlisted=listed.unlisted,
        singles=listed.singles,
        exposure=listed.exposure,
    )


def _rank(candidate: Candidate) -> Rank:
    return candidate.rank


def _count_unlisted(
    others: Map[Kind, int], unlisted: tuple[domain.Unlisted, ...], kind: Kind
) -> tuple[Map[Kind, int], tuple[domain.Unlisted, ...]]:
    """The largest counts after that of `kind` has grown: the former largest ones compete with this one."""
    others = others.set(kind, others.get(kind, 0) + 1)
    told = {(each.feed, each.event_class): each.count for each in unlisted} | {kind: others[kind]}
    return others, _select_largest(told.items())


def _split(ranked: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates that are listed, and the others."""
    first: list[Candidate] = []
    rest: list[Candidate] = []
    taken: Counter[tuple[Kind, str]] = Counter()
    for each in ranked:
        group = each.group
        fits = (
            not each.over_cap
            and len(first) < domain.LISTED_EVENTS
            and taken[group] < domain.LISTED_OF_A_GROUP
        )
        (first if fits else rest).append(each)
        taken[group] += fits
    return first, rest


def _select_largest(others: Iterable[tuple[Kind, int]]) -> tuple[domain.Unlisted, ...]:
    """The largest counts; equal counts are ordered by feed and class."""
    rows = (domain.Unlisted(feed=feed, event_class=each, count=count) for (feed, each), count in others)
    return tuple(
        nsmallest(domain.COUNTED_GROUPS, rows, key=lambda row: (-row.count, row.feed, row.event_class))
    )
