from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from brentwatch.history.bundled import load_exposure

TABLE = load_exposure()
ROWS = list(
    csv.DictReader((files("brentwatch.history") / "data" / "exposure.csv").read_text("utf-8").splitlines())
)


def test_every_country_of_the_file_is_in_the_table() -> None:
    assert sorted(TABLE) == sorted(row["iso3"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["iso3"])
def test_the_weight_is_the_one_of_the_file(row: dict[str, str]) -> None:
    assert TABLE[row["iso3"]].weight == pytest.approx(float(row["weight_with_transit"]), abs=0.001)


@pytest.mark.parametrize(
    ("country", "weight"),
    [
        ("KAZ", 0.65),
        ("LBY", 0.57),
        ("NGA", 0.60),
        ("IRQ", 0.82),
        ("IRN", 0.94),
        ("SAU", 0.98),
        ("RUS", 0.98),
        ("KGZ", 0.002),
        ("TJK", 0.001),
    ],
)
def test_the_weights_that_are_quoted_are_those_of_the_table(country: str, weight: float) -> None:
    assert TABLE[country].weight == pytest.approx(weight, abs=0.0055 if weight > 0.01 else 0.0006)


def test_a_strait_is_named_beside_its_barrels() -> None:
    turkey = TABLE["TUR"]

    assert (turkey.production_kbd, turkey.transit_kbd, turkey.transit_name) == (
        69.01,
        3400,
        "Turkish Straits",
    )


def test_a_country_without_transit_has_none() -> None:
    assert (TABLE["KAZ"].transit_kbd, TABLE["KAZ"].transit_name, TABLE["KAZ"].period) == (
        0.0,
        None,
        "2022-04",
    )
