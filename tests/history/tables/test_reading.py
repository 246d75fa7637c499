from __future__ import annotations

import csv
import io
import random
import zipfile
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.history.tables.variants import ACCEPTED, REFUSED, frame, parquet, sheet, xlsx

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import (
    Dates,
    DayOrder,
    Table,
    describe_rejections,
    read_dates,
    read_json_lines,
    read_numbers,
    read_table,
    refuse_split_numbers,
)

HEADER = ("date", "usd_per_bbl", "note")


def table(text: str) -> Table:
    return read_table("t.csv", text.encode(), ("date",))


def column(*cells: str, separator: str = ",") -> Table:
    return table("\n".join((f"date{separator}x", *(f"{cell}{separator}1" for cell in cells), "")))


@pytest.mark.parametrize("variant", ACCEPTED | REFUSED)
def test_every_row_of_a_file_is_read_left_out_or_rejected(variant: str) -> None:
    data = (ACCEPTED | REFUSED)[variant](HEADER)
    try:
        found = read_table("t", data, ("date",))
    except InvalidInput:
        return

    counted = found.header_rows + len(found.rows) + len(found.dropped) + len(found.rejected)
    assert counted == found.total


def test_the_rows_are_those_that_the_csv_parser_finds() -> None:
    text = 'Title\n\ndate,x\n2024-05-07,"a\nb"\n\n2024-05-08,1,2\n2024-05-09\n2024-05-10,c\nSource: me\n'
    found = table(text)

    assert found.total == len(list(csv.reader(io.StringIO(text, newline=""))))
    assert [row.line for row in found.rows] == [4, 9]
    assert [row.line for row in found.rejected] == [7, 8]
    assert found.how == (
        "t.csv was read as comma-separated text in UTF-8, header in row 3; "
        "left out: 1 title row, 2 empty rows, 1 footer"
    )


def test_all_footers_are_left_out_and_a_last_row_without_a_value_is_none() -> None:
    found = table("date,x\n2024-05-07,1\n2024-05-08,\nTotal,1\n\nSource: me\nFetched by hand\n")

    assert [row.line for row in found.rows] == [2, 3]
    assert [(row.line, row.why) for row in found.dropped] == [
        (4, "footer"),
        (5, "empty row"),
        (6, "footer"),
        (7, "footer"),
    ]
    assert found.rejected == ()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_file_with_too_many_rows_is_refused_whatever_ends_them(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brentwatch.history.tables.delimited.MOST_ROWS", 3)
    with pytest.raises(InvalidInput, match="more than 3 rows"):
        table(end.join(["date,x", *["2024-05-07,1"] * 4]))


def test_a_row_that_cannot_be_read_says_what_it_has_and_what_to_do() -> None:
    found = table("date,usd_per_bbl\n2018-01-01,60,27\n")

    assert list(describe_rejections(found.name, found.rejected)) == [
        "row 2 of t.csv: has 3 cells, the header 2: '2018-01-01,60,27'; expected no more cells than columns; "
        "write numbers with a decimal point and without thousands separators, put text with commas in "
        "quotes, or save the file with semicolons"
    ]


def test_a_quote_that_never_closes_costs_its_own_row() -> None:
    found = table('date,x\n2024-05-07,"a\n2024-05-08,b\n2024-05-09,c\n')

    assert [row.line for row in found.rows] == [3, 4]
    assert [(row.line, "quote" in row.found) for row in found.rejected] == [(2, True)]


def test_a_line_end_within_a_cell_of_text_is_kept_and_rows_are_still_counted_by_lines() -> None:
    found = table('date,x\n2024-05-07,"a\nb\nc"\n2024-05-08,d\u2028e\x0bf\x85g\n')

    assert [(row.line, row.cells[1]) for row in found.rows] == [(2, "a\nb\nc"), (5, "d\u2028e\x0bf\x85g")]


def test_more_rows_with_open_quotes_than_anybody_would_mend_refuse_the_file() -> None:
    with pytest.raises(InvalidInput, match="more than 1,000 rows"):
        table("date,x\n" + '2024-05-07,"a"b\n' * 1_100)


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["13/05/2024", "07/05/2024"], [date(2024, 5, 13), date(2024, 5, 7)]),
        (["5/13/2024", "5/7/2024"], [date(2024, 5, 13), date(2024, 5, 7)]),
        (["05/05/2024"], [date(2024, 5, 5)]),
        (["2024-05-07 00:00:00-04:00"], [date(2024, 5, 7)]),
        (["2024-05-07 16:00:00", "2024-05-08 16:00:00"], [date(2024, 5, 7), date(2024, 5, 8)]),
        (["Tue 7 May 2024", "Sept. 9, 2024".replace(",", "")], [date(2024, 5, 7), date(2024, 9, 9)]),
        (["7th May 2024", "08-Jun-69"], [date(2024, 5, 7), date(1969, 6, 8)]),
        (["07 May 2024 12:00 AM"], [date(2024, 5, 7)]),
    ],
)
def test_a_column_of_dates_is_read_as_a_whole(cells: list[str], days: list[date]) -> None:
    found = column(*cells)
    dates = read_dates(found, 0)

    assert [dates.read_day(row) for row in found.rows] == days


