from __future__ import annotations

from datetime import date

from tests.core.event_study.series import brent

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.event_study.batch import study_events
from brentwatch.core.event_study.constant_mean import ConstantMean
from brentwatch.core.event_study.design import Design


def test_events_keep_their_names_also_where_some_between_them_are_refused() -> None:
    events = {"late": date(2030, 1, 1), "abqaiq": date(2019, 9, 16), "early": date(2001, 2, 1)}
    found = study_events(events, brent(), Design(), ConstantMean(), BRENT_SPOT)

    assert [(event_id, study.rows[5].session) for event_id, study in found.found] == [
        ("abqaiq", date(2019, 9, 16))
    ]
    assert list(found.refused) == ["late", "early"]
    assert found.refused["late"].startswith("no session settles after the event")


def test_places_are_the_sessions_of_the_windows_gap_left_out() -> None:
    found = study_events({"a": date(2019, 9, 16)}, brent(), Design(), ConstantMean(), BRENT_SPOT)
    (places,) = found.studies.list_places().tolist()
    at = found.at[0]

    assert places == [*range(at - 130, at - 10), *range(at - 5, at + 11)]
