"""What the calendar alone says of a session."""

from __future__ import annotations

from datetime import date

import pytest

from brentwatch.core.domain import ConfounderKind, is_weekly_report, list_rule_confounders


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (date(2022, 1, 5), True),  # a Wednesday
        (date(2022, 1, 6), False),
        (date(2022, 1, 19), False),  # Martin Luther King day was the Monday
        (date(2022, 1, 20), True),
        (date(2020, 11, 12), True),  # Veterans Day was the Wednesday itself
        (date(2020, 11, 11), False),
        (date(2021, 12, 29), True),  # a holiday of the next week does not count
    ],
)
def test_the_weekly_report_comes_on_wednesday_or_after_a_holiday_on_thursday(
    session: date, *, expected: bool
) -> None:
    assert is_weekly_report(session) is expected


def test_a_session_after_a_long_pause_answers_for_all_of_it() -> None:
    (found,) = list_rule_confounders("none", date(2022, 4, 19), date(2022, 4, 14))

    assert found.kind is ConfounderKind.HOLIDAY
    assert found.text.startswith("The session answers for 5 calendar days, since 2022-04-14")


def test_an_ordinary_monday_has_nothing_to_say() -> None:
    assert list_rule_confounders("none", date(2022, 1, 10), date(2022, 1, 7)) == ()


@pytest.mark.parametrize(("roll", "kinds"), [("brent", [ConfounderKind.ROLL]), ("none", [])])
def test_a_series_of_front_contracts_tells_its_roll_and_a_spot_series_has_none(
    roll: str, kinds: list[ConfounderKind]
) -> None:
    found = list_rule_confounders(roll, date(2021, 12, 31), date(2021, 12, 30))

    assert [each.kind for each in found] == kinds
