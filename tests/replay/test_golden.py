"""The golden replay: on the bundled histories the product says what is known to be true of them."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from brentwatch.core.domain import BRENT_SPOT, EventOutcome, Found, Refused, Severity
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.replay.turns import Tally, replay_signals

pytestmark = pytest.mark.slow

AS_PUBLISHED = 5e-4
"""How far p may lie from the published one, which has three digits."""


@cache
def replayed(name: str) -> Tally:
    tally = Tally()
    for turn in replay_signals(build_rules(BRENT_SPOT), find_history(name).signals):
        tally.take(turn)
    return tally


def p(name: str, session: date) -> float:
    result = replayed(name).headlines[session].result
    assert isinstance(result, Found)
    return result.p


def loud(name: str) -> dict[date, Severity]:
    """The alerts above `info`, by session; heads-ups that no abnormal move followed are none."""
    quiet = (None, Severity.INFO)
    alerts = replayed(name).alerts.values()
    return {each.session: each.severity for each in alerts if each.severity not in quiet}


@pytest.mark.slow
def test_the_catalogue_alerts_at_exactly_four_sessions_and_at_no_control() -> None:
    assert loud("catalogue") == {
        date(2017, 11, 6): Severity.HIGH,
        date(2019, 9, 16): Severity.CRITICAL,
        date(2025, 6, 13): Severity.CRITICAL,
        date(2026, 3, 2): Severity.CRITICAL,
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("session", "country"),
    [
        (date(2017, 11, 6), "SAU"),
        (date(2019, 9, 16), "SAU"),
        (date(2025, 6, 13), "IRN"),
        (date(2026, 3, 2), "IRN"),
    ],
)
def test_each_of_them_names_its_event(session: date, country: str) -> None:
    (alert,) = [each for each in replayed("catalogue").alerts.values() if each.session == session]

    assert [event.country for event in alert.events] == [country]


@pytest.mark.parametrize(
    ("name", "session", "published"),
    [
        ("kazakhstan-2022", date(2022, 1, 5), 0.355),
        ("kazakhstan-2022", date(2022, 1, 6), 0.282),
        ("kazakhstan-2022", date(2022, 1, 11), 0.0194),
        ("vorukh-2021", date(2021, 4, 29), 0.300),
        ("abqaiq-2019", date(2019, 9, 16), 0.0016),
        ("libya-2011", date(2011, 2, 22), 0.0212),
        ("catalogue", date(2026, 3, 2), 0.00080),
    ],
)
def test_p_is_the_published_one(name: str, session: date, published: float) -> None:
    assert p(name, session) == pytest.approx(published, abs=AS_PUBLISHED)


@pytest.mark.parametrize("name", ["kazakhstan-2022", "vorukh-2021"])
def test_where_nothing_moved_nothing_is_announced(name: str) -> None:
    assert [each.severity for each in replayed(name).alerts.values() if each.severity is not None] == []


def test_the_price_does_not_tell_kazakhstan_from_vorukh_and_the_barrels_do() -> None:
    kazakhstan = replayed("kazakhstan-2022").headlines[date(2022, 1, 5)]
    vorukh = replayed("vorukh-2021").headlines[date(2021, 4, 29)]

    assert kazakhstan.exposure == pytest.approx(0.65, abs=0.01)
    assert vorukh.exposure == pytest.approx(0.002, abs=0.001)


def test_the_saturday_attack_is_mondays() -> None:
    (alert,) = [each for each in replayed("abqaiq-2019").alerts.values() if each.severity is not None]

    assert (alert.session, alert.severity) == (date(2019, 9, 16), Severity.CRITICAL)
    assert alert.heads_up is not None
    assert "catalogue:SAU-2019-09-14" in [event.event_id for event in alert.events]


def test_a_monday_without_a_price_sends_its_event_to_tuesday() -> None:
    libya = replayed("libya-2011")

    assert isinstance(libya.headlines[date(2011, 2, 21)].result, Refused)
    assert "catalogue:LBY-2011-02-20" in [
        event.event_id for event in libya.headlines[date(2011, 2, 22)].events
    ]


def test_every_event_of_a_history_is_accepted() -> None:
    assert replayed("kazakhstan-2022").events == {EventOutcome.ACCEPTED: 14}
    assert replayed("catalogue").events == {EventOutcome.ACCEPTED: 82}


def test_the_bundled_series_is_calibrated() -> None:
    study = replayed("kazakhstan-2022").headlines[date(2022, 1, 5)]

    assert study.calibration is not None
    assert "uncalibrated" not in study.flags
