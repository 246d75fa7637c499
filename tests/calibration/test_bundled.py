"""The bundled record is what the models do on the bundled prices today; `make calibration` makes it anew.

Fitted p-values agree between machines to about 3e-5, so that a session or two may change sides of a level.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import pytest
from benchmarks import calibration as maker

from brentwatch.core.calibration.daily import FEWEST_KNOWN
from brentwatch.core.domain import Calibration, Refused
from brentwatch.core.forecasts.table import MODELS
from brentwatch.history import bundled as calibration

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.slow

RECORD = calibration.load_calibrations()
GARCH_T = RECORD["brent-spot", "garch-t"][-1]
CONSTANT_MEAN = RECORD["brent-spot", "constant-mean"][-1]
FRONT = RECORD["brent-front", "adaptive-garch-t"][-1]
ROWS = list(chain.from_iterable(RECORD.values()))
BURN_IN = 500
A_FEW_SESSIONS = 0.0005
A_FEW_SESSIONS_OF_A_FIFTH = 0.0025

both = pytest.mark.parametrize("record", [GARCH_T, CONSTANT_MEAN], ids=lambda record: record.model)


@cache
def made_anew(record: Calibration) -> Calibration:
    made = maker.calibrate(record.model, record.made_on)
    assert not isinstance(made, Refused)
    return made[-1]


@both
def test_the_sizes_are_those_of_today(record: Calibration) -> None:
    made = made_anew(record)

    assert record.size_05 == pytest.approx(made.size_05, abs=A_FEW_SESSIONS)
    assert record.size_01 == pytest.approx(made.size_01, abs=A_FEW_SESSIONS)
    assert record.error_05 == pytest.approx(made.error_05, abs=A_FEW_SESSIONS)
    assert record.fifths_05 == pytest.approx(made.fifths_05, abs=A_FEW_SESSIONS_OF_A_FIFTH)


@both
def test_the_sessions_are_those_of_today(record: Calibration) -> None:
    made = made_anew(record)

    assert (record.n, record.first, record.last) == (made.n, made.first, made.last)


@both
def test_the_record_covers_the_bundled_prices(record: Calibration) -> None:
    sessions = [bar.session for bar in maker.bundled_bars()]

    assert (record.n, record.first, record.last) == (
        len(sessions) - 1 - BURN_IN,
        sessions[1 + BURN_IN],
        sessions[-1],
    )


def test_the_prices_of_the_record_are_all_that_are_bundled() -> None:
    assert len(maker.bundled_bars()) == len({bar.session for bar in maker.bundled_bars()}) == 6_505


def test_garch_t_is_right_as_often_as_it_says_in_calm_and_in_turbulent_weeks() -> None:
    assert 0.04 <= GARCH_T.size_05 <= 0.06
    assert 0.008 <= GARCH_T.size_01 <= 0.013
    assert all(0.03 <= fifth <= 0.07 for fifth in GARCH_T.fifths_05)


def test_the_textbook_is_wrong_in_turbulent_weeks_which_is_why_it_opens_no_alert() -> None:
    assert CONSTANT_MEAN.fifths_05[0] < 0.03
    assert CONSTANT_MEAN.fifths_05[-1] > 0.13


def test_the_maker_writes_the_file_that_is_bundled() -> None:
    bundled = files("brentwatch.history") / "data" / "calibration.csv"

    assert maker.RECORD.read_text("utf-8") == bundled.read_text("utf-8")


def test_the_maker_writes_one_row_for_each_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maker, "RECORD", written_to(tmp_path / "calibration.csv", ROWS))
    monkeypatch.setattr(maker, "calibrate", lambda model, made_on: RECORD["brent-spot", model])
    monkeypatch.setattr(maker, "rewrite_dimensions", lambda measured: None)
    monkeypatch.setattr(maker, "measure_figures", lambda model: [])

    assert maker.main() == 0
    written = maker.RECORD.read_text("utf-8")
    assert list(calibration.parse_calibrations(written).items()) == list(RECORD.items())
    assert {model for series, model in RECORD if series == "brent-spot"} == set(MODELS)
    assert capsys.readouterr().out == written


def test_rows_that_were_measured_elsewhere_take_the_place_of_their_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "RECORD", written_to(tmp_path / "calibration.csv", ROWS))
    measured = replace(FRONT, size_05=0.07, vintage="another copy")
    rows = written_to(tmp_path / "rows.csv", [measured])

    assert maker.main([str(rows)]) == 0
    found = calibration.parse_calibrations(maker.RECORD.read_text("utf-8"))
    assert {key: row for key, row in found.items() if key[0] == "brent-front"} == {
        ("brent-front", "adaptive-garch-t"): (measured,)
    }
    assert {key: row for key, row in found.items() if key[0] == "brent-spot"} == {
        key: row for key, row in RECORD.items() if key[0] == "brent-spot"
    }


def written_to(path: Path, rows: Iterable[Calibration]) -> Path:
    path.write_text(calibration.dump_calibrations(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("model", MODELS)
def test_the_front_month_has_a_record_of_figures_that_says_what_it_was_measured_on(model: str) -> None:
    record = RECORD["brent-front", model][-1]

    assert record.vintage is not None
    assert "public copies of Yahoo's BZ=F, downloaded end of 2022 and May 2026" in record.vintage
    assert len(record.prices_sha256 or "") == 64
    assert (record.first, record.last) == (FRONT.first, FRONT.last)
    assert record.error_05 is not None
    assert record.error_01 is not None


def test_the_headline_is_right_as_often_as_it_says_on_the_front_month() -> None:
    assert FRONT.error_05 is not None
    assert FRONT.error_01 is not None
    assert abs(FRONT.size_05 - 0.05) <= 2.0 * FRONT.error_05
    assert abs(FRONT.size_01 - 0.01) <= 2.0 * FRONT.error_01


@pytest.mark.parametrize(("series", "model"), list(RECORD))
def test_the_record_says_what_was_known_at_the_end_of_each_year(series: str, model: str) -> None:
    """A replay quotes of a session the newest row that ends before it."""
    rows = RECORD[series, model]

    assert len({row.first for row in rows}) == 1
    assert [later.last.year - earlier.last.year for earlier, later in pairwise(rows)] == [1] * (len(rows) - 1)
    assert all(row.last.month == 12 and row.last.day >= 24 for row in rows[:-1])
    assert all(earlier.n < later.n for earlier, later in pairwise(rows))
    assert rows[0].n >= FEWEST_KNOWN


def test_wti_is_right_as_often_as_it_says_and_names_the_copy_of_its_prices() -> None:
    wti = RECORD["wti-front", "adaptive-garch-t"][-1]
    assert 0.04 <= wti.size_05 <= 0.06
    assert 0.008 <= wti.size_01 <= 0.013
    assert wti.vintage == "public copy of Yahoo's CL=F, 23 August 2000 to 13 July 2026"
    assert {model for series, model in RECORD if series == "wti-front"} == set(MODELS)
