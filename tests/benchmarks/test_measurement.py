"""A broken bound is seen, printed, and fails the run; so is a figure that is none, whatever its bound."""

from __future__ import annotations

import math
from importlib import import_module

import pytest
from benchmarks import __main__ as bench
from benchmarks import references
from benchmarks.child import command
from benchmarks.measurement import AtLeast, AtMost, Beside, Bound, Measurement, Reference
from benchmarks.stream import suite
from benchmarks.stream.memory import by_quarter
from benchmarks.stream.suite import PARTS
from benchmarks.stream.throughput import together, whole_time
from benchmarks.stream.worker import Report

LOOP = Reference("a bare loop", 2.0)


@pytest.mark.parametrize(
    ("bound", "kept", "held"),
    [
        (AtMost(2.5, LOOP), True, "2.5 x a bare loop, at most 2.5"),
        (AtMost(2.4, LOOP), False, "2.5 x a bare loop, at most 2.4"),
        (AtLeast(2.5, LOOP), True, "2.5 x a bare loop, at least 2.5"),
        (AtLeast(2.6, LOOP), False, "2.5 x a bare loop, at least 2.6"),
        (Beside(LOOP), True, "2.5 x a bare loop"),
    ],
)
def test_a_figure_is_held_against_its_bound(bound: Bound, kept: bool, held: str) -> None:
    measurement = Measurement("work", 5.0, "s", bound)

    assert measurement.is_kept() is kept
    assert measurement.row() == ("work", "5 s", held, "ok" if kept else "BROKEN")
    assert measurement.row(judged=False)[-1] == "runs"


@pytest.mark.parametrize("value", [None, 0.0, -0.0, -3.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("judged", [True, False])
def test_a_figure_that_is_none_is_broken_whatever_its_bound(value: float | None, judged: bool) -> None:
    for bound in (AtMost(1e9, LOOP), AtLeast(-1e9, LOOP), Beside(LOOP)):
        measurement = Measurement("two screens", value, "events/s", bound)
        assert not measurement.is_kept(judged=judged)
        assert measurement.row(judged=judged)[-1] == "BROKEN"


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_so_is_one_whose_reference_is_none(value: float) -> None:
    for bound in (AtMost(1e9, Reference("a loop", value)), Beside(Reference("a loop", value))):
        assert Measurement("work", 5.0, "s", bound).row()[-1] == "BROKEN"


def test_two_that_did_not_read_side_by_side_have_no_rate() -> None:
    early = Report(turns=[(1.0, 10, 0), (2.0, 10, 0)])
    late = Report(turns=[(3.0, 10, 0), (4.0, 10, 0)])
    beside = Report(turns=[(1.5, 10, 0), (2.5, 10, 0)])

    assert together(early, late) is None
    assert together(early, Report()) is None
    assert together(early, beside) == 20.0


def test_all_the_time_of_two_counts_where_that_is_asked_for() -> None:
    early = Report(turns=[(1.0, 10, 0), (2.0, 10, 0)])
    late = Report(turns=[(3.0, 10, 0), (5.0, 10, 0)])

    assert whole_time(early, late) == 7.5
    assert whole_time(late, early, Report()) == 7.5


def test_no_quarter_of_the_records_is_without_memory() -> None:
    assert by_quarter(Report(turns=[(1.0, 100, 5_000_000)])) == [5.0] * 4
    turns = [(1.0, 60, 4_000_000), (2.0, 20, 5_000_000), (3.0, 20, 6_000_000)]
    assert by_quarter(Report(turns=turns)) == [4.0, 4.0, 4.5, 5.5]


def test_the_rate_of_one_turn_counts_from_the_beginning_and_that_of_none_is_no_number() -> None:
    assert Report(turns=[(3.0, 10, 0)], began=1.0).rate == 5.0
    assert math.isnan(Report().rate)


def broken(*, short: bool) -> list[Measurement]:
    del short
    return [Measurement("slow", 5.0, "s", AtMost(2, LOOP))]


def sound(*, short: bool) -> list[Measurement]:
    del short
    return [Measurement("fast", 3.0, "s", AtMost(2, LOOP))]


def none(*, short: bool) -> list[Measurement]:
    del short
    return [Measurement("nothing", math.nan, "s", AtMost(2, LOOP))]


def test_a_broken_bound_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {name: f"{__name__}:{name}" for name in ("sound", "broken", "none")}
    monkeypatch.setattr(bench, "BENCHMARKS", table)

    assert bench.main(["sound"]) == 0
    assert bench.main(["sound", "broken"]) == 1
    assert "BROKEN" in capsys.readouterr().out
    assert bench.main(["--short", "sound", "broken"]) == 0
    assert bench.main(["--short", "none"]) == 1
    assert bench.main(["other"]) == 2


def test_every_reference_takes_time() -> None:
    assert all(
        each().value > 0 for each in (references.python_loop, references.least_squares, references.sorting)
    )


@pytest.mark.parametrize("name", bench.BENCHMARKS)
def test_every_benchmark_of_the_table_is_there(name: str) -> None:
    module, _, attribute = bench.BENCHMARKS[name].partition(":")

    assert callable(getattr(import_module(module), attribute))


def test_a_command_is_timed_with_its_memory() -> None:
    run = command("--version", times=1)

    assert run.seconds > 0
    assert 1 < run.megabytes < 4_000  # what its parent had when it was born counts


@pytest.mark.parametrize("name", PARTS)
def test_every_part_that_needs_a_broker_is_there(name: str) -> None:
    module, _, attribute = PARTS[name].partition(":")

    assert callable(getattr(import_module(module), attribute))


def test_where_no_broker_can_be_had_the_parts_are_left_out_and_that_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("PATH", "")

    assert list(suite.measure()) == []
    assert capsys.readouterr().err == (
        "skipped, speed on a broker: java and mvn not found; set KAFKA_BOOTSTRAP to use a running broker\n"
    )
