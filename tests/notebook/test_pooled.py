"""`impact(...).pooled()` gives what `brentwatch study --pooled` gives."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.notebook.test_impact import same

from brentwatch import InvalidInput, bundled_prices, cli, impact

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EVENTS = {
    "protests": "2011-02-15",
    "oil fields": "2011-02-21",
    "Ras Lanuf": "2011-03-04",
    "late": "2030-01-01",
}
PRICES = bundled_prices().loc["2008":"2012"]
RESULTS = impact(EVENTS, PRICES, "ewma-rank").pooled()


def test_the_frame_is_that_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events, prices = tmp_path / "events.csv", tmp_path / "prices.csv"
    events.write_text("event_id,date\n" + "".join(f"{name},{day}\n" for name, day in EVENTS.items()))
    PRICES.to_csv(prices, index_label="date", header=["usd_per_bbl"])
    words = ("--prices", str(prices), "--instrument", "brent-spot", "--model", "ewma-rank", "--format", "csv")
    cli.main(["study", str(events), "--pooled", *words])
    header, *expected = csv.reader(StringIO(capsys.readouterr().out))
    frame = RESULTS.to_frame()

    assert list(frame.columns) == header
    assert len(frame) == len(expected) == 3
    for row, cells in zip(frame.itertuples(index=False), expected, strict=True):
        assert [same(*pair) for pair in zip(row, cells, strict=True)] == [True] * len(header)


def test_the_summary_fits_80_columns_and_has_null_and_refusals() -> None:
    text = str(RESULTS.summary())

    assert max(map(len, text.splitlines())) <= 79
    assert "Null: the mean standardised abnormal return" in " ".join(text.split())
    assert "late is left out of [0, 0]" in " ".join(text.split())
    assert RESULTS.refused == {}
    assert RESULTS.windows == ((0, 0), (0, 1), (0, 5))
    assert repr(RESULTS).startswith("<PooledResults: 3 events on 3 sessions, tested together: ")
    assert "<table" in RESULTS._repr_html_()


def test_a_window_without_a_test_is_refused_with_the_reason() -> None:
    """A list that spans the prices: no shift is left."""
    first, last = str(PRICES.index[520].date()), str(PRICES.index[-2].date())
    results = impact([first, last], PRICES, "ewma-rank", windows=(0, 0)).pooled()

    assert "expected 99 ways or more" in results.refused["[0, 0]"]
    assert pd.isna(results.to_frame()["p"]).all()
    assert "no test" in str(results.summary())


def test_no_event_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="event"):
        impact({}, PRICES, "ewma-rank").pooled()
