"""Whatever a site answers, its provider costs itself alone: the next one gives its prices."""

from __future__ import annotations

import random
from os import environ
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from tests.fuzz.mutating import mutated
from tests.ingest.test_mutated_answers import ABSURD_WAITS
from tests.prices.answers import RAW
from tests.prices.desk import Desk, Source
from tests.prices.markets import FRONT, MONDAY, NOW, SPOT, WEEK
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_site import ToStub, forget

from brentwatch.prices.providers.eia import Eia
from brentwatch.prices.providers.fred import Fred
from brentwatch.prices.providers.massive import Massive
from brentwatch.prices.providers.settings import EiaSettings, FredSettings, MassiveSettings, ProviderSettings
from brentwatch.prices.providers.yahoo import Yahoo
from brentwatch.telemetry.table import PRICE_FETCHES

if TYPE_CHECKING:
    from datetime import datetime

    from brentwatch.core.domain import Series
    from brentwatch.prices.provider import Provider

OUTCOMES = PRICE_FETCHES.labels[1].values
ROUNDS = {"eia": 100, "fred": 100, "yahoo": 25, "massive": 100}
"""An answer goes through yfinance in 20 ms."""
TIMES = 20 if environ.get("BRENTWATCH_LONG") else 1


def made(name: str, url: str) -> tuple[Series, Provider]:
    match name:
        case "eia":
            eia = EiaSettings(url=url, api_key=SecretStr("k"))
            return SPOT, Eia(SPOT, ProviderSettings(eia=eia))
        case "fred":
            return SPOT, Fred(SPOT, ProviderSettings(fred=FredSettings(url=url)))
        case "massive":
            massive = MassiveSettings(url=url, api_key=SecretStr("k"))
            return FRONT, Massive(FRONT, ProviderSettings(massive=massive))
    forget()
    return FRONT, Yahoo(FRONT, ProviderSettings(), ToStub(url))


def lie(name: str, dice: random.Random) -> Answer:
    headers = {"Retry-After": dice.choice(ABSURD_WAITS)} if dice.random() < 0.2 else {}
    status = 200 if dice.random() < 0.8 else dice.choice([204, 206, 400, 429, 500])
    return Answer(mutated(RAW[name], dice), status, headers)


@pytest.mark.attack
@pytest.mark.parametrize("name", ROUNDS)
@pytest.mark.slow
def test_a_provider_with_mutated_answers_never_holds_up_the_next_one_and_is_well_afterwards(
    name: str,
) -> None:
    dice = random.Random(name)
    with Stub().running() as stub:
        for _ in range(TIMES * ROUNDS[name]):
            series, provider = made(name, stub.url)
            desk = Desk(series, (name, provider), ("other", Source(series, WEEK)))
            stub.always(lie(name, dice))
            later = desk.turn(NOW)
            check(desk, name, later)
            if not answered(desk, name):
                assert {session: close for session, close, _ in desk.bars()} == WEEK
            stub.always(Answer(RAW[name]))
            forget()
            found = provider.fetch(MONDAY, NOW)
            assert {quote.session: quote.close for quote in found} == WEEK
    forget()


def check(desk: Desk, name: str, later: datetime) -> None:
    """One answer had one outcome; nothing was an error of ours, and all that was written can be read."""
    outcomes = [desk.counted("price_fetches_total", provider=name, outcome=each) for each in OUTCOMES]
    assert sum(outcomes) == 1
    assert later > NOW
    assert "Traceback" not in desk.log.getvalue(), desk.log.getvalue()
    records = [each for each in desk.timeline.records if each.partition.number == desk.partitions[0]]
    assert len(desk.timeline.updates(desk.partitions[0])) == len(records)


def answered(desk: Desk, name: str) -> float:
    return desk.counted("price_fetches_total", provider=name, outcome="answered")
