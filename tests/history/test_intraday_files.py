from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pandas
import pytest

from brentwatch.core.errors import InvalidInput
from brentwatch.core.intraday.session_bars import IntradayBar
from brentwatch.core.sessions.calendar import HasHours
from brentwatch.core.sessions.table import load
from brentwatch.history.intraday_files import IntradayFile, read_intraday

if TYPE_CHECKING:
    from pathlib import Path

GLOBEX = load("globex")
HALF_PAST_NINE = datetime(2024, 5, 7, 13, 30, tzinfo=UTC)


def read(*rows: str, header: str = "opens_at,usd_per_bbl") -> IntradayFile:
    assert isinstance(GLOBEX, HasHours)
    return read_intraday("bars.csv", "\n".join((header, *rows)).encode(), GLOBEX)


def faults_of(*rows: str, header: str = "opens_at,usd_per_bbl") -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as error:
        read(*rows, header=header)
    return error.value.faults


def test_a_bar_is_dated_by_its_beginning_in_any_zone() -> None:
    (session,) = read("2024-05-07T09:30:00-04:00,83.1", "2024-05-07 13:35:00+00:00,83.2").sessions

    assert session.session == date(2024, 5, 7)
    assert [each.opens_at for each in session.bars] == [
        HALF_PAST_NINE,
        datetime(2024, 5, 7, 13, 35, tzinfo=UTC),
    ]


def test_open_volume_and_contract_are_taken_where_they_are_there() -> None:
    header = "opens_at,high,usd_per_bbl,open,volume,contract"
    (session,) = read("2024-05-07T13:30:00Z,84,83.1,83.0,12,N4", header=header).sessions

    assert session.bars == (
        IntradayBar(opens_at=HALF_PAST_NINE, close=83.1, open=83.0, volume=12.0, contract="N4"),
    )


def test_what_is_left_empty_is_not_told() -> None:
    header = "opens_at,usd_per_bbl,open,volume,contract"
    (session,) = read("2024-05-07T13:30:00Z,83.1,,,", "2024-05-07T13:35:00Z,,,,", header=header).sessions

    assert session.bars == (IntradayBar(opens_at=HALF_PAST_NINE, close=83.1),)


def test_the_evening_belongs_to_the_next_session_and_sunday_to_monday() -> None:
    evening, sunday = "2024-05-09T22:00:00Z,84", "2024-05-12T22:00:00Z,83"

    assert [each.session for each in read(evening, sunday).sessions] == [date(2024, 5, 10), date(2024, 5, 13)]


def test_sessions_are_complete_but_the_newest_which_is_so_as_far_as_its_bars() -> None:
    whole, newest = read("2024-05-07T13:30:00Z,83.1", "2024-05-08T13:30:00Z,83.2").sessions

    assert whole.through == datetime(2024, 5, 7, 21, tzinfo=UTC)
    assert newest.through == datetime(2024, 5, 8, 13, 35, tzinfo=UTC)


def test_bars_outside_the_hours_of_trade_are_left_out_and_noted() -> None:
    break_of_the_night, holiday = "2024-05-07T21:30:00Z,83", "2024-03-29T13:30:00Z,87"
    file = read("2024-05-07T13:30:00Z,83.1", break_of_the_night, holiday)

    assert [len(each.bars) for each in file.sessions] == [1]
    assert file.notes == ("bars.csv has 2 bars outside trading hours: skipped",)


def test_rows_out_of_order_are_sorted_and_repeats_dropped() -> None:
    rows = ("2024-05-07T13:35:00Z,83.2", "2024-05-07T13:30:00Z,83.1", "2024-05-07T13:35:00Z,83.2")

    assert [each.close for each in read(*rows).sessions[0].bars] == [83.1, 83.2]


def test_every_fault_is_told() -> None:
    faults = faults_of(
        "2024-05-07T13:30:00,83.1", "tomorrow,83.1", "2024-05-07T13:35:00Z,dear", "2024-05-07T13:36:00Z,83"
    )

    assert [fault.split(";")[0] for fault in faults] == [
        "row 2 of bars.csv: opens_at is '2024-05-07T13:30:00'",
        "row 3 of bars.csv: opens_at is 'tomorrow'",
        "row 4 of bars.csv: usd_per_bbl is 'dear'",
        "row 5 of bars.csv: a bar begins at 2024-05-07T13:36:00+00:00",
    ]


