from __future__ import annotations

from datetime import date

from brentwatch.core.domain import Cell, Figure
from brentwatch.history import intraday_calibration

FIGURES = [
    Figure(measure="size", window="15", group="all", at=0.001, n=1_000, value=0.00101, error=0.00004),
    Figure(measure="size", window="15", group="hour 03", at=0.01, n=0, value=None, error=None),
]

TEXT = """\
measure,window,group,at,n,value,error,made_on
size,15,all,0.001,1000,0.00101,0.00004,2026-11-26
size,15,hour 03,0.01,0,,,2026-11-26
"""


def test_what_is_written_is_what_is_read() -> None:
    assert intraday_calibration.dump(FIGURES, date(2026, 11, 26)) == TEXT
    assert list(intraday_calibration.parse(TEXT).figures.values()) == FIGURES


def test_a_record_of_ones_own_tells_what_it_rests_on_in_every_row() -> None:
    basis = intraday_calibration.Basis("brent-front-5m", 301, date(2023, 2, 1), date(2024, 4, 26))
    text = intraday_calibration.dump(FIGURES, date(2026, 11, 26), basis)

    header, *rows = text.splitlines()
    assert header == TEXT.splitlines()[0] + ",series,sessions,first,last"
    assert [row.endswith(",brent-front-5m,301,2023-02-01,2024-04-26") for row in rows] == [True, True]
    assert intraday_calibration.parse(text).basis == basis


def test_a_figure_is_found_by_what_it_counts() -> None:
    record = intraday_calibration.parse(TEXT)

    assert record.figures[Cell("size", "15", "all", 0.001)] == FIGURES[0]
    assert record.made_on == date(2026, 11, 26)
    assert record.basis is None


def test_the_bundled_record_stands_as_it_was_written() -> None:
    record = intraday_calibration.load()

    assert (
        intraday_calibration.parse(intraday_calibration.dump(record.figures.values(), record.made_on))
        == record
    )
