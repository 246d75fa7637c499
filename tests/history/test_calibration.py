from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain

from brentwatch.core.domain import Calibration
from brentwatch.history.bundled import dump_calibrations, load_calibrations, parse_calibrations

RECORD = Calibration(
    series="brent-spot",
    model="garch-t",
    n=6004,
    first=date(2002, 12, 13),
    last=date(2026, 8, 18),
    size_05=0.0481,
    size_01=0.0103,
    fifths_05=(0.01, 0.02, 0.03, 0.04, 0.05),
    made_on=date(2026, 9, 1),
)

TEXT = """\
series,model,n,first,last,size_05,size_01,fifth_1,fifth_2,fifth_3,fifth_4,fifth_5,made_on,error_05,error_01,vintage,prices_sha256
brent-spot,garch-t,6004,2002-12-13,2026-08-18,0.0481,0.0103,0.0100,0.0200,0.0300,0.0400,0.0500,2026-09-01,,,,
"""
WHOLE = replace(RECORD, error_05=0.0028, error_01=0.0013, vintage="a copy, of May", prices_sha256="0" * 64)
OLD = """\
series,model,n,first,last,size_05,size_01,fifth_1,fifth_2,fifth_3,fifth_4,fifth_5,made_on
brent-spot,garch-t,6004,2002-12-13,2026-08-18,0.0481,0.0103,0.0100,0.0200,0.0300,0.0400,0.0500,2026-09-01
"""


def test_a_record_is_found_by_its_series_and_model() -> None:
    assert parse_calibrations(TEXT) == {("brent-spot", "garch-t"): (RECORD,)}


def test_what_is_written_is_what_is_read() -> None:
    assert dump_calibrations([RECORD]) == TEXT
    assert list(parse_calibrations(dump_calibrations([WHOLE])).values()) == [(WHOLE,)]


def test_a_record_of_before_there_were_errors_and_vintages_is_read() -> None:
    assert list(parse_calibrations(OLD).values()) == [(RECORD,)]


def test_the_bundled_record_holds_both_models_of_brent_spot_and_stands_as_it_was_written() -> None:
    bundled = load_calibrations()

    assert {("brent-spot", "garch-t"), ("brent-spot", "constant-mean")} <= bundled.keys()
    assert parse_calibrations(dump_calibrations(chain.from_iterable(bundled.values()))) == bundled


def test_rows_of_one_model_stand_in_their_order_the_newest_last() -> None:
    earlier = replace(RECORD, n=3000, last=date(2014, 12, 31))

    assert parse_calibrations(dump_calibrations([earlier, RECORD])) == {
        ("brent-spot", "garch-t"): (earlier, RECORD)
    }


def test_a_series_without_a_run_of_its_own_has_no_record() -> None:
    assert ("brent-futures", "garch-t") not in load_calibrations()