@pytest.mark.parametrize(
    "cells",
    [
        ["07/05/2024", "08/05/2024"],
        ["13/05/2024", "05/14/2024"],
        ["13/05/2024", "2024-05-14"],
        ["43101", "43102"],
        [str(41_639 + at) for at in range(12)],
    ],
)
def test_dates_that_could_mean_two_things_are_refused_once(cells: list[str]) -> None:
    with pytest.raises(InvalidInput, match="expected") as error:
        read_dates(column(*cells), 0)
    assert len(error.value.faults) == 1


@pytest.mark.parametrize("order", DayOrder)
def test_the_user_says_what_comes_first(order: DayOrder) -> None:
    found = column("07/05/2024", "13/05/2024")
    dates = read_dates(found, 0, order)

    assert dates.read_day(found.rows[0]) == (
        date(2024, 5, 7) if order is DayOrder.DAY_FIRST else date(2024, 7, 5)
    )
    if order is DayOrder.MONTH_FIRST:
        with pytest.raises(InvalidInput, match=r"row 3 of t\.csv: date is '13/05/2024'"):
            dates.read_day(found.rows[1])


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-07T23:00:00Z",
        "2024-05-07 04:00:00+00:00",
        "13/05/24",
        "2024-02-30",
        "0024-05-07",
        "May 2024",
        "x",
    ],
)
def test_what_leaves_open_which_day_is_meant_is_no_day(cell: str) -> None:
    found = column(cell)
    with pytest.raises(InvalidInput, match=r"row 2 of t\.csv: date is"):
        read_dates(found, 0).read_day(found.rows[0])


def test_one_late_hour_in_all_rows_leaves_the_day_open_too() -> None:
    found = column("2024-05-07 23:00:00", "2024-05-08 23:00:00")
    with pytest.raises(InvalidInput, match=r"row 2 of t\.csv: date is"):
        read_dates(found, 0).read_day(found.rows[0])


@pytest.mark.parametrize(
    ("cells", "separator", "numbers"),
    [
        (["60,27", "59"], ";", [60.27, 59.0]),
        (["1.234,50", "59"], ";", [1234.5, 59.0]),
        (["1.234", "59,5"], ";", [1234.0, 59.5]),
        (['"1,234.50"', "59"], ",", [1234.5, 59.0]),
        (["1'234.50", "1 234.50"], ",", [1234.5, 1234.5]),
        (["-36.98", "\u221236.98"], ",", [-36.98, -36.98]),
        (["$60.27", "60.27 USD"], ",", [60.27, 60.27]),
        (["2.345", ".5"], ",", [2.345, 0.5]),
        (["NaN", "#N/A"], ",", [None, None]),
        (["1e-3", "6.027e+01"], ",", [0.001, 60.27]),
    ],
)
def test_a_column_of_numbers_is_read_as_a_whole(
    cells: list[str], separator: str, numbers: list[float | None]
) -> None:
    found = column(*cells, separator=separator)
    read = read_numbers(found, 0)

    assert [read.read_value(row) for row in found.rows] == numbers


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["1.234", "2.345"], ";"), (['"1,234"', '"2,345"'], ","), (["60,27", "60.28"], ";")],
)
def test_numbers_that_could_mean_two_things_are_refused(cells: list[str], separator: str) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        read_numbers(column(*cells, separator=separator), 0)


def test_another_column_may_show_what_a_comma_means() -> None:
    found = table('date,killed,lat\n2024-05-07,"1,200",5.75\n')

    assert read_numbers(found, 1).read_value(found.rows[0]) == 1200


def test_a_count_has_no_fraction() -> None:
    found = table('date,killed\n2024-05-07,"1,200"\n2024-05-08,3.0\n')
    counts = read_numbers(found, 1, whole=True)

    assert [counts.read_whole(row) for row in found.rows] == [1200, 3]


@pytest.mark.parametrize(
    "cell", ["60.", "6.03E+01", "1e400", "inf", "60%", "1,23.4", "########", "0x10", "6_0", "1'234 567.5"]
)
def test_what_is_cut_or_no_number_is_refused(cell: str) -> None:
    found = column(f'"{cell}"')
    with pytest.raises(InvalidInput, match=r"row 2 of t\.csv: date is"):
        read_numbers(found, 0).read_value(found.rows[0])


