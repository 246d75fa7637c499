"""Every benchmark runs once, on little work, so that none rots; how fast it is, `make bench` says."""

from __future__ import annotations

import pytest
from benchmarks import __main__ as bench

pytestmark = pytest.mark.slow

ON_A_BROKER = "stream"
"""tests/kafka/test_benchmarks.py runs its parts."""


@pytest.mark.parametrize("name", [name for name in bench.BENCHMARKS if name != ON_A_BROKER])
def test_a_benchmark_gives_a_figure_in_every_row(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([bench.SHORT, name]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert all(row.endswith("  runs") for row in rows)
    assert rows or name == "peer"  # whose environment only `make bench` sets up
