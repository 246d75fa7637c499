"""The bundled events come as a table that `event_study` and `impact` take as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pandas as pd
import pytest

from brentwatch import InvalidInput, bundled_events, bundled_prices, event_study
from brentwatch.core.domain import KNOWN, EventClass
from brentwatch.core.event_study.table import MODELS as CLASSICAL
from brentwatch.core.forecasts.table import MODELS as FORECASTS
from brentwatch.history.folder import list_histories
from brentwatch.notebook import names

if TYPE_CHECKING:
    from brentwatch.notebook.names import EventClassName


def test_the_catalogue_has_a_row_for_each_event() -> None:
    events = bundled_events()

    assert list(events.columns) == [
        "event", "date", "known_at", "country", "country_name", "event_class", "place", "headline", "source",
    ]  # fmt: skip
    assert len(events) == events["event"].nunique() == 82
    abqaiq = events.set_index("event").loc["SAU-2019-09-14"]
    assert abqaiq["known_at"].startswith("2019-09-14T0")
    assert abqaiq["country_name"] == "Saudi Arabia"
    assert abqaiq["date"] == pd.Timestamp("2019-09-14")
    assert (events["source"].str.startswith("http")).all()


def test_events_are_chosen_by_country_and_class() -> None:
    iran = bundled_events(country="IRN")

    assert len(iran) == 10
    assert bundled_events(country="Iran").equals(iran)
    assert bundled_events(country=["IRN", "iq"])["event"].nunique() > len(iran)
    assert set(bundled_events(event_class=["protest", "strike"])["event_class"]) == {"protest", "strike"}
    assert list(bundled_events(country="IRN", event_class="strike")["event"]) == ["IRN-2022-10-10"]


def test_chosen_events_go_straight_into_a_study() -> None:
    events = bundled_events(country="IRN")
    study = event_study(events, windows=[(0, 0)])

    assert list(study.events) == list(events["event"])
    assert study.to_frame()["session"].iloc[-1] == pd.Timestamp("2026-03-02")


def test_a_time_of_day_is_used_and_a_bare_date_stays_one() -> None:
    """The events are named by the index here, not by their headlines."""
    events = bundled_events(country="IRN").set_index("event")
    notes = event_study(events, windows=[(0, 0)]).notes

    assert events.loc["IRN-2024-10-01", "known_at"] == "2024-10-01T16:30:00Z"
    assert "IRN-2024-04-13" in notes[1]
    assert "IRN-2024-10-01" not in notes[1]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"country": "Irann"}, "country is 'Irann'; .*expected"),
        ({"country": "Norway"}, "no event of this history is in Norway; expected one of .*IRN"),
        ({"country": 5}, "country is 5; expected one or more ISO 3166-1 codes"),
        ({"country": []}, "country is .*; expected one or more"),
        ({"event_class": "protests"}, "event_class is 'protests'; .* did you mean 'protest'?"),
        ({"event_class": []}, "event_class is .*; expected one name or more"),
        (
            {"country": "KAZ", "event_class": "coup"},
            "no event of 'catalogue' has country 'KAZ' and event_class",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(asked: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        bundled_events(**asked)  # type: ignore[arg-type]  # the attempt is the test


def test_both_faults_are_reported_at_once() -> None:
    wrong: EventClassName = "protests"  # type: ignore[assignment]  # mypy finds it too
    with pytest.raises(InvalidInput) as raised:
        bundled_events(country="Norway", event_class=wrong)

    assert len(raised.value.faults) == 2


def test_a_history_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"history is 'abqaiq'; .* did you mean 'abqaiq-2019'?"):
        bundled_prices("abqaiq")  # type: ignore[arg-type]  # mypy finds it too


def test_the_types_name_what_the_tables_hold() -> None:
    assert get_args(names.ClassicalModel) == tuple(CLASSICAL)
    assert get_args(names.ForecastModel) == tuple(FORECASTS)
    assert get_args(names.InstrumentName) == tuple(KNOWN)
    assert get_args(names.HistoryName) == list_histories()
    assert get_args(names.EventClassName) == tuple(each.value for each in EventClass)


def test_the_functions_take_these_types() -> None:
    """Each comment makes mypy fail if it finds nothing wrong."""
    with pytest.raises(InvalidInput):
        event_study("2022-01-05", model="garch-t")  # type: ignore[arg-type]  # no classical model
    with pytest.raises(InvalidInput):
        event_study("2022-01-05", instrument="brent")  # type: ignore[arg-type]  # no instrument
