"""Rows of one happening become one event: measured on a sample of our own, and rule by rule."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from math import comb
from typing import TYPE_CHECKING

import pytest
from tests.ingest.feeds.gdelt_stub import FIRST, row
from tests.ingest.feeds.labelled import sample

from brentwatch.core.domain import EventClass, Status
from brentwatch.ingest.feeds.gdelt_rows import Report, classify, parse_report
from brentwatch.ingest.feeds.happening import Happening, tell
from brentwatch.ingest.feeds.happenings import Counted, Happenings
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from brentwatch.wire.event_document import UnrestEventDocument

QUARTER = timedelta(minutes=15)


def report(number: int, **changes: object) -> Report:
    found = parse_report(row(number, **changes), 3)  # type: ignore[arg-type]  # fields of a row by their names
    assert isinstance(found, Report)
    return found


def take(happenings: Happenings, reports: Iterable[Report], at: datetime) -> dict[str, Happening]:
    """Take in the reports of one file; gives the happenings that they touch."""
    counted: Counted = {}
    happenings.close(at)
    touched = [happenings.add(report, at, counted) for report in reports]
    return {each.event_id: each for each in touched if each is not None}


def taken(happenings: Happenings, *reports: Report, at: datetime = FIRST) -> list[UnrestEventDocument]:
    documents = [tell(each, at) for each in take(happenings, reports, at).values() if each.to_be_told]
    return [decode_event(encode_event(document)) for document in documents]


def pairs(counts: Iterable[int]) -> int:
    return sum(comb(count, 2) for count in counts)


def test_precision_and_recall_on_the_labelled_sample(
    record_property: Callable[[str, object], None],
) -> None:
    happenings, found = Happenings(), dict[int, str]()
    rows = sample()
    for added, of_file in groupby(rows, key=lambda each: each.added):
        counted: Counted = {}
        happenings.close(added)
        for each in of_file:
            report = parse_report(each.line, 3)
            assert isinstance(report, Report)
            happening = happenings.add(report, added, counted)
            assert happening is not None
            found[each.number] = happening.event_id

    together = pairs(Counter((each.label, found[each.number]) for each in rows).values())
    precision = together / pairs(Counter(found.values()).values())
    recall = together / pairs(Counter(each.label for each in rows).values())
    record_property(
        "measured",
        f"{len(rows)} reports of {len({each.label for each in rows})} happenings in "
        f"{len(set(found.values()))} events: pairwise precision {precision:.3f}, recall {recall:.3f}",
    )
    assert len(rows) >= 60
    assert precision >= 0.8
    assert recall >= 0.8


@pytest.mark.parametrize(
    ("code", "event_class"),
    [
        ("140", EventClass.PROTEST),
        ("1411", EventClass.PROTEST),
        ("143", EventClass.STRIKE),
        ("1441", EventClass.BLOCKADE),
        ("1451", EventClass.RIOT),
        ("1724", EventClass.STATE_OF_EMERGENCY),
        ("175", EventClass.VIOLENT_CRACKDOWN),
        ("1831", EventClass.BOMBARDMENT),
        ("190", EventClass.ARMED_CLASH),
        ("1951", EventClass.BOMBARDMENT),
        ("203", EventClass.MASS_VIOLENCE),
        ("173", None),
        ("182", None),
        ("010", None),
        ("", None),
    ],
)
def test_a_code_has_its_class_by_its_longest_beginning(code: str, event_class: EventClass | None) -> None:
    assert classify(code) == event_class


def test_an_event_is_told_again_only_when_it_has_grown_twofold() -> None:
    happenings = Happenings()
    assert [each.revision for each in taken(happenings, report(1, mentions=4))] == [0]
    assert taken(happenings, report(2, mentions=3), at=FIRST + QUARTER) == []
    (grown,) = taken(happenings, report(3, mentions=1), at=FIRST + 2 * QUARTER)
    assert (grown.event_id, grown.revision, grown.status) == ("gdelt:1", 1, Status.UPDATE)
    assert grown.known_at == FIRST + 2 * QUARTER
    assert grown.attention is not None
    assert (grown.attention.mentions, grown.attention.growth, grown.reports) == (8, 2.0, 3)


def test_an_article_that_gave_several_rows_counts_once() -> None:
    one = "https://example.org/one"
    (event,) = taken(
        Happenings(), report(1, mentions=4, url=one), report(2, mentions=6, url=one), report(3, mentions=5)
    )
    assert event.attention is not None
    assert (event.attention.mentions, event.attention.sources, event.reports) == (11, 2, 3)
    assert len(event.sources) == 2


def test_the_class_is_that_of_most_reports_and_a_change_is_told() -> None:
    happenings = Happenings()
    assert taken(happenings, report(1, mentions=50))[0].event_class is EventClass.PROTEST
    (event,) = taken(happenings, report(2, code="145"), report(3, code="145"), at=FIRST + QUARTER)
    assert (event.revision, event.event_class) == (1, EventClass.RIOT)


def test_a_place_that_becomes_known_better_is_told() -> None:
    happenings = Happenings()
    wide = {"kind": 1, "place": "Kazakhstan", "lat": 48.0, "lon": 68.0, "admin1": "KZ"}
    taken(happenings, report(1, mentions=50, url="https://example.org/a", **wide))
    (event,) = taken(happenings, report(2, url="https://example.org/a"), at=FIRST + QUARTER)
    assert (event.event_id, event.revision) == ("gdelt:1", 1)
    assert event.location is not None
    assert event.location.place == "Aktau, Mangghystau, Kazakhstan"
    (near,) = taken(happenings, report(3, mentions=200), at=FIRST + 2 * QUARTER)
    assert near.event_id == "gdelt:1"


def test_the_next_day_is_another_event_of_the_same_story() -> None:
    happenings = Happenings()
    taken(happenings, report(1))
    later = FIRST + timedelta(days=2)
    (event,) = taken(happenings, report(2, added=later), at=later)
    assert (event.event_id, event.story_id) == ("gdelt:2", "gdelt:1")


def test_novelty_falls_with_each_event_of_the_country_and_class_and_recovers() -> None:
    happenings = Happenings()
    far = {"place": "Almaty", "lat": 43.25, "lon": 76.95}
    first, second = taken(happenings, report(1), report(2, **far))
    (other,) = taken(happenings, report(3, code="143", **far))
    assert (first.novelty, second.novelty, other.novelty) == (1.0, 0.5, 1.0)
    later = FIRST + timedelta(days=3, minutes=15)
    (again,) = taken(happenings, report(4, added=later), at=later)
    assert (again.novelty, again.story_id) == (1.0, "gdelt:4")


def test_what_was_recalled_takes_up_the_reports_that_it_would_have_taken() -> None:
    unbroken, again = Happenings(), Happenings()
    files = [
        (added, [found for each in of_file if isinstance(found := parse_report(each.line, 3), Report)])
        for added, of_file in groupby(sample(), key=lambda each: each.added)
    ]
    half = len(files) // 2
    for added, reports in files[:half]:
        for document in taken(unbroken, *reports, at=added):
            again.recall(document)
    for added, reports in files[half:]:
        ours, theirs = (taken(each, *reports, at=added) for each in (unbroken, again))
        assert begun(theirs) == begun(ours)


def begun(documents: Iterable[UnrestEventDocument]) -> set[tuple[str, str | None]]:
    return {(each.event_id, each.story_id) for each in documents if each.revision == 0}


def test_what_is_over_is_forgotten() -> None:
    happenings = Happenings()
    taken(happenings, report(1), report(2, country="LY"))
    assert len(happenings) == 2
    take(happenings, [], FIRST + timedelta(days=4))
    assert len(happenings) == 0
    assert happenings.add_mention(1) is None
