from __future__ import annotations

import math

import pytest

from brentwatch.core.domain import Exposure, find_highest_exposure
from brentwatch.history.bundled import load_exposure

BUNDLED = load_exposure()


def produces(country: str, production_kbd: float, transit_kbd: float = 0.0) -> Exposure:
    return Exposure(country=country, production_kbd=production_kbd, transit_kbd=transit_kbd)


@pytest.mark.parametrize(
    ("country", "published"),
    [
        ("KAZ", "0.651"),
        ("LBY", "0.565"),
        ("NGA", "0.603"),
        ("IRQ", "0.821"),
        ("IRN", "0.938"),
        ("SAU", "0.978"),
        ("RUS", "0.978"),
        ("KGZ", "0.002"),
        ("TJK", "0.001"),
    ],
)
def test_the_weight_of_a_country_of_the_bundled_table_is_the_published_one(
    country: str, published: str
) -> None:
    assert f"{BUNDLED[country].weight:.3f}" == published


@pytest.mark.parametrize(
    ("production", "transit", "weight"),
    [
        (0.0, 0.0, 0.0),
        (50.0, 0.0, math.log(2) / math.log(241)),
        (12_000.0, 0.0, 1.0),
        (40_000.0, 0.0, 1.0),
        (0.0, 200.0, math.log(2) / math.log(241)),
        (1_000.0, 4_000.0, math.log(41) / math.log(241)),
    ],
)
def test_the_weight_is_the_logarithm_of_production_and_a_quarter_of_transit(
    production: float, transit: float, weight: float
) -> None:
    assert produces("XXX", production, transit).weight == pytest.approx(weight, rel=1e-12)


def test_the_highest_of_several_countries_counts() -> None:
    table = {"KGZ": produces("KGZ", 0.66), "KAZ": produces("KAZ", 1_726.5), "TJK": produces("TJK", 0.32)}

    assert find_highest_exposure(("KGZ", "KAZ", "TJK"), table) == table["KAZ"]


def test_transit_counts_when_the_highest_is_sought() -> None:
    table = {"EGY": produces("EGY", 500.0, 9_000.0), "DZA": produces("DZA", 1_200.0)}

    assert find_highest_exposure(("DZA", "EGY"), table) == table["EGY"]


def test_a_country_that_is_not_in_the_table_is_unknown_and_hides_no_other() -> None:
    table = {"KAZ": produces("KAZ", 1_726.5)}

    assert find_highest_exposure(("ATA",), table) is None
    assert find_highest_exposure(("ATA", "KAZ"), table) == table["KAZ"]
