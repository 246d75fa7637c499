"""ADDIS against a plain reading of its formula, and what it says of Brent."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from benchmarks.calibration import bundled_bars
from online_fdr.p_values.investing.addis.addis import Addis as TheirAddis

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.domain import Addis
from brentwatch.core.forecasts import table
from brentwatch.history.rules import load_fits

START = date(2020, 1, 1)


def levels(ps: list[float]) -> list[float]:
    """alpha_t of each test, straight from the definition, with nothing kept between two tests."""
    found: list[float] = []
    for t in range(len(ps)):
        past = [0.25 < p <= 0.5 for p in ps[:t]]
        rejections = [i for i in range(t) if ps[i] <= found[i]]
        share = [0.4374901658 / (sum(past[start:]) + 1) ** 1.6 for start in (0, *(i + 1 for i in rejections))]
        paid = 0.025 * share[0] + (0.025 * share[1] if rejections else 0.0) + 0.05 * sum(share[2:])
        found.append(min(0.25, 0.25 * paid))
    return found


@pytest.mark.parametrize("signals", [0.0, 0.1])
def test_the_levels_are_those_of_the_definition(signals: float) -> None:
    random = np.random.default_rng(3)
    ps = np.where(random.random(300) < signals, 1e-6, random.random(300)).tolist()
    stream, kept = Addis(START), []
    for p in ps:
        kept.append(stream.level)
        stream = stream.add_test(p)

    assert kept == pytest.approx(levels(ps), rel=1e-12)
    assert bool(stream.rejected) is (signals > 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_discoveries_are_those_of_the_online_fdr_package(seed: int) -> None:
    random = np.random.default_rng(seed)
    ps = np.where(random.random(1_000) < 0.1, random.random(1_000) * 1e-6, random.random(1_000)).tolist()
    theirs = TheirAddis(alpha=0.05, wealth=0.025, lambda_=0.25, tau=0.5)
    stream = Addis(START)
    for p in ps:
        assert theirs.calc_alpha_t() == pytest.approx(stream.level, rel=1e-9)
        assert theirs.test_one(p) == (p <= stream.level)
        stream = stream.add_test(p)

    assert len(stream.rejected) > 5


def test_the_first_level() -> None:
    assert Addis(START).level == pytest.approx(0.25 * 0.025 * 0.4374901658)


def test_it_rejects_no_session_of_brent() -> None:
    stream = Addis(START)
    for placebo in run_placebos(bundled_bars(), table.load(table.HEADLINE_MODEL), load_fits()):
        stream = stream.add_test(placebo.p)

    assert stream.rejected == ()
