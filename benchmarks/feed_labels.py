"""`make feeds LABELS=FILE`: how often the GDELT feed is right, by labels; 1 if a target is missed.

    python -m benchmarks.feed_labels FILE

FILE is a CSV in the layout of `brentwatch ingest label`: GDELT columns by name, `file`, `is_current_unrest`
(yes, no, doubtful) and `country_right` (yes, no). Each group of reports goes through the real feed in the
order of `DATEADDED`; docs/feeds.md explains the figures.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from brentwatch.core.domain import ENOUGH, find_exposure_at, weigh_relevance
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.ingest.feeds.gdelt_rows import COLUMNS, Report, decide_row
from brentwatch.ingest.feeds.happenings import Happenings
from brentwatch.ingest.feeds.label_rows import FIELDS, read_label_group
from brentwatch.ingest.gdelt_words.judging import WordReason
from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary
from brentwatch.screen.settings import ScreenSettings
from brentwatch.wire.countries import map_from_fips

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from brentwatch.ingest.feeds.happening import Happening
    from brentwatch.ingest.feeds.happenings import Counted

FIXED_ON = ("2018", "2020")
"""The groups from which the vocabulary was made; the other groups measure news that it has not seen."""

OLDEST_DAYS = 3
Z95 = 1.959964

Pair = tuple[str, str]
"""An article and a country."""


class LabelVerdict(StrEnum):
    """The label of an article in a country; `unlabelled`: that country has no label."""

    RIGHT = "right"
    UNLABELLED = "unlabelled"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


_WORST_FIRST = (LabelVerdict.WRONG, LabelVerdict.DOUBTFUL, LabelVerdict.UNLABELLED, LabelVerdict.RIGHT)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `count`."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        """The share; NaN if nothing was counted."""
        return self.hits / self.count if self.count else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval, 95 %."""
        if not self.count:
            return math.nan, math.nan
        n, p = self.count, self.value
        middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 / (1 + Z95**2 / n) * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if not self.count:
            return "none"
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}] ({self.hits} of {self.count})"


@dataclass(slots=True)
class LabelledArticles:
    """For each article whether it is unrest, and for each pair whether the country is right."""

    unrest: dict[str, str] = field(default_factory=dict)
    places: dict[Pair, bool] = field(default_factory=dict)

    def add(self, row: Mapping[str, str], country: str) -> None:
        """Add one row; if an article has several rows, yes counts before doubtful, and right before wrong."""
        url, told = row["SOURCEURL"], row["is_current_unrest"]
        order = ("no", "doubtful", "yes")
        self.unrest[url] = max(self.unrest.get(url, "no"), told, key=order.index)
        if told != "no":
            is_right = row["country_right"] == "yes"
            self.places[url, country] = self.places.get((url, country), False) or is_right

    @property
    def true_pairs(self) -> set[Pair]:
        """Articles of current unrest, with the countries that are right."""
        return {pair for pair, right in self.places.items() if right and self.unrest[pair[0]] == "yes"}

    def judge(self, url: str, country: str) -> LabelVerdict:
        """The label of an article in a country."""
        told, right = self.unrest[url], self.places.get((url, country))
        if told == "no" or right is False:
            return LabelVerdict.WRONG
        if told == "doubtful":
            return LabelVerdict.DOUBTFUL
        return LabelVerdict.UNLABELLED if right is None else LabelVerdict.RIGHT


