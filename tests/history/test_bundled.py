from __future__ import annotations

import csv
import json
from datetime import date
from importlib.resources import files

import pytest
from benchmarks import intraday_demo
from tests.wire.validators import validator

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, EventAdmitted, PriceUpdate, Verification
from brentwatch.history.folder import find_history, list_histories, read_instrument_name

pytestmark = pytest.mark.slow

DATA = files("brentwatch.history") / "data"
DEMO = "intraday-demo"
REAL = [name for name in list_histories() if name != DEMO]


def prices(name: str) -> dict[str, str]:
    rows = csv.DictReader((DATA / name / "prices.csv").read_text("utf-8").splitlines())
    return {row["date"]: row["usd_per_bbl"] for row in rows}


def lines(name: str) -> list[str]:
    return (DATA / name / "events.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", REAL)
def test_the_prices_of_a_story_are_those_of_the_catalogue(name: str) -> None:
    assert prices(name).items() <= prices("catalogue").items()


@pytest.mark.parametrize("name", list_histories())
def test_every_event_is_read_and_fits_the_schema(name: str) -> None:
    assert find_history(name).dead_letters == ()
    for line in lines(name):
        validator("unrest_event.v1").validate(json.loads(line))


@pytest.mark.parametrize("name", list_histories())
def test_events_are_unique_in_order_and_lie_within_the_prices(name: str) -> None:
    history = find_history(name)
    events = [signal.event for signal in history.signals if isinstance(signal, EventAdmitted)]
    updates = [signal for signal in history.signals if isinstance(signal, PriceUpdate)]

    assert len(history.documents) == len(events) == len(lines(name))
    assert [event.known_at for event in events] == sorted(event.known_at for event in events)
    assert updates[0].known_at < events[0].known_at
    assert events[-1].known_at < updates[-1].known_at


@pytest.mark.parametrize("name", REAL)
def test_every_event_names_its_source_feed_and_licence(name: str) -> None:
    for document in find_history(name).documents.values():
        assert document.sources
        assert document.provenance is not None
        assert document.provenance.feed in ("catalogue", "history")
        assert document.provenance.licence == "Apache-2.0"


@pytest.mark.parametrize("name", [name for name in REAL if name != "catalogue"])
def test_a_story_has_prices_for_a_long_memory_and_only_pages_that_were_read(name: str) -> None:
    history = find_history(name)
    warmup = [signal for signal in history.signals if isinstance(signal, PriceUpdate) and signal.warmup]

    assert len(warmup) == 1_600
    assert all(signal.bars[0].session < history.start for signal in warmup)
    for document in history.documents.values():
        assert document.reliability is not None
        assert document.reliability.verification == "curated"


def test_the_demo_is_made_up_and_says_so_wherever_it_is_shown() -> None:
    demo = find_history(DEMO, BRENT_FRONT)

    assert demo.title.startswith("SYNTHETIC")
    assert demo.source.startswith("Synthetic")
    for document in demo.documents.values():
        assert document.summary.startswith("SYNTHETIC: ")
        assert document.provenance is not None
        assert document.provenance.attribution == "brentwatch: synthetic, no such event happened"


def test_the_prices_of_the_demo_are_those_of_its_seed() -> None:
    for name, data in intraday_demo.files().items():
        assert (DATA / DEMO / name).read_bytes() == data


def test_the_demo_asks_for_the_instrument_with_tests_within_the_session() -> None:
    assert read_instrument_name(DEMO) == BRENT_FRONT.name
    assert {read_instrument_name(name) for name in REAL} == {BRENT_SPOT.name}


def test_kazakhstan_runs_from_3_to_11_january() -> None:
    tested = [
        (str(signal.bars[0].session), signal.bars[0].close)
        for signal in find_history("kazakhstan-2022").signals
        if isinstance(signal, PriceUpdate) and not signal.warmup
    ]

    assert tested == [
        ("2022-01-03", 78.25),
        ("2022-01-04", 79.39),
        ("2022-01-05", 80.60),
        ("2022-01-06", 81.99),
        ("2022-01-07", 82.28),
        ("2022-01-10", 81.56),
        ("2022-01-11", 84.98),
    ]


def test_kazakhstan_tells_what_the_press_wrote() -> None:
    (press,) = [entry for entry in find_history("kazakhstan-2022").context if "82.95" in entry.text]

    assert press.date == date(2022, 1, 7)
    assert "4 %" in press.text


def test_the_catalogue_marks_what_was_not_read_as_unverified() -> None:
    documents = find_history("catalogue").documents.values()
    verified = [document.reliability.verification for document in documents if document.reliability]

    assert (verified.count(Verification.CURATED), verified.count(Verification.MACHINE)) == (60, 22)


def test_border_clashes_name_both_countries() -> None:
    document = find_history("catalogue").documents["catalogue:KGZ-2021-04-29", 0]

    assert (document.country, document.extra_countries) == ("KGZ", ("TJK",))