def test_the_last_number_of_a_file_that_was_cut_off_is_refused() -> None:
    rows = "".join(f"2024-05-{day:02},60.{day}\n" for day in range(10, 28))
    whole, cut = table(f"date,x\n{rows}2024-05-28,60.28"), table(f"date,x\n{rows}2024-05-28,6")

    assert read_numbers(whole, 1).read_value(whole.rows[-1]) == 60.28
    with pytest.raises(InvalidInput, match=r"row 20 of t\.csv: x is '6'.* the number seems truncated"):
        read_numbers(cut, 1).read_value(cut.rows[-1])


@pytest.mark.parametrize(
    "rows", ["2018-01-01,60,27\n2018-01-02,59,9\n", "2018-01-01,6,027.00\n2018-01-02,5,999\n"]
)
def test_prices_whose_fractions_fill_the_next_column_are_refused(rows: str) -> None:
    with pytest.raises(InvalidInput, match="perhaps one number"):
        refuse_split_numbers(table(f"date,usd_per_bbl,note\n{rows}"), 1)


@pytest.mark.parametrize("rows", ["2018-01-01,60,27\n2018-01-02,59.5,9\n", "2018-01-01,60,shut\n"])
def test_whole_prices_beside_something_else_are_read(rows: str) -> None:
    refuse_split_numbers(table(f"date,usd_per_bbl,note\n{rows}"), 1)


def test_the_last_date_of_a_file_that_was_cut_off_is_refused() -> None:
    found = table("id,date\na,2024-10-17\nb,2024-10-1")
    dates = read_dates(found, 1)

    with pytest.raises(InvalidInput, match=r"row 3 of t\.csv: date is '2024-10-1'"):
        dates.read_moment(found.rows[1])


def test_a_short_last_date_of_a_whole_file_is_read() -> None:
    found = table("id,date\na,13/05/2024\nb,14/05/2024\nc,7/05/2024\n")

    assert read_dates(found, 1).read_day(found.rows[2]) == date(2024, 5, 7)


def test_two_sheets_that_could_be_meant_are_refused() -> None:
    data = xlsx(sheet(HEADER), ("2023", "2024"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet1.xml"]
    with pytest.raises(InvalidInput, match="each of the sheets '2023', '2024'; expected one"):
        read_table("t.xlsx", zipped(parts), ("date",))


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["far off", "unpacked", "repeated"])
@pytest.mark.slow
def test_a_workbook_that_would_fill_the_memory_is_refused(kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx(sheet(HEADER)))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    first = parts["xl/worksheets/sheet1.xml"]
    match kind:
        case "far off":
            first = first.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            )
        case "unpacked":
            first += b" " * (201 << 20)
        case "repeated":
            cells = b'<c t="s"><v>0</v></c>' * 30_000
            first = first.replace(b"</sheetData>", b"<row>" + cells + b"</row></sheetData>")
            parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    with pytest.raises(InvalidInput, match="expected"):
        read_table("t.xlsx", zipped(parts | {"xl/worksheets/sheet1.xml": first}), ("date",))


def test_excel_datetimes_keep_their_time() -> None:
    data = xlsx([["date", "x"], [datetime(2024, 5, 7, 13, 30), 1]])  # noqa: DTZ001  a sheet has no zone

    assert read_table("t.xlsx", data, ("date",)).rows[0].cells == ("2024-05-07 13:30:00", "1")


def test_an_excel_date_that_is_a_rounding_error_before_midnight_is_the_next_day() -> None:
    data = xlsx([["date", "x"], [datetime(2024, 5, 6, 23, 59, 59, 999_600), 1]])  # noqa: DTZ001  a sheet has no zone

    assert read_table("t.xlsx", data, ("date",)).rows[0].cells[0] == "2024-05-07"


class PanicException(BaseException):
    """As the library in Rust raises it."""


