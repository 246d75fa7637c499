"""The dead-letter limit: by row and by ratio, and found again as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brentwatch.stream import Partition, Record
from brentwatch.stream.dead_letters.topic import Letter, parse_letter
from brentwatch.stream.dead_letters.watch import measure_excess
from brentwatch.stream.dead_limit import DeadLimit, Excess, Limits, Open, Tripped, rebuild_past
from brentwatch.stream.records import build_dead_letter

ONE, TWO = Partition("in", 0), Partition("in", 1)
NEVER = 1_000_000
BY_ROW = Limits(ratio=1, over=10, consecutive=3)
BY_RATIO = Limits(ratio=0.2, over=10, consecutive=NEVER)

Stories = st.lists(st.booleans(), max_size=60)
AnyLimits = st.builds(
    Limits,
    ratio=st.floats(0.01, 1),
    over=st.integers(2, 20),
    consecutive=st.integers(2, 8),
)


def told(limits: Limits, story: str) -> DeadLimit:
    """A limit that was told of a story: "x" is dead, everything else is read."""
    limit = DeadLimit(limits)
    for letter in story:
        tell(limit, dead=letter == "x")
    return limit


def tell(limit: DeadLimit, *, dead: bool) -> None:
    if dead:
        limit.report_dead()
    else:
        limit.report_read()


def trips_at(limit: DeadLimit, story: list[bool]) -> int | None:
    """The place of the record that reaches the limit."""
    for place, dead in enumerate(story):
        tell(limit, dead=dead)
        if isinstance(limit.state, Tripped):
            return place
    return None


def test_so_many_in_a_row_reach_the_limit() -> None:
    assert told(BY_ROW, "..xx").state == Open()
    assert told(BY_ROW, "..xxx").state == Tripped("3 in a row")


def test_a_record_that_is_read_ends_a_row() -> None:
    assert told(BY_ROW, "xx.xx.xx.").state == Open()


def test_more_than_the_share_of_the_newest_reaches_the_limit() -> None:
    assert told(BY_RATIO, ".......x.x").state == Open()
    assert told(BY_RATIO, "......xx.x").state == Tripped("3 of the newest 10")


def test_the_share_is_not_judged_before_enough_was_seen() -> None:
    assert told(BY_RATIO, "xxxx.....").state == Open()
    assert told(BY_RATIO, "xxxx.....x").state == Tripped("5 of the newest 10")


def test_what_is_older_than_the_window_no_longer_counts() -> None:
    assert told(BY_RATIO, "xx" + 8 * "." + "xx").state == Open()


def test_a_ratio_of_one_is_never_exceeded() -> None:
    assert told(Limits(ratio=1, over=2, consecutive=NEVER), 50 * "x").state == Open()


def test_a_reached_limit_stays_reached() -> None:
    limit = told(BY_ROW, "xxx")
    assert limit.report_read() == limit.report_dead() == Tripped("3 in a row")


@given(AnyLimits, Stories)
def test_never_are_more_dead_in_a_row_or_in_a_full_window_than_allowed(
    limits: Limits, story: list[bool]
) -> None:
    end = trips_at(DeadLimit(limits), story)
    moved = story[:end]
    rows = "".join("x" if dead else "." for dead in moved).split(".")
    windows = [moved[start : start + limits.over] for start in range(len(moved) - limits.over + 1)]
    assert max(map(len, rows)) < limits.consecutive
    assert all(sum(window) / limits.over <= limits.ratio for window in windows if window[-1])


@given(AnyLimits, Stories, st.integers(0, 60))
def test_a_limit_of_one_partition_is_found_again_as_it_was(
    limits: Limits, story: list[bool], restart: int
) -> None:
    restart = min(restart, len(story))
    whole = trips_at(DeadLimit(limits), story)
    if whole is not None and whole < restart:
        return
    letters = [(ONE, offset) for offset, dead in enumerate(story[:restart]) if dead]
    again = DeadLimit(limits, rebuild_past(letters, {ONE: restart}, limits.over))
    later = trips_at(again, story[restart:])
    assert (None if later is None else later + restart) == whole


def test_rows_of_several_partitions_are_found_together() -> None:
    letters = [(ONE, 3), (ONE, 4), (TWO, 9), (TWO, 2)]
    found = rebuild_past(letters, {ONE: 5, TWO: 10}, 100)
    assert found[-3:] == [True] * 3
    assert (len(found), sum(found), found[-4]) == (15, 4, False)


def test_records_equally_far_from_their_places_are_found_side_by_side() -> None:
    found = rebuild_past([(TWO, 0)], {ONE: 4, TWO: 2}, 100)
    assert found == [False, False, False, True, False, False]


def test_letters_beyond_the_place_and_of_other_partitions_do_not_count() -> None:
    assert rebuild_past([(ONE, 2), (TWO, 1)], {ONE: 2}, 100) == [False, False]


def test_no_partitions_have_no_past() -> None:
    assert rebuild_past([(ONE, 2)], {}, 100) == []


def excess(limits: Limits, story: str) -> Excess:
    """An excess that was told of a story: "x" is dead, everything else is read."""
    made = Excess(limits)
    for letter in story:
        if letter == "x":
            made.report_dead(100.0)
        else:
            made.report_read()
    return made


@given(AnyLimits, Stories)
def test_an_excess_begins_where_a_service_would_stop(limits: Limits, story: list[bool]) -> None:
    text = "".join("x" if dead else "." for dead in story)
    first = next((place for place in range(len(text)) if excess(limits, text[: place + 1]).why), None)
    assert first == trips_at(DeadLimit(limits), story)


def test_an_excess_says_how_it_began_however_long_it_lasts() -> None:
    assert excess(BY_ROW, "..xxx").why == excess(BY_ROW, "..xxxxxx.xx").why == "3 in a row"
    assert excess(BY_RATIO, "......xx.x").why == "3 of the newest 10"


def test_an_excess_ends_where_half_of_what_reaches_the_limit_is_dead() -> None:
    assert excess(BY_ROW, "xxx" + 8 * ".").why
    assert not excess(BY_ROW, "xxx" + 9 * ".").why
    assert excess(BY_RATIO, 7 * "." + "xxx" + 8 * ".").why
    assert not excess(BY_RATIO, 7 * "." + "xxx" + 9 * ".").why


def test_a_good_message_here_and_there_in_a_flood_does_not_end_it() -> None:
    watched, changes, before = Excess(BY_ROW), 0, ""
    for letter in "xxx." * 100:
        if letter == "x":
            watched.report_dead(0.0)
        else:
            watched.report_read()
        changes += watched.why != before
        before = watched.why
    assert changes == 1


def test_an_excess_ends_an_hour_after_the_last_dead_record() -> None:
    watched = excess(BY_ROW, "xxx")
    watched.rest(100.0 + 3600.0)
    assert watched.why
    watched.rest(100.1 + 3600.0)
    assert not watched.why


def letter(offset: int, written_at: float) -> Letter:
    record = Record(partition=ONE, offset=offset, value=b"x")
    made = build_dead_letter("dead", record, "schema", "")
    found = parse_letter(
        Record(
            partition=Partition("dead", 0),
            offset=offset,
            value=made.value,
            headers=made.headers,
            timestamp=int(written_at * 1000),
        )
    )
    assert found is not None
    return found


def test_an_excess_is_found_again_in_the_newest_letters() -> None:
    letters = [letter(offset, 1000.0) for offset in (1, 2, 3)]
    assert measure_excess(letters, {ONE: 4}, BY_ROW, 1010.0).why == "3 in a row"
    assert measure_excess(letters, {ONE: 6}, BY_ROW, 1010.0).why == "3 in a row"
    assert measure_excess(letters, {ONE: 99}, BY_ROW, 1010.0).why == ""
    assert measure_excess(letters, {TWO: 4}, BY_ROW, 1010.0).why == ""
    assert measure_excess(letters, {ONE: 4}, BY_ROW, 1000.0 + 3600.0).why == "3 in a row"
    assert measure_excess(letters, {ONE: 4}, BY_ROW, 1000.5 + 3600.0).why == ""


def test_an_excess_that_is_found_again_ends_an_hour_after_its_last_letter() -> None:
    found = measure_excess([letter(offset, 1000.0) for offset in (1, 2, 3)], {ONE: 4}, BY_ROW, 1010.0)
    found.rest(4600.5)
    assert found.why == ""
