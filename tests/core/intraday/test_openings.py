from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brentwatch.core.intraday.minutes import MOST_TESTS
from brentwatch.core.intraday.openings import (
    GoesUntested,
    Joins,
    Opens,
    SessionTests,
    Verdict,
    is_open,
)

Event = tuple[int, float]


def taken(*events: Event) -> tuple[SessionTests, list[Verdict]]:
    tests, verdicts = SessionTests(), list[Verdict]()
    for event in events:
        tests, verdict = tests.take(*event)
        verdicts.append(verdict)
    return tests, verdicts


def test_the_first_event_opens_a_test_whatever_its_relevance() -> None:
    for relevance in (0.0, 0.3, 0.9):
        tests, verdicts = taken((100, relevance))

        assert verdicts == [Opens(1)]
        assert tests.slots == (100,)


def test_within_60_minutes_an_event_joins() -> None:
    tests, verdicts = taken((100, 0.5), (101, 0.5), (111, 0.9))

    assert verdicts == [Opens(1), Joins(1), Joins(1)]
    assert tests.slots == (100,)


def test_after_60_minutes_an_event_opens_the_second_test_if_it_is_larger_than_those_before() -> None:
    assert taken((100, 0.4), (112, 0.5))[1] == [Opens(1), Opens(2)]
    assert taken((100, 0.4), (112, 0.499))[1] == [Opens(1), GoesUntested()]


def test_a_large_event_opens_the_second_test_whatever_came_before() -> None:
    assert taken((100, 0.9), (112, 0.7))[1] == [Opens(1), Opens(2)]
    assert taken((100, 0.9), (112, 0.699))[1] == [Opens(1), GoesUntested()]


def test_small_events_of_the_evening_leave_the_second_test_to_the_attack() -> None:
    evening = [(number * 6, 0.26 + number * 0.001) for number in range(39)]
    assert taken(*evening, (250, 0.98))[1][-1] == Opens(2)


def test_an_event_of_twice_the_largest_relevance_opens_one_while_another_is_open() -> None:
    assert taken((100, 0.3), (101, 0.6))[1] == [Opens(1), Opens(2)]
    assert taken((100, 0.3), (101, 0.599))[1] == [Opens(1), Joins(1)]


def test_the_largest_is_that_of_every_event_so_far_not_of_those_that_opened() -> None:
    assert taken((100, 0.2), (101, 0.39), (102, 0.5))[1] == [Opens(1), Joins(1), Joins(1)]
    assert taken((100, 0.2), (101, 0.39), (102, 0.78))[1] == [Opens(1), Joins(1), Opens(2)]


def test_no_third_test_opens() -> None:
    tests, verdicts = taken((0, 0.1), (50, 0.2), (100, 1.0), (200, 1.0))

    assert verdicts == [Opens(1), Opens(2), GoesUntested(), GoesUntested()]
    assert tests.slots == (0, 50)
    assert len(tests.slots) == MOST_TESTS


def test_after_two_tests_an_event_that_stands_out_joins_what_is_open_still() -> None:
    assert taken((0, 0.1), (50, 0.2), (55, 1.0))[1] == [Opens(1), Opens(2), Joins(2)]


def test_where_two_are_open_an_event_joins_the_newer() -> None:
    assert taken((100, 0.1), (105, 0.5), (106, 0.1))[1] == [Opens(1), Opens(2), Joins(2)]


def test_an_event_joins_the_one_that_is_open_at_its_own_time() -> None:
    assert taken((100, 0.1), (105, 0.5), (104, 0.1))[1][-1] == Joins(1)


def test_from_the_same_first_bar_the_windows_are_the_same_so_that_an_event_joins() -> None:
    week_end = taken((0, 0.1), (0, 0.8), (13, 1.0))

    assert week_end[1] == [Opens(1), Joins(1), Opens(2)]


def test_an_event_of_an_earlier_bar_that_comes_late_opens_the_test_that_is_left() -> None:
    assert taken((100, 0.5), (90, 0.7))[1] == [Opens(1), Opens(2)]


def test_without_relevance_nothing_stands_out() -> None:
    assert taken((100, 0.0), (101, 0.0))[1] == [Opens(1), Joins(1)]
    assert taken((100, 0.0), (101, 0.01))[1] == [Opens(1), Opens(2)]


events = st.lists(st.tuples(st.integers(0, 275), st.floats(0.0, 1.0)), min_size=1, max_size=40)


@given(events)
def test_there_are_never_more_than_two_tests_and_each_begins_with_the_event_that_opened_it(
    drawn: list[Event],
) -> None:
    tests, verdicts = taken(*drawn)
    opened = [slot for (slot, _), verdict in zip(drawn, verdicts, strict=True) if isinstance(verdict, Opens)]

    assert 1 <= len(tests.slots) <= MOST_TESTS
    assert len(set(tests.slots)) == len(tests.slots)
    assert list(tests.slots) == opened


@given(events)
def test_who_joins_a_test_comes_within_its_60_minutes_and_who_has_none_within_none(
    drawn: list[Event],
) -> None:
    tests = SessionTests()
    for slot, relevance in drawn:
        before = tests.slots
        tests, verdict = tests.take(slot, relevance)
        if isinstance(verdict, Joins):
            assert is_open(before[verdict.number - 1], slot)
        if isinstance(verdict, GoesUntested):
            assert not any(is_open(begins, slot) for begins in before)