@pytest.mark.parametrize(
    ("error", "seen"), [(PanicException(), InvalidInput), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_a_panic_of_the_library_costs_the_file_and_a_wish_to_stop_is_none(
    error: BaseException, seen: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def from_filelike(_: object) -> None:
            raise error

    monkeypatch.setattr("python_calamine.CalamineWorkbook", Broken)
    with pytest.raises(seen):
        read_table("t.xlsx", xlsx(sheet(HEADER)), ("date",))


@pytest.mark.usefixtures("without_pyarrow")
@pytest.mark.parametrize("data", [parquet(frame(HEADER)), b"PAR1 and then nothing"])
def test_without_pyarrow_a_parquet_file_is_refused_with_what_to_install(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_table("t.parquet", data, ("date",))

    (told,) = caught.value.faults
    assert told.startswith("t.parquet is a Parquet file, and pyarrow, which reads it, cannot be imported (")
    assert told.endswith(
        'expected the extra "parquet"; run pip install "brentwatch[parquet]", or save the file as CSV'
    )


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_every_other_table_is_read() -> None:
    assert read_table("t.csv", b"date,usd_per_bbl\n2024-05-07,60.5\n", ("date",)).rows
    assert read_table("t.xlsx", xlsx(sheet(HEADER)), ("date",)).rows


def test_a_parquet_file_that_says_it_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brentwatch.history.tables.parquet.MOST_ROWS", 13)
    with pytest.raises(InvalidInput, match=r"14 rows of 3 columns.* expected at most"):
        read_table("t.parquet", parquet(frame(HEADER)), ("date",))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["x" * 2_000], "bytes unpacked; expected at most"),
        (["x" * 100] * 200, "when it is unpacked; split it"),
    ],
    ids=["as it says", "once its repeated texts are written out"],
)
def test_a_parquet_file_that_would_fill_the_memory_is_refused(
    texts: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brentwatch.history.tables.parquet.MOST_BYTES", 1_500)
    with pytest.raises(InvalidInput, match=told):
        read_table("t.parquet", parquet(pd.DataFrame({"date": texts})), ("date",))


def test_midnight_with_a_zone_in_parquet_is_an_instant_and_no_bare_date() -> None:
    times = pd.to_datetime(["2024-05-07T00:00:00-04:00"])
    found = read_table("t.parquet", parquet(pd.DataFrame({"date": times})), ("date",))

    assert found.rows[0].cells == ("2024-05-07 00:00:00-04:00",)


def test_single_precision_is_read_as_it_was_meant() -> None:
    found = read_table("t.parquet", parquet(frame(HEADER).astype({"usd_per_bbl": "float32"})), ("date",))

    assert found.rows[0].cells[0] == "60.27"


def test_json_lines_are_split_at_line_ends_only() -> None:
    lines = read_json_lines("e.jsonl", b'\xef\xbb\xbf{"a":"\xe2\x80\xa8"}\r\n\n{"b":1}')

    assert [tuple(line) for line in lines] == [(1, b'{"a":"\xe2\x80\xa8"}'), (3, b'{"b":1}')]
    assert len(read_json_lines("e.jsonl", b'{"a":\r1}\n')) == 1
    assert read_json_lines("e.jsonl", '{"a":1}\n'.encode("utf-16"))[0].data == b'{"a":1}'


SEEDS = [variant(HEADER) for variant in (ACCEPTED | REFUSED).values()]


def mutate(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 20)]
            case 2:
                changed[at:at] = chance.choice(
                    [b'"', b",", b";", b"\n", b"\x00", b"\xff", b"1e999", b"\xe2\x80\xa8"]
                )
            case _:
                changed[at:at] = changed[: chance.randint(1, 30)]
    return bytes(changed)


def read_all(data: bytes) -> None:
    """Everything that a reader does; only `InvalidInput` may come out."""
    found = read_table("t", data, ("date",))
    assert found.header_rows + len(found.rows) + len(found.dropped) + len(found.rejected) == found.total
    for at in range(len(found.columns)):
        for reader in (read_dates, read_numbers):
            try:
                read = reader(found, at)
            except InvalidInput:
                continue
            for row in found.rows:
                try:
                    _ = read.read_moment(row) if isinstance(read, Dates) else read.read_value(row)
                except InvalidInput:
                    continue


@pytest.mark.parametrize("seed", range(10))
def test_whatever_the_bytes_it_is_a_table_or_a_sentence(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  seeded
    for _ in range(200):
        try:
            read_all(mutate(chance.choice(SEEDS), chance))
        except InvalidInput:
            continue


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='date,;\t|"\n\r0123456789-/.:x', max_size=80).map(str.encode),
    )
)
def test_whatever_the_text_it_is_a_table_or_a_sentence(data: bytes) -> None:
    for content in (data, b"date,x\n" + data, b"PAR1" + data, b"PK\x03\x04" + data):
        try:
            read_all(content)
        except InvalidInput:
            continue


@pytest.mark.attack
def test_a_small_workbook_of_very_many_cells_is_refused_before_it_is_read() -> None:
    """150 kB that unpack to 60 MB of cells: as text they take a gigabyte."""
    with zipfile.ZipFile(io.BytesIO(xlsx(sheet(HEADER)))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    first = parts["xl/worksheets/sheet1.xml"]
    rows = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    parts["xl/worksheets/sheet1.xml"] = first.replace(b"</sheetData>", rows * 40_000 + b"</sheetData>")
    data = zipped(parts)
    assert len(data) < 200_000
    with pytest.raises(InvalidInput, match="unpacked; expected less for a workbook of"):
        read_table("t.xlsx", data, ("date",))