@dataclass(slots=True)
class GroupOutcome:
    """The result of the feed for the rows of one group or of several."""

    labels: LabelledArticles = field(default_factory=LabelledArticles)
    events: list[tuple[Happening, set[str]]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    missed: dict[str, set[Pair]] = field(default_factory=lambda: defaultdict(set))
    stories: dict[Pair, tuple[str, str, str]] = field(default_factory=dict)
    rows: int = 0

    @property
    def found(self) -> set[Pair]:
        """Every article with the country that the feed gave it."""
        return _list_pairs(self.events)

    @property
    def left_home(self) -> set[Pair]:
        """True pairs that the home rule leaves out on purpose."""
        return (self.missed[WordReason.HOME] & self.labels.true_pairs) - self.found

    def add(self, other: GroupOutcome) -> None:
        """Add the outcome of another group."""
        self.labels.unrest |= other.labels.unrest
        self.labels.places |= other.labels.places
        self.events += other.events
        self.reasons += other.reasons
        for reason, pairs in other.missed.items():
            self.missed[reason] |= pairs
        self.stories |= other.stories
        self.rows += other.rows


@dataclass(frozen=True, slots=True)
class Target:
    """A figure, its least lower end of the interval over all rows, and its least value in an unseen group."""

    name: str
    share: Share
    lowest: float
    point: float

    def is_kept(self, *, whole: bool) -> bool:
        """True if the target is met: all rows by the lower end, one group by the estimate."""
        if not self.share.count:
            return not whole
        return self.share.interval[0] >= self.lowest if whole else self.share.value >= self.point


def main(words: Sequence[str]) -> int:
    """Print the figures of each group and of all rows."""
    if len(words) != 1:
        print("expected one file of labels: make feeds LABELS=FILE", file=sys.stderr)
        return 2
    with open(words[0], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    whole, kept = GroupOutcome(), True
    for group, of_group in _group_rows(rows):
        outcome = run_feed(of_group)
        kept &= print_figures(group, outcome, judged=group not in FIXED_ON, whole=False)
        whole.add(outcome)
    kept &= print_figures("all rows", whole, judged=True, whole=True)
    print_reasons(whole)
    return 0 if kept else 1


def _group_rows(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    by_group = defaultdict[str, list[dict[str, str]]](list)
    for row in rows:
        by_group[read_label_group(row["file"])].append(row)
    for group in sorted(by_group):
        yield group, sorted(by_group[group], key=lambda row: (row["DATEADDED"], int(row["GlobalEventID"])))


def run_feed(rows: Sequence[Mapping[str, str]]) -> GroupOutcome:
    """The result of the feed for these rows, file by file."""
    outcome, happenings, vocabulary = GroupOutcome(rows=len(rows)), Happenings(), load_vocabulary()
    events: dict[str, tuple[Happening, set[str]]] = {}
    for added, of_file in groupby(rows, key=lambda row: row["DATEADDED"]):
        known_at = datetime.strptime(added, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        counted: Counted = {}
        happenings.close(known_at)
        decided = [(row, decide_row(_build_line(row), OLDEST_DAYS, vocabulary).outcome) for row in of_file]
        for row, report in sorted(decided, key=_is_mute):
            pair = _note_labels(outcome, row)
            happening = None if isinstance(report, str) else happenings.add(report, known_at, counted)
            if happening is None or happening.is_held:
                reason = report if isinstance(report, str) else str(_name_wait(happening))
                outcome.reasons[reason] += 1
                outcome.missed[reason].add(pair)
            else:
                events.setdefault(happening.event_id, (happening, set()))[1].add(row["SOURCEURL"])
    outcome.events = list(events.values())
    return outcome


def _is_mute(decided: tuple[Mapping[str, str], Report | str]) -> bool:
    """The rows in the order of the feed, with mute reports last."""
    return isinstance(decided[1], Report) and decided[1].is_mute


def _note_labels(outcome: GroupOutcome, row: Mapping[str, str]) -> Pair:
    country = map_from_fips().get(row["ActionGeo_CountryCode"], "")
    pair = row["SOURCEURL"], country
    outcome.labels.add(row, country)
    outcome.stories[pair] = row["DATEADDED"][:8], country, row["true_class"]
    return pair


def _name_wait(happening: Happening | None) -> WordReason:
    return WordReason.MUTE if happening is None else WordReason.HOME


def _build_line(row: Mapping[str, str]) -> str:
    """The row as in a GDELT file: columns that the labels leave out are empty."""
    cells = [""] * COLUMNS
    for name, at in FIELDS.items():
        cells[at] = row[name]
    return "\t".join(cells)


def print_figures(name: str, outcome: GroupOutcome, *, judged: bool, whole: bool) -> bool:
    """Print the figures of a group; False if a target is missed."""
    admitted = [each for each in outcome.events if is_admitted(each[0])]
    corroborated = [each for each in admitted if each[0].headlines.count >= ENOUGH]
    found, true = _list_pairs(outcome.events), outcome.labels.true_pairs
    wanted = true - outcome.left_home
    targets = (
        Target("precision, admitted", measure_precision(outcome, admitted), 0.65, 0.70),
        Target("precision, corroborated", measure_precision(outcome, corroborated), 0.75, 0.80),
        Target("recall of true pairs", Share(len(wanted & found), len(wanted)), 0.50, 0.50),
    )
    print(f"{name}: {outcome.rows:,} reports, {len(outcome.labels.unrest):,} articles")
    kept = [_print_target(target, judged=judged, whole=whole) for target in targets]
    for title, events in (("admitted", admitted), ("corroborated", corroborated), ("all", outcome.events)):
        pairs = [outcome.labels.judge(*pair) for pair in _list_pairs(events)]
        joined = [judge_event(outcome, *each) for each in events]
        print(f"  {title + ', articles':<26} {_count_verdicts(pairs)}")
        print(f"  {title + ', events':<26} {_count_verdicts(joined)}")
    stories = {outcome.stories[pair] for pair in wanted}
    told = {outcome.stories[pair] for pair in wanted & found}
    print(f"  {'recall of stories':<26} {Share(len(told), len(stories))}")
    print(f"  {'left out by home rule':<26} {len(outcome.left_home)} true pairs\n")
    return all(kept)


def _print_target(target: Target, *, judged: bool, whole: bool) -> bool:
    kept = target.is_kept(whole=whole) or not judged
    least = f"lower end at least {target.lowest:.2f}" if whole else f"at least {target.point:.2f}"
    passed = "nothing to judge" if kept and target.share.count == 0 else "ok" if kept else "MISSED"
    verdict = f"{least}: {passed}" if judged else "the vocabulary was made on these"
    print(f"  {target.name:<26} {target.share!s:<30} {verdict}")
    return kept


def is_admitted(happening: Happening) -> bool:
    """Whether the screen admits the event, by its relevance."""
    place = None
    if happening.in_town and happening.lat is not None and happening.lon is not None:
        place = happening.lat, happening.lon
    exposure, nearness = find_exposure_at((happening.country,), place, load_exposure(), load_oil_assets())
    weight = None if exposure is None else exposure.weight
    return weigh_relevance(happening.event_class, weight, nearness) >= find_bar(happening)


def find_bar(happening: Happening) -> float:
    """The least relevance for the event by the default settings of the screen."""
    settings = ScreenSettings()
    single = settings.minimum_relevance["gdelt"]
    is_corroborated = happening.headlines.count >= ENOUGH
    return min(single, settings.corroborated_relevance) if is_corroborated else single


def judge_event(outcome: GroupOutcome, happening: Happening, urls: Iterable[str]) -> LabelVerdict:
    """The most frequent label of its articles; if two are equally frequent, the worse one."""
    votes = Counter(outcome.labels.judge(url, happening.country) for url in urls)
    return max(_WORST_FIRST, key=lambda verdict: (votes[verdict], -_WORST_FIRST.index(verdict)))


def measure_precision(outcome: GroupOutcome, events: Sequence[tuple[Happening, set[str]]]) -> Share:
    """The share of right articles among those whose country has a label; doubtful ones count as wrong."""
    votes = Counter(outcome.labels.judge(*pair) for pair in _list_pairs(events))
    return Share(votes[LabelVerdict.RIGHT], votes.total() - votes[LabelVerdict.UNLABELLED])


def _list_pairs(events: Iterable[tuple[Happening, set[str]]]) -> set[Pair]:
    """Each article of these events with the country that the feed gave it."""
    return {(url, happening.country) for happening, urls in events for url in urls}


def _count_verdicts(verdicts: Iterable[LabelVerdict]) -> str:
    votes = Counter(verdicts)
    count = votes.total()
    right, unlabelled, doubtful = (votes[each] for each in tuple(reversed(_WORST_FIRST))[:3])
    return (
        f"right {right}, doubtful {doubtful}, wrong {votes[LabelVerdict.WRONG]}, country not labelled "
        f"{unlabelled}; doubtful counted {Share(right + doubtful, count - unlabelled)}, unlabelled as wrong "
        f"{Share(right, count)}"
    )


def print_reasons(outcome: GroupOutcome) -> None:
    """Reports left out by reason, and how many true pairs they cost."""
    true = outcome.labels.true_pairs - outcome.found
    print("left out          reports  true pairs missed")
    for reason, count in outcome.reasons.most_common():
        print(f"  {reason:<14}  {count:>7,}  {len(outcome.missed[reason] & true):>17,}")
    moved = true - set().union(*outcome.missed.values())
    print(f"  {'set elsewhere':<14}  {'':>7}  {len(moved):>17,}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
