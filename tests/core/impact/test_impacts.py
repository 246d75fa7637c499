"""The impact of own events: the figures of a replay, for the same sessions, windows and prices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from brentwatch.core.domain import (
    BRENT_SPOT,
    UNCALIBRATED,
    WINDOWS,
    Bar,
    EventAdmitted,
    Found,
    PriceUpdate,
    PublishStudy,
    Refused,
    SessionStudy,
    Window,
)
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.forecasts.table import HEADLINE_MODEL, MODELS, SHOWN
from brentwatch.core.impact.impacts import EventImpact, Impacts, measure_impacts
from brentwatch.core.monitor.rules import Rules
from brentwatch.history.rules import build_rules
from brentwatch.replay.recording import Recording, read_history
from brentwatch.replay.turns import replay_signals

HISTORIES = ("abqaiq-2019", "kazakhstan-2022", "libya-2011", "vorukh-2021")
Key = tuple[date, Window, str]


@cache
def get_rules() -> Rules:
    return build_rules(BRENT_SPOT)


@cache
def get_recording(history: str) -> Recording:
    return read_history(history, BRENT_SPOT)


@cache
def replay(history: str) -> Mapping[Key, SessionStudy]:
    """The newest revision of each study that a replay publishes."""
    studies: dict[Key, SessionStudy] = {}
    for turn in replay_signals(get_rules(), get_recording(history).signals):
        for effect in turn.effects:
            if isinstance(effect, PublishStudy) and isinstance(effect.study, SessionStudy):
                study = effect.study
                studies[study.session, study.window, study.model] = study
    return studies


def list_bars(history: str) -> list[Bar]:
    updates = (signal for signal in get_recording(history).signals if isinstance(signal, PriceUpdate))
    bars = {bar.session: bar for update in updates for bar in update.bars}
    return [bars[session] for session in sorted(bars)]


def list_events(history: str) -> dict[str, date | datetime]:
    signals = get_recording(history).signals
    events = (signal.event for signal in signals if isinstance(signal, EventAdmitted))
    return {
        event.event_id: event.known_at.date() if event.is_bare_date else event.known_at for event in events
    }


def list_windows(found: Impacts) -> Iterator[tuple[Key, EventImpact, int]]:
    for impact in found.found:
        for place, each in enumerate(impact.windows):
            yield (impact.session, each.window, found.model), impact, place


@pytest.mark.parametrize("model", SHOWN)
@pytest.mark.parametrize("history", HISTORIES)
def test_the_figures_are_those_of_a_replay(history: str, model: str) -> None:
    published = replay(history)
    found = measure_impacts(list_events(history), list_bars(history), get_rules(), model)
    assert {impact.event for impact in found.found} == set(list_events(history))
    for key, impact, place in list_windows(found):
        window = impact.windows[place]
        assert window.result == published[key].result
        assert window.flags == published[key].flags
        assert window.confounders == published[key].confounders
        assert impact.calibration == published[key].calibration


def test_a_bare_date_has_the_two_sessions_that_it_has_in_a_replay() -> None:
    found = measure_impacts(list_events("kazakhstan-2022"), list_bars("kazakhstan-2022"), get_rules())
    sessions = [
        (each.session, each.carried) for each in found.found if each.event == "catalogue:KAZ-2022-01-03"
    ]
    assert sessions == [(date(2022, 1, 3), False), (date(2022, 1, 4), True)]
    for session, carried in sessions:
        events = replay("kazakhstan-2022")[session, WINDOWS[0], HEADLINE_MODEL].events
        assert [each.carried for each in events if each.event_id == "catalogue:KAZ-2022-01-03"] == [carried]


def test_an_instant_has_the_first_session_that_settles_after_it() -> None:
    before, after = datetime(2019, 9, 16, 15, 29, tzinfo=UTC), datetime(2019, 9, 16, 15, 30, tzinfo=UTC)
    found = measure_impacts({"before": before, "after": after}, list_bars("abqaiq-2019"), get_rules())
    assert [(each.event, each.session, each.carried) for each in found.found] == [
        ("before", date(2019, 9, 16), False),
        ("after", date(2019, 9, 17), False),
    ]


@pytest.mark.parametrize("model", MODELS)
def test_a_forecast_reads_no_later_price(model: str) -> None:
    bars = list_bars("abqaiq-2019")[-560:]
    at = next(place for place, bar in enumerate(bars) if bar.session == date(2019, 9, 16))
    later = [*bars[: at + 1], *(replace(bar, close=2.0 * bar.close) for bar in bars[at + 1 :])]
    event = {"Abqaiq": datetime(2019, 9, 14, 1, tzinfo=UTC)}
    rules = replace(get_rules(), fits={})
    whole, changed = (
        measure_impacts(event, each, rules, model, [Window(0, 0)]).found[0] for each in (bars, later)
    )
    assert whole.windows == changed.windows


def test_prices_without_bundled_fits_are_learnt_from_the_first_session_on() -> None:
    """As a monitor that tests every session: its memory, session by session, gives the same figures."""
    bars = list_bars("abqaiq-2019")[-560:]
    rules = replace(get_rules(), fits={})
    days = [bar.session for bar in bars[-20:-6:6]]
    together = measure_impacts({str(day): day for day in days}, bars, rules)
    alone = [measure_impacts({str(day): day}, bars, rules) for day in days]
    assert list(together.found) == [impact for each in alone for impact in each.found]
    scaled = measure_impacts({"a": days[-1]}, bars, rules).found[0].windows[0].result
    unscaled = measure_impacts({"a": days[-1]}, bars, rules, "garch-t").found[0].windows[0].result
    assert isinstance(scaled, Found)
    assert isinstance(unscaled, Found)
    assert scaled.p != unscaled.p


def test_bundled_memories_are_used_up_to_the_last_month_that_has_one() -> None:
    """Newer prices than the bundled ones go on from there."""
    bars = list_bars("abqaiq-2019")
    known = {month: row for month, row in get_rules().fits.items() if month <= (2019, 8)}
    event = {"Abqaiq": datetime(2019, 9, 14, 1, tzinfo=UTC)}
    calls: list[tuple[int, int]] = []

    def count(done: int, needed: int) -> None:
        calls.append((done, needed))

    shorter = measure_impacts(event, bars, replace(get_rules(), fits=known), progress=count)
    bundled, walked = (
        each.found[0].windows[0].result for each in (measure_impacts(event, bars, get_rules()), shorter)
    )
    assert isinstance(bundled, Found)
    assert isinstance(walked, Found)
    assert walked.p == pytest.approx(bundled.p, rel=1e-6)
    assert calls[-1] == (12, 12)  # 30 August and the sessions of September through the sixteenth


def test_events_without_a_session_are_refused_with_the_reason() -> None:
    events: dict[str, date | datetime] = {
        "early": date(2000, 1, 3),
        "late": date(2030, 1, 3),
        "short": list_bars("abqaiq-2019")[100].session,
        "fine": date(2019, 9, 16),
    }
    found = measure_impacts(events, list_bars("abqaiq-2019"), get_rules())
    assert list(found.refused) == ["early", "late", "short"]
    assert "the prices begin on" in found.refused["early"]
    assert "the prices end on" in found.refused["late"]
    assert "returns" in found.refused["short"]
    assert {each.event for each in found.found} == {"fine"}


def test_a_window_that_has_not_settled_says_how_far_it_is() -> None:
    bars = list_bars("abqaiq-2019")
    found = measure_impacts({"newest": bars[-2].session}, bars, get_rules()).found
    longest = found[0].windows[-1]
    assert isinstance(longest.result, Found)
    assert (longest.result.observed, longest.result.planned) == (2, 6)
    assert longest.sessions == (bars[-2].session, bars[-1].session)


def test_a_longer_window_than_the_monitor_has_can_be_asked_for() -> None:
    found = measure_impacts(
        {"a": date(2019, 8, 1)}, list_bars("abqaiq-2019"), get_rules(), windows=[Window(0, 0), Window(0, 10)]
    )
    usual = measure_impacts({"a": date(2019, 8, 1)}, list_bars("abqaiq-2019"), get_rules())
    results = [each.result for each in found.found[0].windows]
    assert results[0] == usual.found[0].windows[0].result
    assert isinstance(results[1], Found)
    assert results[1].observed == 11


@pytest.mark.parametrize(
    ("windows", "words"),
    [([Window(-1, 1)], "starts at -1"), ([], "no window"), ([Window(0, 1_000)], "longer than")],
)
def test_windows_that_cannot_be_forecast_are_refused(windows: Sequence[Window], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        measure_impacts({"a": date(2019, 9, 16)}, list_bars("abqaiq-2019"), get_rules(), windows=windows)


def test_an_unknown_model_and_missing_prices_are_refused() -> None:
    with pytest.raises(SettingsError, match="no model is called"):
        measure_impacts({"a": date(2019, 9, 16)}, list_bars("abqaiq-2019"), get_rules(), "arima")
    with pytest.raises(InvalidInput, match="no prices"):
        measure_impacts({"a": date(2019, 9, 16)}, [], get_rules())


def test_a_model_without_a_record_is_flagged() -> None:
    found = measure_impacts({"a": date(2019, 9, 16)}, list_bars("abqaiq-2019"), get_rules(), "garch-t")
    recorded = get_rules().find_calibration("garch-t", date(2019, 9, 16))
    assert (UNCALIBRATED in found.found[0].windows[0].flags) == (recorded is None)


def test_a_refused_window_keeps_its_reason_beside_the_others() -> None:
    bars = list_bars("abqaiq-2019")
    at = next(place for place, bar in enumerate(bars) if bar.session == date(2019, 9, 17))
    below = [*bars[:at], replace(bars[at], close=-1.0), *bars[at + 1 :]]
    found = measure_impacts({"a": datetime(2019, 9, 16, tzinfo=UTC)}, below, get_rules()).found[0]
    assert [type(each.result) for each in found.windows] == [Found, Refused, Refused]


def test_a_bare_date_whose_second_session_has_no_test_keeps_the_first() -> None:
    bars = list_bars("abqaiq-2019")
    at = next(place for place, bar in enumerate(bars) if bar.session == date(2019, 9, 17))
    below = [*bars[:at], replace(bars[at], close=-1.0), *bars[at + 1 :]]
    found = measure_impacts({"a": date(2019, 9, 16)}, below, get_rules())
    assert [each.session for each in found.found] == [date(2019, 9, 16)]
    assert found.refused == {}
