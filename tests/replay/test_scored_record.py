"""The record says what was forecast and what came; nothing that is known later changes an earlier line."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.replay.records import (
    SPOT,
    chain_lines,
    find_first_event,
    find_signals,
    record,
    record_history,
    revise,
)
from tests.wire.validators import validator

from brentwatch.core.calibration.daily import run_placebos
from brentwatch.core.domain import Alert, PriceLevels, PriceUpdate, PublishAlert
from brentwatch.core.errors import InvalidInput
from brentwatch.core.forecasts.table import load
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules, load_fits
from brentwatch.replay.scored_record import RecordPlace, clear_warmup, record_signals
from brentwatch.replay.turns import Tally, replay_signals
from brentwatch.wire.record_line import AlertLine, HeadsUpLine, RevisionLine, SessionLine

HISTORY = "abqaiq-2019"


def entries(name: str = HISTORY) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record_history(name)]


def tally(signals: Any) -> Tally:
    found = Tally()
    for turn in replay_signals(build_rules(SPOT), signals):
        found.take(turn)
    return found


def test_every_line_is_as_the_schema_says() -> None:
    schema = validator("record.v1")
    kinds = Counter(entry["kind"] for entry in entries())

    assert [entry for entry in entries() if not schema.is_valid(entry)] == []
    assert kinds["record"] == 1
    assert kinds.keys() == {"record", "session", "heads-up", "alert"}


def test_sessions_are_those_of_the_replay_with_its_numbers() -> None:
    replayed = tally(find_signals())
    lines = {line.session: line for line in record(find_signals()) if isinstance(line, SessionLine)}

    assert lines.keys() >= replayed.headlines.keys()
    for study in replayed.tested:
        line = lines[study.session]
        assert line.p == study.result.p  # type: ignore[union-attr] # tested, so it is found
        assert (line.close, line.log_return) == (study.move.close, study.move.log_return)  # type: ignore[union-attr]
        assert line.forecast is not None
        assert line.forecast.expected == study.result.expected  # type: ignore[union-attr]
        assert line.low is not None
        assert line.low < line.forecast.expected < (line.high or 0.0)
        assert line.events == study.events_total
    assert Counter(line.outcome for line in lines.values()) == {"tested": len(replayed.tested)}


def test_the_forecast_of_a_line_gives_its_p_and_its_range() -> None:
    """Both are computed here from the recorded parameters, by SciPy's t distribution."""
    from scipy import stats

    for line in record(find_signals()):
        if not isinstance(line, SessionLine) or line.forecast is None or line.log_return is None:
            continue
        forecast, above = line.forecast, line.log_return >= line.forecast.expected
        k, bend = (forecast.k_up, forecast.bend_up) if above else (forecast.k_down, forecast.bend_down)
        assert forecast.degrees_of_freedom is not None
        z = abs(line.log_return - forecast.expected) / (forecast.scale * k)
        q = float(stats.t(forecast.degrees_of_freedom).sf(z))
        q = q if q >= 0.025 else 0.025 * (q / 0.025) ** math.exp(-bend)
        assert line.p == pytest.approx(2.0 * q, rel=1e-9)
        assert line.pit == pytest.approx(1.0 - q if above else q, rel=1e-9)
        reach = forecast.scale * forecast.k_up * float(stats.t(forecast.degrees_of_freedom).ppf(0.975))
        assert line.high == pytest.approx(forecast.expected + reach, rel=1e-9)


def test_alerts_and_heads_ups_are_those_that_are_published() -> None:
    published: list[Alert] = [
        effect.alert
        for turn in replay_signals(build_rules(SPOT), find_signals())
        for effect in turn.effects
        if isinstance(effect, PublishAlert)
    ]
    lines = [line for line in record(find_signals()) if isinstance(line, AlertLine | HeadsUpLine)]

    assert [(line.alert_id, line.revision) for line in lines] == [
        (alert.alert_id, alert.revision) for alert in published
    ]
    first, settled = lines[0], lines[1]
    assert isinstance(first, HeadsUpLine)
    assert isinstance(settled, AlertLine)
    assert (settled.severity, settled.stage) == ("critical", "settlement")
    assert settled.tests[0].p == published[1].tests[0].p
    assert settled.news_at == min(event.known_at for event in published[1].events)


@pytest.mark.parametrize("left_out", [1, 5, 16])
def test_the_record_of_a_shorter_history_is_the_beginning_of_the_whole(left_out: int) -> None:
    shorter = chain_lines(record(find_signals()[:-left_out]))

    assert list(record_history()[: len(shorter)]) == shorter
    assert len(shorter) < len(record_history())


