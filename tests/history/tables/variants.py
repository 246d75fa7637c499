"""One small table as people really save it: every variant holds the same rows, or cannot be read."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Row(NamedTuple):
    day: date
    number: float
    text: str


def weekdays(start: date, count: int) -> list[date]:
    days = (start + timedelta(days=at) for at in range(2 * count))
    return [day for day in days if day.weekday() < 5][:count]


ROWS = tuple(
    Row(day, 60.27 + at * 1.13, f"item {at}") for at, day in enumerate(weekdays(date(2024, 5, 6), 14))
)
Header = tuple[str, str, str]
"""What the columns of the date, the number and the text are called."""


def text(
    header: Sequence[str],
    separator: str = ",",
    day: Callable[[date], str] = date.isoformat,
    number: Callable[[float], str] = "{:.2f}".format,
    end: str = "\n",
) -> str:
    lines = [separator.join(header)]
    lines += [separator.join((day(row.day), number(row.number), row.text)) for row in ROWS]
    return end.join((*lines, ""))


def comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def frame(header: Header) -> pd.DataFrame:
    days = pd.DatetimeIndex([row.day for row in ROWS], name=header[0])
    data = {header[1]: [round(row.number, 2) for row in ROWS], header[2]: [row.text for row in ROWS]}
    return pd.DataFrame(data, index=days)


def parquet(table: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    table.to_parquet(out)
    return out.getvalue()


def serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


def xlsx(rows: Sequence[Sequence[object]], sheets: Sequence[str] = ("Sheet1",), more: str = "") -> bytes:
    """A workbook whose first sheet has these rows; the others are empty. Days are cells in a date format."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    names = range(1, len(sheets) + 1)
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{links}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {space} xmlns:r="{links}"><sheets>'
            + "".join(
                f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>'
                for at, name in zip(names, sheets, strict=True)
            )
            + "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}">'
            + "".join(
                f'<Relationship Id="r{at}" Type="{links}/worksheet" Target="worksheets/sheet{at}.xml"/>'
                for at in names
            )
            + f'<Relationship Id="r99" Type="{links}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet {space}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
            "</cellXfs></styleSheet>",
        )
        body = "".join(
            f'<row r="{at}">{"".join(_cell(at, column, cell) for column, cell in enumerate(row))}</row>'
            for at, row in enumerate(rows, start=1)
        )
        for at in names:
            inner = body if at == 1 else ""
            archive.writestr(
                f"xl/worksheets/sheet{at}.xml",
                f"<worksheet {space}>{more}<sheetData>{inner}</sheetData></worksheet>",
            )
    return out.getvalue()


