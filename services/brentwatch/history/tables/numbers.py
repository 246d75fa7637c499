"""Reads the numbers of a column; the column decides whether the decimal sign is a point or a comma."""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables.table import RejectedCell, RejectedRow, Table, TableRow
from brentwatch.wire.input_faults import show_value

NO_VALUE = frozenset(
    ("", ".", "-", "--", "\u2013", "\u2014", "nan", "na", "n/a", "n.a.", "#n/a", "nd", "null", "none", "<na>")
)
"""Texts for a missing number, in lower case: FRED writes a point on holidays."""

_EXPECTED = "expected a number, such as 60.27; correct it, or leave it empty if there is none"
_CUT = "expected digits after the decimal sign, as in the other rows: the number seems truncated; complete it"
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ",
                        "\N{THIN SPACE}": " ", "\N{RIGHT SINGLE QUOTATION MARK}": "'"})  # fmt: skip
_DOLLARS = re.compile(r"(?:US\$|\$|USD)\s?(.+)|(.+?)\s?(?:\$|USD)", re.ASCII | re.IGNORECASE)
_SHAPE = re.compile(r"[+-]?[.,' ]*+\d[\d.,' ]*+(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NUMBER = {
    decimal: re.compile(
        rf"(?P<whole>[+-]?(?:\d+|\d{{1,3}}(?P<mark>[{other}' ])\d{{3}}(?:(?P=mark)\d{{3}})*)?)"
        rf"(?:[{decimal}](?P<part>\d+))?(?P<power>[eE][+-]?\d{{1,3}})?",
        re.ASCII,
    )
    for decimal, other in ((".", ","), (",", "."))
}
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_DIGITS = frozenset("0123456789")
_SHORTENED = re.compile(r"[+-]?\d[.,]\d{2}E[+-]\d{2}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_FRACTION = re.compile(r"\d{1,2}|\d{3}(?:\.\d+)?", re.ASCII)
_LONGEST = 60
_FEWEST_ALIKE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of the column at `at`; `how` says that its decimal sign is a comma, or is ""."""

    table: str
    column: str
    at: int
    decimal: str
    cut_line: int | None

    @property
    def how(self) -> str:
        """Words for the line that says how the file was read."""
        return "decimal comma" if self.decimal == "," else ""

    def is_empty(self, row: TableRow) -> bool:
        """True if the cell is empty, or says that there is no number."""
        text = row.cells[self.at]
        return not text or (text[-1] not in _DIGITS and text.casefold() in NO_VALUE)

    def read_value(self, row: TableRow) -> float | None:
        """The number; None if the cell is empty, or says that there is none.

        Raises:
            RejectedCell: if it is not a finite number, or seems truncated.
        """
        text = row.cells[self.at]
        if self.decimal == "." and _PLAIN.fullmatch(text) and row.line != self.cut_line:
            return float(text)
        if self.is_empty(row):
            return None
        number = _parse_number(text, self.decimal)
        if number is None or row.line == self.cut_line or _SHORTENED.fullmatch(text):
            seems_cut = text[-1:] in ".," or number is not None
            found = f"{self.column} is {show_value(text)}"
            raise RejectedCell(self.table, RejectedRow(row.line, found, _CUT if seems_cut else _EXPECTED))
        return number

    def read_whole(self, row: TableRow) -> int | None:
        """The same for a whole number, which may be written as 3.0.

        Raises:
            RejectedCell: if it is not one.
        """
        number = self.read_value(row)
        if number is not None and not (number.is_integer() and abs(number) < 2**53):
            found = f"{self.column} is {show_value(row.cells[self.at])}"
            expected = "expected a whole number; correct it, or leave it empty if there is none"
            raise RejectedCell(self.table, RejectedRow(row.line, found, expected))
        return None if number is None else int(number)


class _Evidence(NamedTuple):
    """The first row that shows each decimal sign, and the first that could be either."""

    point: tuple[int, str] | None
    comma: tuple[int, str] | None
    either: tuple[int, str] | None


def read_numbers(table: Table, at: int, *, whole: bool = False) -> Numbers:
    """The numbers of a column; `whole` says that it holds whole numbers, in which 1,200 has no fraction.

    Raises:
        InvalidInput: if its rows contradict each other, or 1,234 could be either 1234 or 1.234.
    """
    decimal = _decide_decimal(table, at, whole=whole)
    return Numbers(
        table=table.name,
        column=table.columns[at],
        at=at,
        decimal=decimal,
        cut_line=_find_cut_line(table, at, decimal),
    )


def refuse_split_numbers(table: Table, at: int) -> None:
    """Refuses prices without a fraction if the next column looks like their fractions.

    In `date,price,note` the row `2018-01-01,60,27` has a cell for each column, and 60.27 is meant.

    Raises:
        InvalidInput: if every row looks like that.
    """
    if table.separator != "," or at + 1 >= len(table.columns):
        return
    pairs = [(row.cells[at], row.cells[at + 1]) for row in table.rows if row.cells[at]]
    if pairs and all(_WHOLE.fullmatch(one) and _FRACTION.fullmatch(other) for one, other in pairs):
        one, other = pairs[0]
        raise InvalidInput(
            f"{table.name} has {show_value(f'{one},{other}')} in the columns "
            f"{show_value(table.columns[at])} and "
            f"{show_value(table.columns[at + 1])}, perhaps one number with a decimal comma or thousands "
            "mark; "
            "expected numbers with a decimal point; write them so, or save the file with semicolons"
        )


def _decide_decimal(table: Table, at: int, *, whole: bool) -> str:
    if table.separator in (",", "") and not any("," in row.cells[at] for row in table.rows):
        return "."
    evidence = _collect_evidence(table, at)
    where = f"the column {show_value(table.columns[at])} of {table.name}"
    if evidence.point and evidence.comma:
        (line, text), (other, again) = evidence.point, evidence.comma
        raise InvalidInput(
            f"{where} has {show_value(text)} in row {line} and {show_value(again)} in row {other}; expected "
            "one "
            "decimal sign; write all numbers with a decimal point"
        )
    if evidence.comma or evidence.point:
        return "," if evidence.comma else "."
    if evidence.either is None or (table.separator in (",", "") and (whole or "." in evidence.either[1])):
        return "."
    if (told := _decide_by_others(table, at)) is not None:
        return told
    line, text = evidence.either
    raise InvalidInput(
        f"{where} has {show_value(text)} in row {line}, whose comma or point could be a decimal sign or a "
        "thousands separator; expected unambiguous numbers; write them without thousands "
        "separators and with a decimal point, and separate cells with commas"
    )


def _decide_by_others(table: Table, at: int) -> str | None:
    found = [_collect_evidence(table, other) for other in range(len(table.columns)) if other != at]
    point, comma = any(each.point for each in found), any(each.comma for each in found)
    return None if point == comma else "." if point else ","


def _collect_evidence(table: Table, at: int) -> _Evidence:
    point = comma = either = None
    for line, cells in table.rows:
        text = cells[at]
        if text.isdecimal() or ("." not in text and "," not in text):
            continue
        match _find_sign(_strip_signs(text)):
            case ".":
                point = point or (line, text)
            case ",":
                comma = comma or (line, text)
            case "?":
                either = either or (line, text)
            case _:
                continue
        if point and comma:
            break
    return _Evidence(point, comma, either)


def _find_sign(text: str) -> str | None:
    """The decimal sign of a number, "?" if it is ambiguous; None if it is not a number."""
    points, commas = text.count("."), text.count(",")
    if len(text) > _LONGEST or not _SHAPE.fullmatch(text):
        return None
    if points and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    if points + commas > 1:
        return "," if points else "."
    if _PERHAPS_THOUSANDS.fullmatch(text):
        return "?"
    return "." if points else ","


def _strip_signs(text: str) -> str:
    """The number without a sign for dollars, and with plain spaces and minus."""
    if len(text) > _LONGEST:
        return text
    text = text.translate(_SIGNS)
    found = _DOLLARS.fullmatch(text) if "$" in text or text[-1:] in "dD" or text[:1] in "uU" else None
    return (found[1] or found[2]).strip() if found else text


def _parse_number(text: str, decimal: str) -> float | None:
    if len(text) > _LONGEST:
        return None
    text = _strip_signs(text)
    found = _NUMBER[decimal].fullmatch(text)
    if found is None or not any(map(str.isdigit, text)):
        return None
    whole = found["whole"].replace(found["mark"], "") if found["mark"] else found["whole"]
    number = float(
        f"{whole if whole.strip('+-') else f'{whole}0'}.{found['part'] or '0'}{found['power'] or ''}"
    )
    return number if math.isfinite(number) else None


def _find_cut_line(table: Table, at: int, decimal: str) -> int | None:
    """The last row of a file that ends without a line end, if all others have more digits than it."""
    if not table.cut_short or at != len(table.columns) - 1 or len(table.rows) <= _FEWEST_ALIKE:
        return None
    *others, last = table.rows
    places = {_count_places(row.cells[at], decimal) for row in others if row.cells[at]}
    return last.line if len(places) == 1 and _count_places(last.cells[at], decimal) < places.pop() else None


def _count_places(text: str, decimal: str) -> int:
    return len(text.partition(decimal)[2])
