from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brentwatch.core.intraday.openings import (
    MOST_TESTS,
    Joins,
    OpenedTest,
    Opens,
    SessionTests,
    Untested,
    Verdict,
)

Event = tuple[str, int, float | None]


def taken(*events: Event) -> tuple[SessionTests, list[Verdict]]:
    tests, verdicts = SessionTests(), list[Verdict]()
    for event in events:
        tests, verdict = tests.take(*event)
        verdicts.append(verdict)
    return tests, verdicts


def test_the_first_event_opens_a_test_whatever_its_exposure() -> None:
    for exposure in (None, 0.0, 0.9):
        tests, verdicts = taken(("a", 100, exposure))

        assert verdicts == [Opens(1)]
        assert tests.tests == (OpenedTest(100, ("a",)),)


def test_within_60_minutes_an_event_joins() -> None:
    tests, verdicts = taken(("a", 100, 0.5), ("b", 101, 0.5), ("c", 111, 0.9))

    assert verdicts == [Opens(1), Joins(1), Joins(1)]
    assert tests.tests == (OpenedTest(100, ("a", "b", "c")),)


def test_after_60_minutes_an_event_opens_the_second_test() -> None:
    assert taken(("a", 100, 0.5), ("b", 112, 0.1))[1] == [Opens(1), Opens(2)]


def test_an_event_of_twice_the_largest_exposure_opens_one_while_another_is_open() -> None:
    assert taken(("a", 100, 0.3), ("b", 101, 0.6))[1] == [Opens(1), Opens(2)]
    assert taken(("a", 100, 0.3), ("b", 101, 0.599))[1] == [Opens(1), Joins(1)]


def test_the_largest_is_that_of_every_event_so_far_not_of_those_that_opened() -> None:
    assert taken(("a", 100, 0.2), ("b", 101, 0.39), ("c", 102, 0.5))[1] == [Opens(1), Joins(1), Joins(1)]
    assert taken(("a", 100, 0.2), ("b", 101, 0.39), ("c", 102, 0.78))[1] == [Opens(1), Joins(1), Opens(2)]


def test_no_third_test_opens() -> None:
    tests, verdicts = taken(("a", 0, 0.1), ("b", 50, 0.1), ("c", 100, 1.0), ("d", 200, 1.0))

    assert verdicts == [Opens(1), Opens(2), Untested(), Untested()]
    assert len(tests.tests) == MOST_TESTS
    assert tests.untested == ("c", "d")


def test_after_two_tests_an_event_that_stands_out_joins_what_is_open_still() -> None:
    assert taken(("a", 0, 0.1), ("b", 50, 0.1), ("c", 55, 1.0))[1] == [Opens(1), Opens(2), Joins(2)]


def test_where_two_are_open_an_event_joins_the_newer() -> None:
    assert taken(("a", 100, 0.1), ("b", 105, 0.5), ("c", 106, 0.1))[1] == [Opens(1), Opens(2), Joins(2)]


def test_an_event_joins_the_one_that_is_open_at_its_own_time() -> None:
    assert taken(("a", 100, 0.1), ("b", 105, 0.5), ("c", 104, 0.1))[1][-1] == Joins(1)


def test_from_the_same_first_bar_the_windows_are_the_same_so_that_an_event_joins() -> None:
    week_end = taken(("saturday", 0, 0.1), ("sunday", 0, 1.0), ("evening", 13, 0.1))

    assert week_end[1] == [Opens(1), Joins(1), Opens(2)]


def test_an_event_of_an_earlier_bar_that_comes_late_opens_the_test_that_is_left() -> None:
    assert taken(("a", 100, 0.5), ("late", 90, 0.5))[1] == [Opens(1), Opens(2)]


def test_an_unknown_exposure_is_not_zero() -> None:
    assert taken(("a", 100, None), ("b", 101, 0.59))[1] == [Opens(1), Joins(1)]
    assert taken(("a", 100, None), ("b", 101, 0.61))[1] == [Opens(1), Opens(2)]
    assert taken(("a", 100, 0.1), ("b", 101, None))[1] == [Opens(1), Opens(2)]


def test_without_exposure_nothing_stands_out() -> None:
    assert taken(("a", 100, 0.0), ("b", 101, 0.0))[1] == [Opens(1), Joins(1)]
    assert taken(("a", 100, 0.0), ("b", 101, 0.01))[1] == [Opens(1), Opens(2)]


@pytest.mark.parametrize("again", ["a", "b", "d"])
def test_an_event_that_comes_again_changes_nothing(again: str) -> None:
    tests, verdicts = taken(("a", 0, 0.1), ("b", 3, 0.1), ("c", 50, 0.1), ("d", 100, 0.9))
    expected = dict(zip("abcd", verdicts, strict=True))[again]

    assert tests.take(again, 250, 1.0) == (tests, expected)


def test_what_became_of_an_event_is_remembered() -> None:
    tests, verdicts = taken(("a", 0, 0.1), ("b", 3, 0.1), ("c", 50, 0.1), ("d", 100, 0.9))

    assert [tests.verdict(each) for each in "abcd"] == verdicts
    assert tests.verdict("e") is None


events = st.lists(st.tuples(st.integers(0, 275), st.none() | st.floats(0.0, 1.0)), min_size=1, max_size=40)


@given(events)
def test_each_event_is_in_one_place_and_there_are_never_more_than_two_tests(
    drawn: list[tuple[int, float | None]],
) -> None:
    tests, verdicts = taken(*((str(at), *event) for at, event in enumerate(drawn)))
    kept = sorted([*tests.untested, *(event for test in tests.tests for event in test.events)], key=int)

    assert kept == [str(at) for at in range(len(drawn))]
    assert 1 <= len(tests.tests) <= MOST_TESTS
    assert len({test.slot for test in tests.tests}) == len(tests.tests)
    assert [tests.verdict(str(at)) for at in range(len(drawn))] == verdicts


@given(events)
def test_who_joins_a_test_comes_within_its_60_minutes(drawn: list[tuple[int, float | None]]) -> None:
    tests, _ = taken(*((str(at), *event) for at, event in enumerate(drawn)))

    for test in tests.tests:
        assert all(test.is_open(drawn[int(event)][0]) for event in test.events)
