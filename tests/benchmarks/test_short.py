"""Every benchmark runs once, on little work, so that none rots; how fast it is, `make bench` says."""

from __future__ import annotations

import pandas as pd
import pytest
from benchmarks import __main__ as bench
from benchmarks.stream import latency
from benchmarks.stream.histories import Prices

from brentwatch import session_tests
from brentwatch.core.domain import BRENT_SPOT, PriceUpdate
from brentwatch.wire.timeline import decode_signal

pytestmark = pytest.mark.slow

ON_A_BROKER = "stream"
"""tests/kafka/test_benchmarks.py runs its parts."""


@pytest.mark.parametrize("name", [name for name in bench.BENCHMARKS if name != ON_A_BROKER])
def test_a_benchmark_gives_a_figure_in_every_row(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([bench.SHORT, name]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert all(row.endswith("  runs") for row in rows)
    assert rows or name == "peer"  # whose environment only `make bench` sets up


def test_every_shock_of_the_latency_benchmark_is_an_alert() -> None:
    prices, shocks, closes = Prices(latency.FIRST), [], {}

    def read(value: bytes) -> None:
        update = decode_signal(value)
        assert isinstance(update, PriceUpdate)
        closes.update({pd.Timestamp(bar.session): bar.close for bar in update.bars})

    read(prices.calm(1_000, warmup=True))
    for _ in range(latency.WARMING + latency.TIMES):
        read(prices.calm(latency.SPACING - 1))
        read(prices.shock())
        shocks.append(pd.Timestamp(prices.newest))
    p = session_tests(pd.Series(closes))["p"]
    assert (p.loc[shocks] <= BRENT_SPOT.alert_level).all()
