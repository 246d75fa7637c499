"""Bars of five minutes beside the prices of a folder: what would have reached the timeline, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.history.folders import MANIFEST, PRICES, write

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, PriceUpdate
from brentwatch.core.errors import InvalidInput
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Instrument
    from brentwatch.history.folder import History

NOW = datetime(2026, 9, 1, tzinfo=UTC)
WARM = datetime(2022, 1, 2, 23, tzinfo=UTC)
"""When the session of Monday 3 January begins: the first that is tested is that of the day after."""

TESTED = datetime(2022, 1, 3, 23, tzinfo=UTC)
BARS = """opens_at,usd_per_bbl,open,volume
2022-01-02T23:00Z,78.10,78.00,12
2022-01-02T23:05:00Z,78.20,,
2022-01-04T00:10:00+01:00,78.40,78.35,0
2022-01-03T23:00Z,78.30,,
"""


def folder(path: Path, bars: str = BARS, manifest: str = MANIFEST) -> Path:
    (path / "prices_5m.csv").write_text(bars, encoding="utf-8")
    return write(path, prices=PRICES, manifest=manifest)


def updates(history: History) -> list[PriceUpdate]:
    return [each for each in history.signals if isinstance(each, PriceUpdate) and each.series.endswith("5m")]


def read(path: Path, instrument: Instrument = BRENT_FRONT, now: datetime = NOW) -> History:
    return find_history(str(path), instrument, now=now)


def test_a_session_of_the_past_is_one_update_and_a_tested_one_a_poll_every_five_minutes(
    tmp_path: Path,
) -> None:
    past, *polls = updates(read(folder(tmp_path)))

    assert (past.warmup, len(past.bars)) == (True, 2)
    assert past.complete_through == WARM + timedelta(hours=23)
    assert [(poll.warmup, poll.complete_through) for poll in polls] == [
        (False, TESTED + timedelta(minutes=5 * number)) for number in (1, 2, 3)
    ]
    assert [[bar.close for bar in poll.bars] for poll in polls] == [[78.30], [], [78.40]]


def test_a_bar_carries_what_the_file_tells_of_it(tmp_path: Path) -> None:
    past, *_, last = updates(read(folder(tmp_path)))

    assert [(bar.open, bar.volume) for bar in (*past.bars, *last.bars)] == [
        (78.00, 12.0),
        (None, None),
        (78.35, 0.0),
    ]
    assert last.bars[0].opens_at == TESTED + timedelta(minutes=10)
    assert last.bars[0].interval == "5m"


@pytest.mark.parametrize(("line", "minutes"), [("", 15), ("bars_delay_minutes = 0\n", 0)])
def test_a_bar_is_known_so_long_after_it_closed_as_the_history_says(
    tmp_path: Path, line: str, minutes: int
) -> None:
    history = read(folder(tmp_path, manifest=MANIFEST + line))

    for each in updates(history):
        assert each.known_at - each.complete_through == timedelta(minutes=minutes)
    assert f"bars are taken as known {minutes} minutes after their close" in history.notes


def test_an_instrument_without_tests_within_the_session_leaves_them_out_and_says_so(tmp_path: Path) -> None:
    history = read(folder(tmp_path), BRENT_SPOT)

    assert updates(history) == []
    assert "prices_5m.csv is not used: brent-spot has no intraday tests" in history.notes


def test_one_with_tests_within_the_session_says_when_there_are_no_bars(tmp_path: Path) -> None:
    history = read(write(tmp_path))

    assert "the folder has no prices_5m.csv: there are no intraday results" in history.notes


def test_bars_that_cannot_be_known_yet_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(
            folder(tmp_path),
            now=datetime(2022, 1, 3, 23, 29, tzinfo=UTC),
        )

    assert any("expected bars in the past" in fault for fault in caught.value.faults)


def test_what_is_wrong_in_the_bars_is_told_with_the_faults_of_the_other_files(tmp_path: Path) -> None:
    folder(tmp_path, BARS + "2022-01-04T00:15Z,high,,\n")
    (tmp_path / "prices.csv").write_text(f"{PRICES}2022-01-07,low\n", encoding="utf-8")

    with pytest.raises(InvalidInput) as caught:
        read(tmp_path)

    assert {fault.partition(":")[0] for fault in caught.value.faults} == {
        "row 7 of prices.csv",
        "row 6 of prices_5m.csv",
    }


def test_a_checksum_holds_for_the_bars_too(tmp_path: Path) -> None:
    manifest = f'{MANIFEST}[sha256]\n"prices_5m.csv" = "{64 * "0"}"\n'

    with pytest.raises(InvalidInput, match=r"prices_5m\.csv has the sha256"):
        read(folder(tmp_path, manifest=manifest))
