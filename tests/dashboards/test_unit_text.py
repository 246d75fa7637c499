"""LargeNumbers with their unit, as people read them."""

import pytest

from brentwatch.dashboards.board import UNITS
from brentwatch.dashboards.unit_text import format_with_unit


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.117, "percentunit", 1, "11.7 %"),
        (-0.02, "percentunit", None, "-2.0 %"),
        (68.4, "suffix:USD/bbl", 2, "68.40 USD/bbl"),
        (0, "s", 0, "0 s"),
        (0.25, "s", None, "250 ms"),
        (4.44, "s", 0, "4.4 s"),
        (42, "s", 0, "42 s"),
        (150, "s", 0, "2.5 min"),
        (21_600, "s", None, "6.0 h"),
        (259_200, "s", None, "3.0 days"),
        (63_115_200, "s", None, "2.0 years"),
        (251_000_000, "decbytes", None, "251.0 MB"),
        (12, "decbytes", 0, "12 B"),
        (1234, "short", 0, "1.2 K"),
        (0.0028, "none", 4, "0.0028"),
        (2.5, "cps", None, "2.5/s"),
    ],
)
def test_a_number_is_written_with_its_unit(value: float, unit: str, decimals: int | None, text: str) -> None:
    assert format_with_unit(value, unit, decimals) == text


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_of_a_board_can_be_written(unit: str) -> None:
    assert format_with_unit(1234.5, unit)
