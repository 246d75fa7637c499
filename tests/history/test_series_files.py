from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brentwatch.core.errors import InvalidInput
from brentwatch.history.series_files import DailySeries, read_series
from brentwatch.history.series_rows import Columns

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
        "p.csv was read as comma-separated text in UTF-8, header in row 1, date from 'date', value from "
        "'usd_per_bbl'",
    )


def test_other_headers_and_more_columns_do_no_harm() -> None:
    data = b"\xef\xbb\xbfseries,DCOILBRENTEU,observation_date\r\nx,79.39,2022-01-04\r\n"

    assert read_series("fred.csv", data, FRED).values == (79.39,)


def test_days_without_a_value_as_fred_writes_them_are_no_sessions_and_noted() -> None:
    file = read("2022-01-03,", "2022-01-04,79.39", "2022-01-17,.", columns=FRED)

    assert file.sessions == (date(2022, 1, 4),)
    assert file.notes == ("p.csv has no value on 2022-01-03, 2022-01-17: no session there",)


def test_a_price_below_zero_is_a_price() -> None:
    assert read("2020-04-20,-36.98").values == (-36.98,)


def test_rows_out_of_order_are_sorted_and_repeats_dropped_with_their_lines() -> None:
    file = read("2022-01-05,80.6", "2022-01-04,79.39", "2022-01-05,80.60")

    assert file.values == (79.39, 80.6)
    assert file.notes == (
        "rows of p.csv out of order were sorted: row 3",
        "rows of p.csv that repeat a session were left out: row 4",
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