def _cell(row: int, column: int, value: object) -> str:
    place = f"{chr(65 + column)}{row}"
    match value:
        case None:
            return ""
        case datetime():
            days = (value - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001  a sheet has no zone
            return f'<c r="{place}" s="2"><v>{days!r}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{serial(value)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{value!r}</v></c>'
        case _:
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(header: Header) -> list[list[object]]:
    return [list(header), *([row.day, round(row.number, 2), row.text] for row in ROWS)]


def _levels(header: Header) -> str:
    rows = "".join(f"{row.day},{row.number:.2f},{row.text}\n" for row in ROWS)
    return f"Price,{header[1]},{header[2]}\nTicker,BZ=F,BZ=F\n{header[0]},,\n{rows}"


ACCEPTED: dict[str, Callable[[Header], bytes]] = {
    "plain": lambda header: text(header).encode(),
    "UTF-8 with a mark": lambda header: text(header).encode("utf-8-sig"),
    "UTF-16": lambda header: text(header).encode("utf-16"),
    "UTF-16 big-endian without a mark": lambda header: text(header).encode("utf-16-be"),
    "UTF-16 with tabs, as Excel saves Unicode text": lambda header: text(header, "\t").encode("utf-16"),
    "Windows-1252": lambda header: (
        text(header).replace("item 3", "Caf\u00e9 \u201cnoir\u201d").encode("cp1252")
    ),
    "Windows line ends": lambda header: text(header, end="\r\n").encode(),
    "old Mac line ends": lambda header: text(header, end="\r").encode(),
    "semicolons": lambda header: text(header, ";").encode(),
    "semicolons and decimal commas": lambda header: text(header, ";", number=comma).encode(),
    "tabs": lambda header: text(header, "\t").encode(),
    "tabs and decimal commas": lambda header: text(header, "\t", number=comma).encode(),
    "pipes": lambda header: text(header, "|").encode(),
    "quoted decimal commas": lambda header: text(header, number=lambda n: f'"{comma(n)}"').encode(),
    "dollars": lambda header: text(header, number="${:.2f}".format).encode(),
    "a sep line": lambda header: ("sep=;\r\n" + text(header, ";", end="\r\n")).encode(),
    "a header in capitals with spaces": lambda header: text(
        [f" {name.upper()} " for name in header]
    ).encode(),
    "a header with spaces for underscores": lambda header: text(
        [name.replace("_", " ") for name in header]
    ).encode(),
    "title lines": lambda header: ("Report of the desk\nMay 2024\n\n" + text(header)).encode(),
    "title lines as Excel saves them": lambda header: ("Report of the desk,,\n,,\n" + text(header)).encode(),
    "a footer": lambda header: (text(header) + "\nSource: the desk\n").encode(),
    "totals": lambda header: (text(header) + ",,\nTotal,860,\n").encode(),
    "empty rows": lambda header: text(header).replace("item 2\n", "item 2\n\n,,\n").encode(),
    "trailing empty columns": lambda header: text(header, end=",,\n").encode(),
    "spaces after separators": lambda header: text(header, ", ").encode(),
    "quotes around all": lambda header: text(
        [f'"{name}"' for name in header], day=lambda d: f'"{d}"', number='"{:.2f}"'.format
    ).encode(),
    "a line end in a cell": lambda header: text(header).replace("item 4", '"item\n4"').encode(),
    "U+2028 in a cell": lambda header: text(header).replace("item 4", "item\u20284").encode(),
    "form feed and vertical tab in a cell": lambda header: (
        text(header).replace("item 4", "it\x0cem\x0b4").encode()
    ),
    "midnight": lambda header: text(header, day=lambda d: f"{d} 00:00:00").encode(),
    "midnight with T": lambda header: text(header, day=lambda d: f"{d}T00:00").encode(),
    "slashes, year first": lambda header: text(header, day="{:%Y/%m/%d}".format).encode(),
    "day first": lambda header: text(header, day="{:%d/%m/%Y}".format).encode(),
    "day first with dots": lambda header: text(header, ";", day="{:%d.%m.%Y}".format, number=comma).encode(),
    "month first": lambda header: text(header, day=lambda d: f"{d.month}/{d.day}/{d.year}").encode(),
    "the month by name": lambda header: text(header, day="{:%d %B %Y}".format).encode(),
    "the month in short": lambda header: text(header, day="{:%d-%b-%y}".format).encode(),
    "American": lambda header: text(header, day='"{:%b %d, %Y}"'.format).encode(),
    "with the weekday": lambda header: text(header, day='"{:%A, %d %B %Y}"'.format).encode(),
    "eight digits": lambda header: text(header, day="{:%Y%m%d}".format).encode(),
    "Excel day numbers": lambda header: text(header, day=serial).encode(),
    "pandas to_csv": lambda header: frame(header).to_csv().encode(),
    "pandas to_csv without a name of the index": lambda header: (
        frame(header).rename_axis(None).to_csv().encode()
    ),
    "pandas to_csv with numbered rows": lambda header: frame(header).reset_index().to_csv().encode(),
    "the levels that yfinance writes": lambda header: _levels(header).encode(),
    "Parquet": lambda header: parquet(frame(header)),
    "Parquet without a name of the index": lambda header: parquet(frame(header).rename_axis(None)),
    "Parquet with numbered rows": lambda header: parquet(frame(header).reset_index()),
    "Parquet with levels": lambda header: parquet(
        frame(header).set_axis(
            pd.MultiIndex.from_tuples([(header[1], "BZ=F"), (header[2], "BZ=F")], names=["Price", "Ticker"]),
            axis=1,
        )
    ),
    "XLSX": lambda header: xlsx(sheet(header)),
    "XLSX with titles": lambda header: xlsx([["Report of the desk"], [], *sheet(header)]),
    "XLSX with empty sheets": lambda header: xlsx(sheet(header), ("Prices", "Sheet2", "Sheet3")),
    "XLSX with times": lambda header: xlsx(
        [header, *([datetime(*row.day.timetuple()[:3]), row.number, row.text] for row in ROWS)]  # noqa: DTZ001
    ),
    "XLSX with text": lambda header: xlsx(
        [header, *([row.day.isoformat(), comma(row.number), row.text] for row in ROWS)]
    ),
}

REFUSED: dict[str, Callable[[Header], bytes]] = {
    "decimal commas between commas": lambda header: text(header, number=comma).encode(),
    "thousands between commas": lambda header: text(header, number=lambda n: f"{n * 100:,.2f}").encode(),
    "a row with a cell too many": lambda header: text(header).replace("item 3", "item 3,and more").encode(),
    "a row with a cell too few": lambda header: text(header).replace(",item 3", "").encode(),
    "a quote that never closes": lambda header: text(header).replace("item 3", '"item 3').encode(),
    "a quote that closes rows later": lambda header: (
        text(header).replace("item 3", '"item 3').replace("item 6", 'item 6"').encode()
    ),
    "two dates": lambda header: text((*header[:2], header[0])).encode(),
    "two numbers": lambda header: text((*header[:2], header[1].upper())).encode(),
    "a NUL character": lambda header: text(header).replace("item 3", "item\x003").encode(),
    "a number that is cut": lambda header: text(header).replace("61.40", "61.").encode(),
    "a number as a spreadsheet shortens it": lambda header: (
        text(header).replace("61.40", "6.14E+01").encode()
    ),
    "a number that is none": lambda header: text(header).replace("61.40", "########").encode(),
    "a number that is infinite": lambda header: text(header).replace("61.40", "1e400").encode(),
    "infinity": lambda header: text(header).replace("61.40", "inf").encode(),
    "two decimal signs": lambda header: text(header, ";").replace("61.40", "61,40").encode(),
    "perhaps thousands": lambda header: text(header, ";", number="{:.3f}".format).encode(),
    "both orders of day and month": lambda header: (
        text(header, day="{:%d/%m/%Y}".format).replace("06/05/2024", "05/16/2024").encode()
    ),
    "dates that a spreadsheet swapped in part": lambda header: text(
        header, day=lambda d: f"{d:%d/%m/%Y}" if d.day > 12 else f"{d:%Y-%d-%m} 00:00:00"
    ).encode(),
    "years of two digits": lambda header: text(header, day="{:%d/%m/%y}".format).encode(),
    "another encoding": lambda header: text(header).replace("item 3", "Москва бастует").encode("cp1251"),
    "UTF-8 and Windows-1252 in one file": lambda header: (
        text(header).replace("item 3", "Café").encode() + b"2024-05-30,1.00,Caf\xe9\n"
    ),
    "gzip": lambda _: b"\x1f\x8b\x08\x00" + bytes(40),
    "a workbook of the old kind": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a damaged workbook": lambda header: xlsx(sheet(header))[:-200],
    "a damaged Parquet file": lambda header: parquet(frame(header))[:-20],
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "nothing": lambda _: b"",
}
