"""The first start of the price service: how far the warm-up is, on whose terms, the live series first."""

from __future__ import annotations

import io
import json
from datetime import timedelta

from prometheus_client import CollectorRegistry
from tests.prices.desk import Desk, Source, weekdays
from tests.prices.markets import FRONT

from brentwatch.prices.chain import ProviderAnswered
from brentwatch.prices.provider import Terms
from brentwatch.prices.series_feed import WarmUp
from brentwatch.prices.service import TermsOfUse, Watched, build_service
from brentwatch.settings.composed import Settings
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings

TERMS = {"yahoo": Terms("Yahoo Finance", "personal and research use")}


def events(log: str) -> list[str]:
    return [json.loads(line)["event"] for line in log.splitlines()]


def test_a_first_start_says_how_far_the_warm_up_is() -> None:
    source = Source(FRONT, weekdays(1_200))
    desk = Desk(FRONT, ("yahoo", source), backfill_sessions=1_100)
    desk.turn(FRONT.closes_at(max(source.prices)) + timedelta(hours=4))

    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    written = [(line["written"], line["records"]) for line in lines if "written" in line]
    assert [line["event"] for line in lines if line["event"].startswith("warm-up")][:3] == [
        "warm-up: fetching past prices",
        "warm-up: fetched",
        "warm-up: writing to the timeline",
    ]
    assert written == [(500, 1_101), (1_000, 1_101), (1_101, 1_101)]


def test_terms_are_said_once_by_a_first_start_and_never_again() -> None:
    log = io.StringIO()
    said = TermsOfUse(make_logger(TelemetrySettings(log_format="json"), service="prices", stream=log))
    watched = [
        Watched(series, Metrics(CollectorRegistry(), "prices"), Health(40.0), said.log, TERMS, said)
        for series in ("brent-front", "brent-front-5m")
    ]
    for each in watched:
        each.observe_chain(ProviderAnswered("yahoo", 5))  # no warm-up
    assert "terms of use" not in events(log.getvalue())

    for each in watched:
        each.observe_feed(WarmUp(0, None))
        each.observe_chain(ProviderAnswered("yahoo", 5))
    assert events(log.getvalue()).count("terms of use") == 1


def test_the_series_that_can_be_live_comes_first() -> None:
    log = io.StringIO()
    made = build_service(
        Settings(),
        Telemetry(
            Metrics(CollectorRegistry(), "prices"),
            Health(40.0),
            make_logger(TelemetrySettings(log_format="json"), service="prices", stream=log),
        ),
    )

    assert [feed.series.name for feed in made.feeds] == ["brent-front", "brent-front-5m", "brent-spot"]
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["detail"].startswith("brent-spot cannot be live")
