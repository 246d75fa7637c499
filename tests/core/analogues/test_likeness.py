"""The distance of two events: each part alone, their sum, and what a past event counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from brentwatch.core.analogues.likeness import (
    HALF_LIFE,
    PARTS,
    REACH,
    explain_distance,
    measure_distance,
    weigh_analogue,
)
from brentwatch.core.domain import EventClass, PastEvent

NOW = PastEvent(
    event_id="desk:now",
    known_at=datetime(2022, 1, 5, 9, tzinfo=UTC),
    country="KAZ",
    event_class=EventClass.RIOT,
    exposure=0.8,
    relevance=0.5,
    fatalities=None,
    session=date(2022, 1, 5),
    moves=(),
)
YEAR = timedelta(days=365.25)


def differ(**changes: Any) -> float:
    return measure_distance(replace(NOW, **changes), NOW)


def test_the_parts_add_up_to_one() -> None:
    assert sum(PARTS.values()) == pytest.approx(1.0)
    farthest = replace(NOW, country="LBY", event_class=EventClass.COUP, exposure=0.0, relevance=1.0)
    other = replace(NOW, exposure=1.0, relevance=0.0)
    assert measure_distance(farthest, other) == pytest.approx(1.0)
    assert measure_distance(NOW, NOW) == 0.0


@pytest.mark.parametrize(
    ("changes", "distance"),
    [
        ({"event_class": EventClass.PROTEST}, 0.5 * PARTS["class"]),
        ({"event_class": EventClass.COUP}, PARTS["class"]),
        ({"exposure": 0.5}, 0.3 * PARTS["exposure"]),
        ({"exposure": None}, 0.5 * PARTS["exposure"]),
        ({"country": "LBY"}, PARTS["country"]),
        ({"relevance": 0.9}, 0.4 * PARTS["intensity"]),
    ],
)
def test_each_part_counts_alone(changes: dict[str, Any], distance: float) -> None:
    assert differ(**changes) == pytest.approx(distance)


def test_deaths_count_on_a_logarithmic_scale_if_both_report_them() -> None:
    now = replace(NOW, fatalities=9)
    past = replace(NOW, fatalities=99, relevance=0.9)

    assert measure_distance(past, now) == pytest.approx(PARTS["intensity"] * 0.3333, abs=1e-4)
    assert measure_distance(replace(past, fatalities=None), now) == pytest.approx(PARTS["intensity"] * 0.4)
    assert measure_distance(replace(past, fatalities=10**9), now) == pytest.approx(PARTS["intensity"])


def test_the_distance_is_explained_with_the_figures_of_the_past_event_first() -> None:
    past = replace(NOW, event_class=EventClass.PROTEST, country="LBY", exposure=0.9, relevance=0.4)
    assert explain_distance(past, NOW) == (
        "same group (unrest), exposure 0.90 against 0.80, other country, relevance 0.40 against 0.50"
    )
    deaths = replace(NOW, fatalities=1_200, exposure=None), replace(NOW, fatalities=3)
    assert explain_distance(*deaths) == "same class, exposure unknown, same country, deaths 1,200 against 3"
    assert explain_distance(replace(NOW, event_class=EventClass.COUP), NOW).startswith("other class, ")


def test_the_weight_falls_with_distance_and_halves_with_age() -> None:
    assert weigh_analogue(0.0, timedelta(0)) == 1.0
    assert weigh_analogue(REACH / 2, timedelta(0)) == pytest.approx(0.75)
    assert weigh_analogue(REACH, timedelta(0)) == weigh_analogue(0.9, YEAR) == 0.0
    assert weigh_analogue(0.0, HALF_LIFE) == pytest.approx(0.5)
    assert weigh_analogue(0.0, 20 * YEAR) == pytest.approx(0.25)