def test_a_bar_that_is_given_twice_otherwise_is_a_fault() -> None:
    (fault,) = faults_of("2024-05-07T13:30:00Z,83.1", "2024-05-07T13:30:00Z,83.2")

    assert fault.startswith(
        "rows 2 and 3 of bars.csv give the bar of 2024-05-07T13:30:00+00:00 as 83.1 and as 83.2"
    )


def test_columns_that_are_not_there_are_told() -> None:
    (fault,) = faults_of("2024-05-07T13:30:00Z,83.1", header="when,bid")

    assert fault.startswith("bars.csv has the columns 'when,bid'; expected one for the time")


@pytest.mark.parametrize("rows", [(), ("2024-05-07T13:30:00Z,",)])
def test_a_file_without_prices_is_told(rows: tuple[str, ...]) -> None:
    assert faults_of(*rows) == ("bars.csv has no row with a price; expected 5-minute bars; add them",)


def test_parquet_with_its_times_as_the_index_is_read_too(tmp_path: Path) -> None:
    times = pandas.DatetimeIndex(
        ["2024-05-07 09:30", "2024-05-07 09:35"], tz="America/New_York", name="Datetime"
    )
    frame = pandas.DataFrame({"Close": [83.1, 83.2], "open": [83.0, None]}, index=times)
    frame.to_parquet(tmp_path / "bars.parquet")
    assert isinstance(GLOBEX, HasHours)
    file = read_intraday(
        "bars.parquet", (tmp_path / "bars.parquet").read_bytes(), GLOBEX, opens_at="Datetime", close="Close"
    )

    assert [(each.opens_at, each.close, each.open) for each in file.sessions[0].bars] == [
        (HALF_PAST_NINE, 83.1, 83.0),
        (datetime(2024, 5, 7, 13, 35, tzinfo=UTC), 83.2, None),
    ]


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_parquet_is_refused_with_what_to_install() -> None:
    assert isinstance(GLOBEX, HasHours)
    with pytest.raises(InvalidInput, match=r'run pip install "brentwatch\[parquet\]"'):
        read_intraday("bars.parquet", b"PAR1", GLOBEX)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"PAR1 and no more"])
def test_what_cannot_be_read_is_told(data: bytes) -> None:
    assert isinstance(GLOBEX, HasHours)
    with pytest.raises(InvalidInput, match="expected"):
        read_intraday("bars", data, GLOBEX)


YFINANCE = (
    "Datetime,Open,High,Low,Close,Volume\n"
    "2024-05-07 09:30:00-04:00,83.0,83.4,82.9,83.1,120\n2024-05-07 09:35:00-04:00,83.1,83.3,83.0,83.2,90\n"
)


@pytest.mark.parametrize(
    "data",
    [
        YFINANCE.encode(),
        YFINANCE.replace(".", "x").replace(",", ";").replace("x", ",").encode("utf-16"),
        (
            "Price" + YFINANCE[8:].replace("\n", "\nTicker,BZ=F,BZ=F,BZ=F,BZ=F,BZ=F\nDatetime,,,,,\n", 1)
        ).encode(),
        (YFINANCE + "\n").replace("2024-05-07 09", "2024/05/07 09").encode("utf-8-sig"),
    ],
)
def test_bars_are_read_as_others_save_them(data: bytes) -> None:
    assert isinstance(GLOBEX, HasHours)
    (session,) = read_intraday("bars.csv", data, GLOBEX).sessions

    assert [(each.opens_at, each.close, each.open, each.volume) for each in session.bars] == [
        (HALF_PAST_NINE, 83.1, 83.0, 120.0),
        (datetime(2024, 5, 7, 13, 35, tzinfo=UTC), 83.2, 83.1, 90.0),
    ]


def test_a_bar_without_its_zone_or_with_a_cell_too_many_is_refused() -> None:
    faults = faults_of("2024-05-07 09:30:00,83.1", "2024-05-07T13:35:00Z,83,2")

    assert [fault.split(";")[0] for fault in faults] == [
        "row 2 of bars.csv: opens_at is '2024-05-07 09:30:00'",
        "row 3 of bars.csv: has 3 cells, the header 2: '2024-05-07T13:35:00Z,83,2'",
    ]
