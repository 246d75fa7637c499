"""Reads one cell as a date or a time, in each supported notation."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1900, 2200

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = re.compile(r"(?:\d{4}-\d{2}-\d{2}\n)*", re.ASCII)
_LENGTH = len("2024-05-07\n")


def is_plain_day(text: str) -> bool:
    """True for YYYY-MM-DD, even if the day does not exist."""
    return _DAY.fullmatch(text) is not None


def are_plain_days(texts: Sequence[str]) -> bool:
    """True if each text has this form."""
    joined = "\n".join((*texts, "")) if texts else ""
    return len(joined) == _LENGTH * len(texts) and _DAYS.fullmatch(joined) is not None


def read_plain_day(text: str) -> date | None:
    """The day of such a text; None if it does not exist."""
    try:
        day = date.fromisoformat(text) if len(text) == _LENGTH - 1 else None
    except ValueError:
        return None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


_CLOCK = (
    r"(?:(?:T|,?\s+)(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(?:\s?(?P<half>[AaPp][Mm]))?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _CLOCK, re.ASCII)
_NUMBERS = re.compile(r"(?P<one>\d{1,2})([/.-])(?P<two>\d{1,2})\2(?P<year>\d{4})" + _CLOCK, re.ASCII)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_NAMED = re.compile(
    _WEEKDAY + r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.-]+(?P<name>[a-z]{3,9})\.?,?[\s-]+"
    r"(?P<year>\d{4}|\d{2})|(?P<name2>[a-z]{3,9})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{4}))"
    + _CLOCK,
    re.ASCII | re.IGNORECASE,
)  # fmt: skip
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
_SERIAL = re.compile(r"[1-9]\d{4}(\.0+)?", re.ASCII)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_EXCEL_BEGINS = date(1899, 12, 30)
_FIRST_SHORT_YEAR = 69
_LONGEST = 60


class DayOrder(StrEnum):
    """Which comes first in a date such as 07/05/2024."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Numbered(NamedTuple):
    """The first two numbers of a date such as 07/05/2024, whose meaning the column decides."""

    one: int
    two: int


def read_numbered(text: str) -> Numbered | None:
    """The day and the month of a date of numbers alone, in their order in the text; None for other texts."""
    found = _NUMBERS.fullmatch(text) if len(text) <= _LONGEST else None
    return Numbered(int(found["one"]), int(found["two"])) if found else None


def is_serial(text: str) -> bool:
    """True for an Excel day number: 43101 is 2018-01-01."""
    return _SERIAL.fullmatch(text) is not None


def read_serial(text: str) -> date:
    """The day of such a number, from the first day of 1900."""
    return _EXCEL_BEGINS + timedelta(days=int(float(text)))


def read_compact(text: str) -> date | None:
    """The day of eight digits, 20240507."""
    found = _COMPACT.fullmatch(text)
    moment = _build_datetime(found["year"], found["month"], found["day"]) if found else None
    return moment.date() if moment else None


def read_moment(text: str, order: DayOrder | None) -> date | datetime | None:
    """A day, or a time with or without its zone; None for other text."""
    if len(text) > _LONGEST:
        return None
    if is_plain_day(text):
        return read_plain_day(text)
    if found := _YEAR_FIRST.fullmatch(text):
        parts = found["year"], found["month"], found["day"]
    elif found := _NUMBERS.fullmatch(text):
        day, month = ("one", "two") if order is not DayOrder.MONTH_FIRST else ("two", "one")
        parts = found["year"], found[month], found[day]
    elif found := _NAMED.fullmatch(text):
        parts = (
            _complete_year(found["year"] or found["year2"]),
            _parse_month(found),
            found["day"] or found["day2"],
        )
    else:
        return _parse_iso(text)
    told = _build_datetime(*parts)
    return told if told is None else _add_clock(told, found)


def _build_datetime(year: str, month: str, day: str) -> datetime | None:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        return datetime(int(year), int(month), int(day))  # noqa: DTZ001  its zone is read after it
    except ValueError:
        return None


def _complete_year(text: str) -> str:
    if len(text) == 4:
        return text
    return f"{'19' if int(text) >= _FIRST_SHORT_YEAR else '20'}{text}"


def _parse_month(found: re.Match[str]) -> str:
    name = (found["name"] or found["name2"]).lower()
    return next((str(at) for at, month in enumerate(_MONTHS, start=1) if month.startswith(name)), "0")


def _add_clock(day: datetime, found: re.Match[str]) -> date | datetime | None:
    if found["clock"] is None:
        return day.date()
    clock = _parse_clock(found["clock"], found["half"])
    zone = None if found["zone"] is None else _parse_zone(found["zone"])
    if clock is None or (found["zone"] is not None and zone is None):
        return None
    return datetime.combine(day, clock, zone)


def _parse_clock(text: str, half: str | None) -> time | None:
    hours, minutes, *seconds = text.replace(",", ".").split(":")
    hour = int(hours)
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    whole, _, fraction = seconds[0].partition(".") if seconds else ("0", "", "")
    try:
        return time(hour, int(minutes), int(whole), int(fraction[:6].ljust(6, "0")))
    except ValueError:
        return None


def _parse_zone(text: str) -> timezone | None:
    """None if it cannot be one."""
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _parse_iso(text: str) -> datetime | None:
    """Other forms of ISO 8601 with a time, such as 20190914T004500Z."""
    if not (text[:4].isdigit() and "T" in text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
