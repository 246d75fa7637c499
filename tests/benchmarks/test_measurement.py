"""A broken limit is seen, printed, and fails the run."""

from __future__ import annotations

from importlib import import_module

import pytest
from benchmarks import __main__ as bench
from benchmarks.child import command
from benchmarks.measurement import AtLeast, AtMost, Beside, Bound, Measurement
from benchmarks.stream import suite
from benchmarks.stream.suite import PARTS


@pytest.mark.parametrize(
    ("bound", "kept", "held"),
    [
        (AtMost(5), True, "at most 5 s"),
        (AtMost(4.9), False, "at most 4.9 s"),
        (AtLeast(5), True, "at least 5 s"),
        (AtLeast(5.1), False, "at least 5.1 s"),
        (Beside("json", 2.5), True, "2 x json"),
    ],
)
def test_a_figure_is_held_against_its_bound(bound: Bound, kept: bool, held: str) -> None:
    measurement = Measurement("work", 5.0, "s", bound)

    assert measurement.kept is kept
    assert measurement.row() == ("work", "5 s", held, "ok" if kept else "BROKEN")


def broken() -> list[Measurement]:
    return [Measurement("slow", 5.0, "s", AtMost(4))]


def sound() -> list[Measurement]:
    return [Measurement("fast", 3.0, "s", AtMost(4))]


def test_a_broken_limit_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "BENCHMARKS", {"a": f"{__name__}:sound", "b": f"{__name__}:broken"})

    assert bench.main(["a"]) == 0
    assert bench.main([]) == 1
    assert bench.main(["c"]) == 2
    assert "BROKEN" in capsys.readouterr().out


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


def test_where_no_broker_can_be_had_the_parts_are_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("PATH", "")

    assert list(suite.measure()) == []
    assert capsys.readouterr().err == (
        "left out, speed on a broker: java and mvn wanted; set KAFKA_BOOTSTRAP to use a running broker\n"
    )
