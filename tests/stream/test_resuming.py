"""Where a service takes a partition up: it passes over nothing in silence, and no stop leads to another."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.stream import CommandLine, Job, Partition, Unclaimed
from brentwatch.stream.resuming import (
    Offsets,
    StartPoint,
    explain_unusable_state,
    start_from_state,
    start_of_rebuild,
    start_without_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACE = Partition("demo.impact.timeline", 2)
JOB = Job(
    group="brentwatch.demo.monitor",
    topic="demo.impact.timeline",
    dead_topic="demo.dead",
    state_topic="demo.impact.state",
    open=lambda _: Unclaimed(),
    command=CommandLine(("run", "monitor"), ("--set", "kafka.topic_prefix=demo.")),
)
ANYWHERE = (None, 0, 2, 3, 5, 9)
FIRSTS = (0, 3)
END = 5


def offsets(first: int, committed: int | None) -> Offsets:
    return Offsets(partition=PLACE, first=first, end=END, committed=committed)


def allowed(job: Job, flags: Iterable[str]) -> Job:
    """The job as an operator starts it with these flags."""
    leave: dict[str, Any] = {flag.removeprefix("--").replace("-", "_"): True for flag in flags}
    return replace(job, **leave)


def flags_of(told: str) -> list[str]:
    """The flags of the one command that a stop names."""
    (_, command) = told.split(" run: " if " run: " in told else "Run: ")
    assert command.count("brentwatch run monitor") == 1
    words = shlex.split(command)
    assert words[:3] == ["brentwatch", "run", "monitor"]
    assert words[-2:] == ["--set", "kafka.topic_prefix=demo."]
    return words[3:-2]


def taken_up(job: Job, first: int, committed: int | None, saved: int | None) -> StartPoint:
    if job.rebuild:
        return start_of_rebuild(job, offsets(first, committed))
    return start_from_state(job, offsets(first, committed), saved)


@pytest.mark.parametrize("flags", [[], ["--from-state"]])
@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize(("committed", "saved"), list(product(ANYWHERE, ANYWHERE)))
def test_the_command_of_every_stop_works_and_so_does_the_next_start(
    first: int, committed: int | None, saved: int | None, flags: list[str]
) -> None:
    job = allowed(JOB, flags)
    try:
        start = taken_up(job, first, committed, saved)
    except SettingsError as stop:
        told = str(stop)
        assert JOB.group in told
        assert str(PLACE) in told
        job = allowed(JOB, flags_of(told))
        start = taken_up(job, first, committed, saved)
        assert start.moved
    assert first <= start.place <= END
    place = start.place if start.moved else committed
    again = taken_up(JOB, first, place, place if place is not None else saved)
    assert again.place == start.place


@pytest.mark.parametrize(("first", "committed"), list(product(FIRSTS, ANYWHERE)))
def test_the_same_of_a_service_without_a_state(first: int, committed: int | None) -> None:
    try:
        start = start_without_state(JOB, offsets(first, committed))
    except SettingsError as stop:
        start = start_without_state(allowed(JOB, flags_of(str(stop))), offsets(first, committed))
        assert start == StartPoint(first, partial=True, moved=True)
    assert start_without_state(JOB, offsets(first, start.place)) == StartPoint(start.place)


@pytest.mark.parametrize("place", [3, 4, END])
def test_a_service_without_a_state_goes_on_where_the_group_stands_also_at_the_end(place: int) -> None:
    assert start_without_state(JOB, offsets(3, place)) == StartPoint(place)


@pytest.mark.parametrize("first", FIRSTS)
def test_a_state_that_cannot_be_read_names_the_command_that_recreates_it(first: int) -> None:
    told = str(explain_unusable_state(JOB, offsets(first, 4), SettingsError("no JSON")))
    assert taken_up(allowed(JOB, flags_of(told)), first, 4, 4) == StartPoint(4, partial=first > 0, moved=True)


@pytest.mark.parametrize(
    ("first", "committed", "saved", "told"),
    [
        (
            3,
            None,
            None,
            "offsets 0 to 2 were deleted, 3 records are missing, and the oldest remaining record is",
        ),
        (
            3,
            2,
            2,
            "would continue at offset 2 of partition 2 of .*timeline, but offset 2 was deleted, 1 record is",
        ),
        (0, 2, 4, "is at offset 4 of partition 2 of demo.impact.timeline, but group .* offset 2;"),
        (0, None, 4, "has committed no offset"),
        (0, 4, None, "has committed offset 4 of partition 2 .*, but demo.impact.state has no state for it"),
        (
            0,
            9,
            9,
            "are at offset 9 of partition 2 of .*, which ends at offset 5: the topic was",
        ),
        (0, 6, 6, "are at offset 6 of partition 2 of .*, which ends at offset 5: the topic was"),
        (3, 6, 6, "are at offset 6 of partition 2 of .*, which ends at offset 5: the topic was"),
    ],
)
def test_a_stop_says_what_is_missing_or_moved(
    first: int, committed: int | None, saved: int | None, told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        taken_up(JOB, first, committed, saved)


@pytest.mark.parametrize(
    ("first", "committed", "saved", "start"),
    [
        (0, None, None, StartPoint(0)),
        (3, 4, 4, StartPoint(4)),  # folded from the beginning while it was there
        (3, 3, 3, StartPoint(3)),
        (0, 5, 5, StartPoint(5)),
    ],
)
def test_what_lacks_nothing_goes_on_without_a_mark(
    first: int, committed: int | None, saved: int | None, start: StartPoint
) -> None:
    assert taken_up(JOB, first, committed, saved) == start
    assert taken_up(allowed(JOB, ["--partial"]), first, committed, saved) == start


@pytest.mark.parametrize(
    ("flags", "first", "committed", "saved", "start"),
    [
        (["--partial"], 3, None, None, StartPoint(3, partial=True, moved=True)),
        (["--partial"], 3, 2, 2, StartPoint(3, partial=True, moved=True)),
        (["--from-state"], 0, 2, 4, StartPoint(4, moved=True)),
        (["--from-state"], 0, None, 4, StartPoint(4, moved=True)),
        (["--from-state"], 0, 4, 4, StartPoint(4)),
        (["--from-state"], 0, None, None, StartPoint(0)),
        (["--rebuild"], 0, 4, 2, StartPoint(4, moved=True)),
        (["--rebuild"], 0, 9, 9, StartPoint(5, moved=True)),
        (["--rebuild"], 0, None, 4, StartPoint(0, moved=True)),
        (["--rebuild", "--partial"], 3, 4, 4, StartPoint(4, partial=True, moved=True)),
        (["--rebuild", "--partial"], 3, None, None, StartPoint(3, partial=True, moved=True)),
    ],
)
def test_what_an_operator_allows(
    flags: list[str], first: int, committed: int | None, saved: int | None, start: StartPoint
) -> None:
    assert taken_up(allowed(JOB, flags), first, committed, saved) == start


def test_a_rebuild_without_the_beginning_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"cannot be rebuilt: offsets 0 to 2 were deleted"):
        taken_up(allowed(JOB, ["--rebuild"]), 3, 4, 4)
