from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest
from tests.history.folders import MANIFEST, PRICES, event, write

from brentwatch.core.domain import BRENT_SPOT, EventAdmitted, Instrument, PriceUpdate
from brentwatch.core.errors import InvalidInput
from brentwatch.history.bundled import load_exposure, load_oil_assets
from brentwatch.history.folder import History, find_history, list_histories
from brentwatch.screen.decision import Admitted, ScreenRules, screen

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def story(history: History) -> list[str]:
    return [
        signal.event.event_id
        if isinstance(signal, EventAdmitted)
        else f"{'warm-up ' if signal.warmup else ''}{signal.bars[0].session}"
        for signal in history.signals
        if isinstance(signal, EventAdmitted | PriceUpdate)
    ]


def refused(path: Path | str) -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as caught:
        find_history(str(path), now=NOW)
    return caught.value.faults


def test_a_folder_becomes_the_signals_in_the_order_in_which_they_were_known(tmp_path: Path) -> None:
    events = (
        event("desk:b", "2022-01-05T16:30:00Z"),
        event("desk:a", "2022-01-05T16:30:00Z"),
        event("desk:c", "2022-01-03T12:00:00Z"),
    )

    history = find_history(str(write(tmp_path, events="\n".join(events))), now=NOW)

    assert story(history) == [
        "warm-up 2021-12-30",
        "warm-up 2021-12-31",
        "desk:c",
        "2022-01-04",
        "2022-01-05",
        "desk:a",
        "desk:b",
        "2022-01-06",
    ]
    assert (history.name, history.title, history.start) == (tmp_path.name, "A test", date(2022, 1, 4))


def test_with_events_only_the_sessions_in_their_windows_are_tested(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        events=event("desk:1", "2022-01-05T10:00:00Z"),
        manifest=f'{MANIFEST}sessions = "events"',
    )

    assert story(find_history(str(folder), now=NOW)) == [
        "warm-up 2021-12-30",
        "warm-up 2021-12-31",
        "warm-up 2022-01-04",
        "desk:1",
        "2022-01-05",
        "2022-01-06",
    ]


def test_an_event_is_given_the_exposure_of_its_weightiest_country(tmp_path: Path) -> None:
    events = (
        event("desk:1", "2022-01-05T10:00:00Z", country="KGZ", extra_countries=["TJK", "KAZ"]),
        event("desk:2", "2022-01-05T11:00:00Z", country="LKA"),
    )

    history = find_history(str(write(tmp_path, events="\n".join(events))), now=NOW)

    admitted = [signal for signal in history.signals if isinstance(signal, EventAdmitted)]
    assert [signal.exposure.country if signal.exposure else None for signal in admitted] == ["KAZ", None]


def test_a_history_and_the_screen_give_an_event_the_same_nearness(tmp_path: Path) -> None:
    place = {"place": "Abqaiq", "lat": 25.9, "lon": 49.7, "precision": "city"}
    line = event("desk:a", "2022-01-05T16:30:00Z", location=place)
    history = find_history(str(write(tmp_path, events=line)), now=NOW)
    (played,) = (each for each in history.signals if isinstance(each, EventAdmitted))
    decision = screen(line.encode(), (), ScreenRules(load_exposure(), {}, load_oil_assets()))

    assert isinstance(decision, Admitted)
    assert played.nearness > 0
    assert decision.signal.nearness == played.nearness


def test_the_document_of_an_event_is_the_first_that_the_file_gives(tmp_path: Path) -> None:
    events = (
        event("desk:1", "2022-01-05T10:00:00Z", summary="first"),
        event("desk:1", "2022-01-05T10:00:00Z", summary="again"),
        event("desk:1", "2022-01-05T11:00:00Z", revision=1, status="update", summary="revised"),
    )

    history = find_history(str(write(tmp_path, events="\n".join(events))), now=NOW)

    assert {key: document.summary for key, document in history.documents.items()} == {
        ("desk:1", 0): "first",
        ("desk:1", 1): "revised",
    }
    assert len([signal for signal in history.signals if isinstance(signal, EventAdmitted)]) == 3


def test_lines_that_are_no_events_are_the_dead_letters_of_the_history(tmp_path: Path) -> None:
    history = find_history(str(write(tmp_path, events='{"event_id": "a b"}')), now=NOW)

    assert [(letter.line, letter.reason) for letter in history.dead_letters] == [(1, "schema")]


def test_the_instrument_says_when_a_session_settles(tmp_path: Path) -> None:
    futures = Instrument(
        name="brent-ice",
        partition=1,
        series=replace(BRENT_SPOT.series, name="brent-ice", calendar="ice", settlement=time(19, 30)),
    )

    last = find_history(str(write(tmp_path)), futures, now=NOW).signals[-1]

    assert isinstance(last, PriceUpdate)
    assert (last.series, last.known_at.isoformat()) == ("brent-ice", "2022-01-06T19:30:00+00:00")


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, prices=f"{PRICES}2022-01-07,high", manifest='titel = "x"')

    faults = refused(folder)

    assert any(fault.startswith("history.toml has the key 'titel'") for fault in faults)
    assert any(fault.startswith("row 7 of prices.csv") for fault in faults)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "prices.csv").unlink()

    assert f"the history '{tmp_path.name}' lacks prices.csv;" in refused(tmp_path)[0]


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    assert "lacks history.toml and events.jsonl and prices.csv" in refused(tmp_path)[0]


def test_an_unknown_history_is_answered_with_the_known_and_the_closest() -> None:
    assert refused("kazakstan-2022") == (
        "no history is called 'kazakstan-2022' and no folder has that path; did you mean kazakhstan-2022?; "
        "choose one of abqaiq-2019, catalogue, intraday-demo, kazakhstan-2022, libya-2011, vorukh-2021, "
        "or give the path of a folder",
    )


def test_the_bundled_name_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_history("vorukh-2021", BRENT_SPOT, now=NOW).name == "vorukh-2021"
    assert list_histories() == (
        "abqaiq-2019",
        "catalogue",
        "intraday-demo",
        "kazakhstan-2022",
        "libya-2011",
        "vorukh-2021",
    )


def test_a_clock_that_is_wrong_does_not_break_what_is_bundled() -> None:
    assert find_history("kazakhstan-2022", now=datetime(2000, 1, 1, tzinfo=UTC)).start == date(2022, 1, 3)


def test_an_own_folder_holds_no_price_of_the_future(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="expected a settled session"):
        find_history(str(write(tmp_path)), now=datetime(2022, 1, 6, 16, 29, tzinfo=UTC))


def test_sessions_published_together_keep_their_order(tmp_path: Path) -> None:
    rows = (f"2022-01-0{day},{80 + day},2022-01-12T15:00:00Z" for day in (4, 5, 6))
    folder = write(tmp_path, prices="\n".join(("date,usd_per_bbl,known_at", *rows)))

    assert story(find_history(str(folder), now=NOW)) == ["2022-01-04", "2022-01-05", "2022-01-06"]


def test_no_session_before_the_start_is_tested_not_even_in_a_window(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        events=event("desk:1", "2021-12-31T10:00:00Z"),
        manifest=f'{MANIFEST}sessions = "events"',
    )

    assert story(find_history(str(folder), now=NOW))[2:5] == [
        "warm-up 2021-12-31",
        "2022-01-04",
        "2022-01-05",
    ]
