"""Figures: signs, digits, units and names as a trader reads them."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files

import pytest

from brentwatch.history.bundled import load_exposure
from brentwatch.message import figures
from brentwatch.message.figures import MINUS
from brentwatch.wire.countries import read_country_table


@pytest.mark.parametrize(
    ("log_return", "expected"),
    [
        (math.log(1.013), "+1.3 %"),
        (math.log(0.968), f"{MINUS}3.2 %"),
        (0.105, "+11.1 %"),
        (0.0001, "+0.0 %"),
        (-0.0001, f"{MINUS}0.0 %"),
        (0.0, "±0.0 %"),
    ],
)
def test_a_log_return_is_a_simple_percent_that_never_lacks_its_sign(log_return: float, expected: str) -> None:
    assert figures.format_percent(log_return) == expected


def test_a_range_names_its_unit_once() -> None:
    assert figures.format_percent_range(math.log(0.969), math.log(1.058)) == f"{MINUS}3.1 to +5.8 %"


def test_a_size_has_no_sign() -> None:
    assert figures.format_size(math.log(1.061)) == "6.1 %"


def test_dollars_have_their_sign_and_unit() -> None:
    assert figures.format_dollars(7.15) == "+7.15 USD/bbl"
    assert figures.format_dollars(-55.9) == f"{MINUS}55.90 USD/bbl"
    assert figures.format_price(-37.63) == f"{MINUS}37.63"


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (1.0, "p = 1.00"),
        (0.4699, "p = 0.47"),
        (0.0999, "p = 0.100"),
        (0.048, "p = 0.048"),
        (0.0104, "p = 0.010"),
        (0.0055, "p = 0.0055"),
        (0.002, "p = 0.0020"),
        (0.00199, "p < 0.002"),
        (0.0, "p < 0.002"),
    ],
)
def test_a_p_has_two_digits_that_count_and_an_end(p: float, expected: str) -> None:
    assert figures.format_p_value(p) == expected


def test_a_level_stands_as_it_was_set() -> None:
    assert [figures.format_level(level) for level in (0.01, 0.006, 0.1)] == ["0.01", "0.006", "0.1"]


@pytest.mark.parametrize(
    ("kbd", "expected"),
    [
        (1_830.0, "1.8 mb/d"),
        (100.0, "0.1 mb/d"),
        (99.6, "0.1 mb/d"),
        (85.2, "85 kb/d"),
        (0.32, "under 1 kb/d"),
        (0.0, "0 kb/d"),
    ],
)
def test_barrels_stand_in_the_unit_they_are_spoken_of(kbd: float, expected: str) -> None:
    assert figures.format_barrels(kbd) == expected


def test_an_unknown_exposure_is_not_zero() -> None:
    weights = (0.65, 1.0, 0.001, 0.0, None)
    expected = ["0.65", "1.00", "under 0.01", "0.00", "exposure unknown"]
    assert [figures.format_exposure(weight) for weight in weights] == expected


def test_an_instant_is_told_in_utc_wherever_it_was_told() -> None:
    almaty = timezone(timedelta(hours=6))
    assert figures.format_utc(datetime(2019, 9, 14, 6, 45, tzinfo=almaty)) == "Sat 14 Sep 00:45 UTC"
    assert (
        figures.format_utc(datetime(2019, 9, 14, 0, 45, tzinfo=UTC), year=True) == "Sat 14 Sep 2019 00:45 UTC"
    )


def test_a_date_has_its_weekday_and_its_year_where_asked() -> None:
    assert figures.format_day(date(2019, 9, 16)) == "Mon 16 Sep"
    assert figures.format_day(date(2019, 9, 16), year=True) == "Mon 16 Sep 2019"


def test_marks_of_an_axis_have_no_digit_too_many() -> None:
    marks = [figures.format_axis_percent(value) for value in (-2.5, 0.0, 5.0)]
    assert marks == [f"{MINUS}2.5 %", "0 %", "+5 %"]


def test_a_count_of_one_is_singular() -> None:
    assert [figures.format_count(count, "event") for count in (1, 2)] == ["1 event", "2 events"]


def test_every_country_that_is_bundled_has_a_name() -> None:
    named = set(load_exposure())
    data = files("brentwatch.history") / "data"
    for folder in data.iterdir():
        if folder.is_dir():
            named |= _countries((folder / "events.jsonl").read_text(encoding="utf-8"))
    assert named - {row.iso3 for row in read_country_table()} == set()


def _countries(events: str) -> set[str]:
    documents = [json.loads(line) for line in events.splitlines()]
    return {code for each in documents for code in (each["country"], *each.get("extra_countries", ()))}
