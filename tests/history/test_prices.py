from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.domain.bars import GAP
from brentwatch.history.prices import (
    HYPOTHETICAL,
    KNOWN_AT_ASSUMED,
    PriceFile,
    build_price_updates,
    read_prices,
)
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from brentwatch.core.domain import PriceUpdate

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def read(*rows: str, header: str = "date,usd_per_bbl") -> PriceFile:
    faults = Faults()
    file = read_prices("\n".join((header, *rows)).encode(), BRENT_SPOT, NOW, faults)
    assert not faults, faults.build_error()
    return file


def updates(file: PriceFile) -> list[PriceUpdate]:
    return list(build_price_updates(file.prints, "brent-spot", lambda session: session < date(2022, 1, 5)))


def faults_of(*rows: str, header: str = "date,usd_per_bbl") -> tuple[str, ...]:
    faults = Faults()
    read_prices("\n".join((header, *rows)).encode(), BRENT_SPOT, NOW, faults)
    return faults.build_error().faults


def test_a_session_settles_at_half_past_four_in_london_summer_and_winter() -> None:
    file = read("2022-01-05,80.6", "2022-07-05,110")

    assert [item.bar.closes_at.isoformat() for item in file.prints] == [
        "2022-01-05T16:30:00+00:00",
        "2022-07-05T15:30:00+00:00",
    ]


def test_a_file_without_known_at_is_taken_as_known_at_settlement_and_says_so() -> None:
    file = read("2022-01-05,80.6")

    assert file.prints[0].known_at == file.prints[0].bar.closes_at
    assert file.prints[0].bar.quality == (KNOWN_AT_ASSUMED,)
    assert file.notes == (f"{HYPOTHETICAL}; EIA publishes days later",)


def test_each_session_is_one_update_that_is_complete_through_its_close() -> None:
    first, second = updates(read("2022-01-04,79.39", "2022-01-05,80.6"))

    assert [bar.session for bar in first.bars] == [date(2022, 1, 4)]
    assert (first.complete_through, second.complete_through) == (
        first.bars[0].closes_at,
        second.bars[0].closes_at,
    )
    assert (first.warmup, second.warmup) == (True, False)
    assert first.series == "brent-spot"


def test_rows_out_of_order_are_sorted_and_named() -> None:
    file = read("2022-01-05,80.6", "2022-01-03,78.25", "2022-01-04,79.39")

    assert [item.bar.close for item in file.prints] == [78.25, 79.39, 80.6]
    assert "rows out of order were sorted: row 3" in file.notes


def test_identical_rows_are_dropped_and_named() -> None:
    file = read("2022-01-04,79.39", "2022-01-04,79.39", "2022-01-05,80.6", "2022-01-04,79.390")

    assert [item.bar.close for item in file.prints] == [79.39, 80.6]
    assert "rows that repeat a known price were skipped: row 3, 5" in file.notes


def test_two_prices_of_one_session_are_a_fault_where_neither_is_dated() -> None:
    assert faults_of("2022-01-04,79.39", "2022-01-04,79.4") == (
        "rows 2 and 3 of prices.csv give session 2022-01-04 as 79.39 and as 79.4; expected one price; "
        "delete the wrong row, or add a column known_at that says when the later price came out",
    )


def test_a_later_price_of_a_session_is_a_revision_at_its_own_time() -> None:
    file = read(
        "2022-01-04,79.39,2022-01-05T08:00:00Z",
        "2022-01-05,80.6,2022-01-06T08:00:00Z",
        "2022-01-04,79.5,2022-01-12T09:00:00+01:00",
        header="date,usd_per_bbl,known_at",
    )

    first, second, revision = updates(file)
    assert [first.known_at.hour, second.known_at.hour, revision.known_at.hour] == [8, 8, 8]
    assert (revision.bars[0].session, revision.bars[0].close) == (date(2022, 1, 4), 79.5)
    assert revision.complete_through == second.complete_through
    assert first.bars[0].quality == ()
    assert not [note for note in file.notes if note.startswith(HYPOTHETICAL)]


def test_a_price_that_returns_to_what_it_was_is_a_revision_too() -> None:
    file = read(
        "2022-01-04,79.39,2022-01-05T08:00:00Z",
        "2022-01-04,79.5,2022-01-12T08:00:00Z",
        "2022-01-04,79.39,2022-01-13T08:00:00Z",
        "2022-01-04,79.39,2022-01-14T08:00:00Z",
        header="date,usd_per_bbl,known_at",
    )

    assert [item.bar.close for item in file.prints] == [79.39, 79.5, 79.39]


def test_the_series_is_complete_only_as_far_as_nothing_is_still_to_come() -> None:
    file = read(
        "2022-01-04,79.39,2022-01-10T08:00:00Z",
        "2022-01-05,80.6,2022-01-06T08:00:00Z",
        "2022-01-06,81.99,2022-01-12T08:00:00Z",
        header="date,usd_per_bbl,known_at",
    )

    closes = [item.bar.closes_at for item in file.prints]
    early, late, last = updates(file)
    assert early.complete_through < closes[0]
    assert (late.complete_through, last.complete_through) == (closes[1], closes[2])


def test_an_empty_known_at_is_the_settlement() -> None:
    file = read(
        "2022-01-04,79.39,", "2022-01-05,80.6,2022-01-06T08:00:00Z", header="date,usd_per_bbl,known_at"
    )

    assert [KNOWN_AT_ASSUMED in item.bar.quality for item in file.prints] == [True, False]


