"""The bundled record of the alert level is what the product does today; `make calibration` makes it anew."""

from __future__ import annotations

import pytest
from benchmarks import level_record as maker

from brentwatch.history.bundled import dump_level_records, load_level_records

pytestmark = pytest.mark.slow


def test_the_record_is_that_of_today() -> None:
    (bundled,) = load_level_records().values()
    assert bundled == maker.measure()


def test_the_maker_writes_the_file_that_is_bundled() -> None:
    assert maker.RECORD.read_text("utf-8") == dump_level_records(load_level_records().values())
