from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brentwatch.core.errors import InvalidInput
from brentwatch.history.series_files import Columns, DailySeries, read_series

if TYPE_CHECKING:
    from pathlib import Path

FRED = Columns("observation_date", "DCOILBRENTEU")


def read(*rows: str, columns: Columns | None = None) -> DailySeries:
    names = columns or Columns()
    return read_series("p.csv", "\n".join((",".join(names), *rows)).encode(), names)


def faults_of(*rows: str, columns: Columns | None = None) -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as error:
        read(*rows, columns=columns)
    return error.value.faults


def test_one_value_a_session() -> None:
    assert read("2022-01-04,79.39", "2022-01-05,80.6") == DailySeries(
        (date(2022, 1, 4), date(2022, 1, 5)),
        (79.39, 80.6),
        (),
        "p.csv was read as comma-separated text in UTF-8, header in row 1, date from 'date', price from "
        "'usd_per_bbl'",
    )


def test_other_headers_and_more_columns_do_no_harm() -> None:
    data = b"\xef\xbb\xbfseries,DCOILBRENTEU,observation_date\r\nx,79.39,2022-01-04\r\n"

    assert read_series("fred.csv", data, FRED).values == (79.39,)


def test_days_without_a_value_as_fred_writes_them_are_no_sessions_and_noted() -> None:
    file = read("2022-01-03,", "2022-01-04,79.39", "2022-01-17,.", columns=FRED)

    assert file.sessions == (date(2022, 1, 4),)
    assert file.notes == ("p.csv has no value on 2022-01-03, 2022-01-17: no session there",)


def test_a_price_below_zero_is_a_price_without_returns_and_noted() -> None:
    file = read("2020-04-20,-36.98", "2020-04-21,0")

    assert file.values == (-36.98, 0.0)
    assert file.notes == (
        "p.csv has a price of zero or below on 2020-04-20 (-36.98), 2020-04-21 (0): there is no log return "
        "across it",
    )


def test_swapped_days_refuse_the_file_before_its_prices_are_called_contradictory() -> None:
    days = [day.date() for day in pandas.bdate_range("2024-01-02", periods=90)]
    swapped = [each.replace(month=each.day, day=each.month) if each.day <= 12 else each for each in days]

    faults = faults_of(*(f"{each},80" for each in swapped))

    assert len(faults) == 1
    assert "a spreadsheet may have swapped day and month" in faults[0]


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        ("date,close,currency", "2024-05-07,80,EUR", "currency is 'EUR'; expected USD per barrel"),
        ("date,close,Unit", "2024-05-07,80,GBP/bbl", "Unit is 'GBP/bbl'; expected USD per barrel"),
        ("date,return", "2024-05-07,0.01", "the column 'return', by its name not a price"),
        ("date,Daily volume", "2024-05-07,900", "the column 'Daily volume', by its name not a price"),
    ],
)
def test_what_says_that_it_is_no_price_in_dollars_is_refused(header: str, row: str, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_series("p.csv", f"{header}\n{row}\n".encode(), Columns())
    assert told in str(caught.value)


def test_a_column_that_says_dollars_does_no_harm() -> None:
    data = b"period,series,value,units\n2024-05-07,RBRTE,80.5,$/BBL\n"
    assert read_series("eia.csv", data, Columns()).values == (80.5,)


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_the_index_that_pandas_wrote_holds_the_dates(name: str) -> None:
    file = read_series("p.csv", f"{name},Close\n2024-05-07,80.5\n".encode(), Columns())
    assert file.sessions == (date(2024, 5, 7),)


def test_a_count_of_seconds_beside_the_dates_is_no_second_date() -> None:
    data = b"trade_date,timestamp,close\n2024-05-07,1715100000,80.5\n"
    assert read_series("p.csv", data, Columns()).sessions == (date(2024, 5, 7),)


def test_json_is_not_called_an_empty_file() -> None:
    with pytest.raises(InvalidInput, match="expected a table with a header; save it as CSV"):
        read_series("p.json", b'[{"date":"2024-05-07","close":80.5}]', Columns())


def test_a_time_of_day_says_that_the_date_alone_is_expected() -> None:
    assert "without a time of day" in faults_of("2024-05-07T18:30:00Z,80.5")[0]


def test_rows_out_of_order_are_sorted_and_repeats_dropped_with_their_lines() -> None:
    file = read("2022-01-05,80.6", "2022-01-04,79.39", "2022-01-05,80.60")

    assert file.values == (79.39, 80.6)
    assert file.notes == (
        "rows of p.csv out of order were sorted: row 3",
        "rows of p.csv that repeat a session were skipped: row 4",
    )


def test_every_fault_is_told_with_its_row() -> None:
    faults = faults_of(
        "2022-02-30,80",
        "yesterday,x",
        "2022-01-05,12 apples",
        "2022-01-06,1e999",
        "2022-01-07,80",
        "2022-01-07,81",
    )

    assert [fault.split(":")[0] for fault in faults[:5]] == [
        "row 2 of p.csv",
        "row 3 of p.csv",
        "row 3 of p.csv",
        "row 4 of p.csv",
        "row 5 of p.csv",
    ]
    assert faults[5].startswith("rows 6 and 7 of p.csv give 2022-01-07 as 80.0 and as 81.0")


def test_a_file_without_its_columns_says_what_it_has_and_how_to_name_them() -> None:
    with pytest.raises(
        InvalidInput, match="has the columns 'when it was,price'; expected one for the date"
    ) as error:
        read_series("p.csv", b"when it was,price\n2022-01-04,80\n", Columns())
    assert "--date-column" in str(error.value)


@pytest.mark.parametrize("rows", [(), ("2022-01-04,.",)])
def test_a_file_without_a_value_is_a_fault(rows: tuple[str, ...]) -> None:
    assert "has no row with a value" in faults_of(*rows)[0]


def test_bytes_that_are_no_text_are_a_fault() -> None:
    with pytest.raises(InvalidInput, match=r"row 2 of p\.csv is not UTF-8"):
        read_series("p.csv", b"date,usd_per_bbl\n2022-01-04,\x81", Columns())


def test_parquet_is_read_as_the_same_table_with_dates_of_any_kind(tmp_path: Path) -> None:
    days, values = ["2022-01-04", "2022-01-05", "2022-01-06"], [79.39, 80.6, None]
    kinds = {
        "text": pandas.DataFrame({"date": days, "usd_per_bbl": values}),
        "date": pandas.DataFrame({"date": [date.fromisoformat(day) for day in days], "usd_per_bbl": values}),
        "time": pandas.DataFrame({"date": pandas.to_datetime(days), "usd_per_bbl": values}),
        "index": pandas.DataFrame({"usd_per_bbl": values}, index=pandas.DatetimeIndex(days, name="date")),
    }
    for name, frame in kinds.items():
        frame.to_parquet(tmp_path / name)
        file = read_series(name, (tmp_path / name).read_bytes(), Columns())
        assert (file.sessions, file.values) == ((date(2022, 1, 4), date(2022, 1, 5)), (79.39, 80.6)), name


def test_parquet_that_is_damaged_is_a_fault() -> None:
    with pytest.raises(InvalidInput, match="expected Parquet"):
        read_series("p.parquet", b"PAR1\x00\x00PAR1", Columns())


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(), st.text(alphabet='date,usd_pbl0123456789-.e\n"PAR1', max_size=80).map(str.encode))
)
def test_whatever_a_file_holds_it_is_a_series_or_a_sentence(data: bytes) -> None:
    for content in (data, b"date,usd_per_bbl\n" + data):
        try:
            read_series("p.csv", content, Columns())
        except InvalidInput:
            continue