def test_a_gap_of_more_than_four_days_is_marked_on_the_bar_after_it() -> None:
    file = read("2021-12-24,75.53", "2021-12-29,78.63", "2021-12-30,78.61", "2022-01-03,78.25")

    assert [GAP in item.bar.quality for item in file.prints] == [False, True, False, False]
    assert "1 gap longer than 4 calendar days, the last before 2021-12-29 (5 days)" in file.notes


@pytest.mark.parametrize("price", ["-36.98", "0"])
def test_a_price_of_zero_or_below_is_kept_and_noted(price: str) -> None:
    file = read("2020-04-17,18.31", f"2020-04-20,{price}")

    assert file.prints[1].bar.close == float(price)
    assert f"the price of 2020-04-20 is {float(price)}: there is no log return across it" in file.notes


def test_all_faults_of_a_file_are_told_at_once_with_their_rows() -> None:
    faults = faults_of(
        "2022-13-01,1,",
        "20220104,79.39,",
        "2022-01-04,high,",
        "2022-01-05,60.,",
        "2022-01-06,1_000,",
        "2022-01-07,1e400,",
        "2022-01-10,80",
        "2099-01-01,80,",
        "2022-01-11,84.98,yesterday",
        "2022-01-12,85.83,2022-01-12T17:00:00",
        "2022-01-13,85.8,2022-01-13T16:29:59Z",
        "2022-01-14,87.17,2099-01-01T00:00:00Z",
        header="date,usd_per_bbl,known_at",
    )

    assert {fault.partition(" of prices.csv")[0] for fault in faults} == {f"row {n}" for n in range(2, 14)}
    assert faults[0] == (
        "row 2 of prices.csv: date is '2022-13-01'; expected a date, such as 2024-05-07, 07 May 2024 or "
        "13/05/2024; correct it"
    )


def test_many_rows_with_one_fault_are_one_sentence() -> None:
    assert faults_of(*(f"2022-01-04,bad{n}" for n in range(50))) == (
        "row 2 of prices.csv: usd_per_bbl is 'bad0'; expected a number, such as 60.27; correct it, or leave "
        "it empty if there is none (50 rows have this fault: 2, 3, 4, 5, 6, …)",
    )


def test_many_faults_are_counted_after_the_first_twenty() -> None:
    faults = faults_of(*(f"2099-01-{n:02},80" for n in range(1, 32)))

    assert len(faults) == 21
    assert faults[-1] == "… and 11 more faults; correct these first"


def test_rows_without_a_price_are_left_out_and_named() -> None:
    file = read("2022-01-03,.", "2022-01-04,79.39", "2022-01-05,", "2022-01-06,NaN")

    assert [item.bar.close for item in file.prints] == [79.39]
    assert "rows without a price were skipped: row 2, 4, 5" in file.notes


def test_a_session_that_has_not_settled_is_a_fault() -> None:
    assert "expected a settled session" in faults_of("2026-09-01,80")[0]


@pytest.mark.parametrize("header", ["", "when,usd_per_bbl", "sold,date,bought"])
def test_a_file_without_its_columns_says_which_were_expected(header: str) -> None:
    row = "1,2022-01-04,79.39" if header.startswith("sold") else "2022-01-04,79.39"
    assert "prices.csv has the columns" in faults_of(row, header=header)[0]
    assert "--" not in faults_of(row, header=header)[0]


def test_a_file_without_rows_is_a_fault() -> None:
    assert "has no row" in faults_of()[0]


def test_bytes_that_are_no_text_are_a_fault() -> None:
    faults = Faults()
    read_prices(b"date,usd_per_bbl\n2022-01-04,\x81", BRENT_SPOT, NOW, faults)

    assert "is not UTF-8" in faults.build_error().faults[0]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    faults = Faults()
    file = read_prices(b"\xef\xbb\xbfdate,usd_per_bbl\r\n2022-01-04,79.39\r\n", BRENT_SPOT, NOW, faults)

    assert not faults
    assert [item.bar.close for item in file.prints] == [79.39]


def test_a_row_of_a_sunday_is_left_out_and_noted() -> None:
    file = read("2021-04-30,67.2", "2021-05-02,61.5", "2021-05-04,68.9")

    assert [each.bar.session for each in file.prints] == [date(2021, 4, 30), date(2021, 5, 4)]
    assert (
        "prices.csv: 1 row is left out (2021-05-02): no session trades on a Saturday or Sunday" in file.notes
    )


def test_days_filled_from_the_day_before_are_left_out() -> None:
    file = read(
        *(f"2021-12-{day},{price}" for day, price in ((23, 76), (24, 75), (25, 75), (26, 75), (28, 79)))
    )

    assert [each.bar.session.day for each in file.prints] == [23, 24, 28]


def test_days_and_months_that_a_spreadsheet_swapped_are_refused() -> None:
    days = [date(2021, 1, 4) + timedelta(days=at) for at in range(100)]
    weekdays = [day for day in days if day.weekday() < 5]
    swapped = [day.replace(month=day.day, day=day.month) if day.day <= 12 else day for day in weekdays]

    told = faults_of(*(f"{day},{60 + at}" for at, day in enumerate(swapped)))

    assert "a spreadsheet may have swapped day and month" in " ".join(told)
