"""Relevance is the class times the larger of exposure and nearness; unknown is not zero."""

from __future__ import annotations

import numpy as np
import pytest

from brentwatch.core.domain import (
    CLASS_WEIGHTS,
    KIND_WEIGHTS,
    REACH_KM,
    UNKNOWN_EXPOSURE,
    Asset,
    AssetKind,
    EventClass,
    compute_relevance,
    find_exposure_at,
    find_nearest_asset,
    measure_kilometres,
)
from brentwatch.history.bundled import load_exposure, load_oil_assets

STRAIT = Asset("Strait", AssetKind.CHOKEPOINT, 12.6, 43.3)
FIELD = Asset("Field", AssetKind.FIELD, 12.6, 44.0)


def test_every_class_and_every_kind_has_a_weight_from_0_to_1() -> None:
    assert set(CLASS_WEIGHTS) == set(EventClass)
    assert set(KIND_WEIGHTS) == set(AssetKind)
    assert all(0 < weight <= 1 for weight in (*CLASS_WEIGHTS.values(), *KIND_WEIGHTS.values()))


def test_exposure_counts_where_nothing_is_near() -> None:
    found = compute_relevance(EventClass.STRIKE, 0.65, None, (STRAIT,))
    assert found.weight == pytest.approx(0.7 * 0.65)
    assert str(found) == "relevance 0.455 (strike, exposure 0.650, near no asset)"


def test_nearness_counts_where_a_country_produces_little() -> None:
    found = compute_relevance(EventClass.BOMBARDMENT, 0.1, (12.6, 43.3), (STRAIT, FIELD))
    assert found.weight == pytest.approx(0.8)
    assert found.asset == "Strait"


def test_unknown_exposure_is_not_zero() -> None:
    assert compute_relevance(EventClass.COUP, None, None, ()).weight == UNKNOWN_EXPOSURE
    assert compute_relevance(EventClass.COUP, 0.001, None, ()).weight == pytest.approx(0.001)
    table = load_exposure()
    assert table["TJK"].weight < UNKNOWN_EXPOSURE < table["LBY"].weight


def test_nearness_falls_in_a_straight_line_to_the_end_of_its_reach() -> None:
    half, _ = find_nearest_asset((12.6 + REACH_KM / 2 / 111.2, 43.3), (STRAIT,))
    assert half == pytest.approx(0.5)
    assert find_nearest_asset((12.6 + 1.01 * REACH_KM / 111.2, 43.3), (STRAIT,)) == (0.0, None)


def test_distances_are_those_of_the_map() -> None:
    london, paris = (51.5074, -0.1278), (48.8566, 2.3522)
    assert measure_kilometres(london, paris) == pytest.approx(344, rel=0.01)
    assert measure_kilometres((0.0, 179.5), (0.0, -179.5)) == pytest.approx(111.2)


def test_the_bundled_assets_are_places_with_names_of_their_own() -> None:
    assets = load_oil_assets()
    assert len({asset.name for asset in assets}) == len(assets) >= 40
    assert all(abs(asset.lat) <= 90 and abs(asset.lon) <= 180 for asset in assets)
    weight, name = find_nearest_asset((25.94, 49.67), assets)
    assert name == "Abqaiq"
    assert weight > 0.9


def test_the_nearest_asset_is_that_of_every_asset_measured() -> None:
    assets, places = load_oil_assets(), np.random.default_rng(3)
    near = 0
    for _ in range(500):
        asset = assets[places.integers(len(assets))]
        place = (asset.lat + float(places.uniform(-1.4, 1.4)), asset.lon + float(places.uniform(-1.8, 1.8)))
        found = max(
            (
                KIND_WEIGHTS[each.kind] * (1 - measure_kilometres(place, (each.lat, each.lon)) / REACH_KM),
                each.name,
            )
            for each in assets
        )
        near += found[0] > 0
        assert find_nearest_asset(place, assets) == (found if found[0] > 0 else (0.0, None))
    assert 100 < near < 490


def test_an_event_at_novorossiysk_puts_the_barrels_of_kazakhstan_at_risk() -> None:
    exposure, nearness = find_exposure_at(("RUS",), (44.7, 37.8), load_exposure(), load_oil_assets())

    assert exposure is not None
    assert (exposure.country, nearness > 0.8) == ("KAZ", True)


def test_away_from_such_an_asset_it_is_the_weightiest_country() -> None:
    exposure, nearness = find_exposure_at(("KGZ", "RUS"), None, load_exposure(), load_oil_assets())

    assert exposure is not None
    assert (exposure.country, nearness) == ("RUS", 0.0)


def test_whose_oil_it_is_is_a_country_of_the_table() -> None:
    owners = {asset.barrels_of for asset in load_oil_assets()} - {None}

    assert owners == {"KAZ", "AZE", "SSD"}
    assert owners <= set(load_exposure())