def test_no_forecast_of_a_session_knows_its_price() -> None:
    """With another close of the last session only what came differs, not what was forecast by any model."""
    signals = find_signals()
    at = max(number for number, each in enumerate(signals) if isinstance(each, PriceUpdate))
    update = signals[at]
    assert isinstance(update, PriceUpdate)
    changed = replace(update, bars=(replace(update.bars[0], close=1.3 * update.bars[0].close),))
    lines = [
        next(line for line in record(each) if isinstance(line, SessionLine) and line.number == at + 1)
        for each in (signals, (*signals[:at], changed, *signals[at + 1 :]))
    ]

    assert lines[0].p != lines[1].p
    assert lines[0].close != lines[1].close
    assert len(lines[0].peers) == 2
    for name in ("forecast", "low", "high", "turbulence", "peers"):
        assert getattr(lines[0], name) == getattr(lines[1], name)


def test_what_comes_later_only_adds_lines() -> None:
    """A late event, a retraction and a revised price join at the end."""
    signals = find_signals()
    event, newest = find_first_event(signals), signals[-1].known_at + timedelta(hours=1)
    late = replace(event, event=replace(event.event, event_id="late", known_at=newest))
    tested = [at for at, each in enumerate(signals) if isinstance(each, PriceUpdate) and not each.warmup]
    revised = revise(signals, tested[-3], 70.0)
    whole = chain_lines(record((*signals, late, replace(revised, known_at=newest))))

    assert whole[: len(record_history())] == list(record_history())
    added = [json.loads(line) for line in whole[len(record_history()) :]]
    assert "revision" in {line["kind"] for line in added}


def test_a_revised_price_is_a_new_line_with_the_same_forecast() -> None:
    signals = find_signals()
    tested = [at for at, each in enumerate(signals) if isinstance(each, PriceUpdate) and not each.warmup]
    update = signals[tested[-3]]
    assert isinstance(update, PriceUpdate)
    again = [revise(signals, tested[-3], 70.0)]
    lines = record((*signals, *again, *again))
    session = next(
        line for line in lines if isinstance(line, SessionLine) and line.session == update.bars[0].session
    )
    revisions = [line for line in lines if isinstance(line, RevisionLine)]
    mine = [line for line in revisions if line.session == session.session]

    assert len(mine) == 1
    assert mine[0].close == 70.0
    assert mine[0].p != session.p
    assert {line.session for line in revisions} <= {session.session, *(update_after(signals, tested[-3]))}


def update_after(signals: Any, at: int) -> list[Any]:
    """The session after, whose return begins with the revised price."""
    later = next(each for each in signals[at + 1 :] if isinstance(each, PriceUpdate))
    return [bar.session for bar in later.bars]


@pytest.mark.parametrize("at", [1500, 1605, 1612])
def test_a_record_continues_where_it_ended(at: int) -> None:
    signals = find_signals()
    at = min(at, len(signals) - 3)
    first = record(signals[:at])
    place = RecordPlace()
    for line in first:
        place = place.move_to(line)  # type: ignore[arg-type] # no header among them

    assert [*first, *record(signals, place)] == record(signals)
    for missing in range(1, min(place.lines, 3) + 1):  # killed between two lines of one signal
        earlier = replace(place, lines=place.lines - missing)
        assert [*first[:-missing], *record(signals, earlier)] == record(signals)


def test_other_signals_are_no_continuation() -> None:
    signals = find_signals()
    place = RecordPlace()
    for line in record(signals):
        place = place.move_to(line)  # type: ignore[arg-type] # no header among them
    first = next(at for at, each in enumerate(signals) if isinstance(each, PriceUpdate))
    update = signals[first]
    assert isinstance(update, PriceUpdate)
    changed = replace(update, known_at=update.known_at + timedelta(seconds=1))

    with pytest.raises(InvalidInput, match="are not those that the record was written from"):
        record((*signals[:first], changed, *signals[first + 1 :]), place)
    with pytest.raises(InvalidInput, match="the record goes to signal"):
        record(signals[: place.number - 1], place)


def test_no_price_level_is_written_that_nobody_may_show() -> None:
    hidden = replace(SPOT, price_levels=PriceLevels.DERIVED_ONLY)
    signals = (*find_signals(), revise(find_signals(), len(find_signals()) - 3, 70.0))
    lines = list(record_signals(build_rules(hidden), signals))
    sessions = [line for line in lines if isinstance(line, SessionLine | RevisionLine)]

    assert {line.close for line in sessions} == {None}
    assert any(isinstance(line, RevisionLine) for line in lines)
    assert all(line.log_return is not None for line in sessions)


@pytest.mark.slow
def test_the_bundled_record_has_the_sessions_of_the_calibration_and_cut_short_is_the_same() -> None:
    signals = tuple(clear_warmup(find_history("catalogue").signals))
    lines = record(signals)
    whole = chain_lines(lines)
    shorter = chain_lines(record(signals[: int(len(signals) * 0.55)]))

    assert whole[: len(shorter)] == shorter
    sessions = {line.session: line for line in lines if isinstance(line, SessionLine)}
    bars = [bar for each in signals if isinstance(each, PriceUpdate) for bar in each.bars]
    placebos = run_placebos(bars, load("adaptive-garch-t"), load_fits())
    assert len(placebos) == 6004
    assert {each.session for each in placebos} == {
        day for day, line in sessions.items() if line.close is not None and day >= placebos[0].session
    }
