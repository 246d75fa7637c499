"""The bundled past events: the curated rows of the catalogue, made again and read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from brentwatch.core.domain import BRENT_SPOT, AnalogueSources, EventAdmitted, PriceUpdate, Verification
from brentwatch.history.folder import find_history
from brentwatch.history.past_events import dump_past_events, load_past_events, measure_past_events
from brentwatch.history.rules import build_rules

SIGNALS = find_history("catalogue").signals
TABLE = (files("brentwatch.history") / "data" / "analogues.csv").read_text(encoding="utf-8")


def test_the_table_is_what_the_catalogue_and_its_prices_give() -> None:
    """If it fails: `make calibration`, or `python -m benchmarks.analogues` alone."""
    assert dump_past_events(measure_past_events(SIGNALS)) == TABLE
    assert dump_past_events(load_past_events()) == TABLE


def test_it_has_every_curated_row_and_no_other() -> None:
    events = [signal.event for signal in SIGNALS if isinstance(signal, EventAdmitted)]
    curated = {each.event_id for each in events if each.verification is Verification.CURATED}

    assert {each.event_id for each in load_past_events()} == curated
    assert (len(curated), len(events)) == (60, 82)


def test_a_move_is_the_one_of_the_price_file() -> None:
    """Abqaiq by hand: 61.25 on Friday 13 September 2019, 68.42 on Monday."""
    closes = {
        bar.session: bar.close for signal in SIGNALS if isinstance(signal, PriceUpdate) for bar in signal.bars
    }
    abqaiq = next(each for each in load_past_events() if each.event_id == "catalogue:SAU-2019-09-14")
    first, after = abqaiq.find_move(0), abqaiq.find_move(5)

    assert abqaiq.session == date(2019, 9, 16)
    assert first is not None
    assert after is not None
    assert (closes[date(2019, 9, 13)], closes[date(2019, 9, 16)]) == (61.25, 68.42)
    assert first.log_return == pytest.approx(0.110701, abs=1e-6)
    assert after.settled_at == BRENT_SPOT.series.closes_at(date(2019, 9, 23))


def test_a_move_that_has_not_settled_is_left_out() -> None:
    end = next(
        number
        for number, signal in enumerate(SIGNALS)
        if isinstance(signal, PriceUpdate) and any(bar.session == date(2019, 9, 18) for bar in signal.bars)
    )
    abqaiq = [*measure_past_events(SIGNALS[: end + 1])][-1]

    assert [each.sessions for each in abqaiq.moves] == [0, 1]


def test_an_instrument_gets_them_if_its_settings_say_so() -> None:
    assert build_rules(BRENT_SPOT).past_events == load_past_events()
    own = replace(BRENT_SPOT, analogues=AnalogueSources.OWN)
    assert build_rules(own).past_events == ()
