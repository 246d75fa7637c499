"""The first minutes of an installation: an empty broker, `topics create`, `run`, one event, the answer.

Everything is as a user starts it, on the default instruments. Yahoo is a proxy that speaks as it does, FRED a
stub, and yfinance is as it comes.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.kafka.certificates import self_signed
from tests.kafka.outside import chosen
from tests.kafka.patience import await_true
from tests.kafka.programs import await_member, create_topics, service
from tests.kafka.tools import values, write
from tests.prices.markets import newest_sessions, ordinary
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_proxy import NAMES, proxy
from tests.prices.yahoo_site import chart, midnight

from brentwatch.core.alignment import settlement
from brentwatch.core.instruments import BRENT_FRONT
from brentwatch.core.sessions.roll import expired
from brentwatch.stream.records import Outgoing
from brentwatch.stream.topics import ALERTS, EVENTS, STUDIES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from brentwatch.stream.settings import KafkaSettings

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl wanted, to make a certificate"),
]

SESSIONS = 1_600
FINISHED = timedelta(hours=3)
"""After its settlement a session's row is final."""


def last_session() -> date:
    """A session that is finished now, and whose return is no splice of two contracts."""
    now = datetime.now(UTC)
    days = [day for day in newest_sessions("globex", now.date(), 12) if closes_at(day) + FINISHED <= now]
    return next(day for day, before in zip(days[:1:-1], days[-3::-1], strict=False) if is_plain(before, day))


def is_plain(two_before: date, session: date) -> bool:
    return expired("brent", two_before, session) is None


def closes_at(session: date) -> datetime:
    return settlement(BRENT_FRONT, session)


class Site:
    """Daily rows of Yahoo, and since when the last session is among them; it has no 5-minute bars."""

    def __init__(self, session: date) -> None:
        prices = ordinary("globex", session - timedelta(days=1), SESSIONS)
        self.past = {midnight(day): price for day, price in prices.items()}
        self.last = {midnight(session): round(prices[max(prices)] * 1.13, 2)}
        self.is_settled = False
        self.asked_since = 0

    def answer(self, line: str) -> bytes:
        if "interval=1d" not in line:
            return chart({}, "5m")
        if "range=1d" in line:  # yfinance asks for the time zone of a symbol first
            return chart(dict([*self.past.items()][-1:]))
        self.asked_since += self.is_settled
        return chart(self.past | (self.last if self.is_settled else {}))


def fred(_: str) -> Answer:
    prices = ordinary("london", datetime.now(UTC).date() - timedelta(days=9), SESSIONS)
    told = "".join(f"{day},{price}\n" for day, price in prices.items())
    return Answer(f"observation_date,DCOILBRENTEU\n{told}".encode())


def documents(settings: KafkaSettings, topic: str) -> list[dict[str, Any]]:
    """What was published of brent-front."""
    found = [json.loads(value or b"") for value in values(settings, settings.topic(topic))]
    return [each for each in found if each["instrument"] == "brent-front"]


def daily(settings: KafkaSettings, session: date) -> list[dict[str, Any]]:
    """The studies of a session's own test, oldest first."""
    found = [each for each in documents(settings, STUDIES) if each["session"] == str(session)]
    return [each for each in found if each["within"] is None and each["window"]["end"] == 0]


def test_from_an_empty_broker_to_the_first_alert(settings: KafkaSettings, tmp_path: Path) -> None:
    session, said = last_session(), tmp_path / "said"
    site, pair = Site(session), self_signed(tmp_path, "yahoo", NAMES)
    create_topics(settings, defaults=True)
    with ExitStack() as opened:
        address, _ = opened.enter_context(proxy(pair, site.answer))
        bank = opened.enter_context(Stub().running())
        bank.answer = fred
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(pair.certificate))
        here = (
            os.environ | trusted | {"HTTPS_PROXY": address, "https_proxy": address, "NO_PROXY": "127.0.0.1"}
        )
        quick = chosen({"prices.fred.url": bank.url, "prices.poll_seconds": 0.5})
        opened.enter_context(service(settings, *quick, log=said, env=here, defaults=True))
        for name in ("screen", "monitor", "notify"):
            await_member(settings, name)
        send(settings, session)
        await_true(lambda: daily(settings, session), "the event waits for its session", 60)
        assert {study["result"]["status"] for study in daily(settings, session)} == {"pending"}

        site.is_settled = True
        await_true(lambda: documents(settings, ALERTS), "the alert is published", 60)
        assert site.asked_since == 1
    *_, study = daily(settings, session)
    (alert,) = documents(settings, ALERTS)
    assert study["result"]["status"] == "found"
    assert (alert["session"], alert["direction"]) == (str(session), "up")
    assert [event["event_id"] for event in alert["events"]] == ["desk:1"]


def send(settings: KafkaSettings, session: date) -> None:
    """One event, some hours before the session settles."""
    known_at = closes_at(session) - timedelta(hours=6)
    event = {
        "event_id": "desk:1",
        "revision": 0,
        "status": "new",
        "occurred": {"start": known_at.isoformat(), "precision": "hour"},
        "known_at": known_at.isoformat(),
        "country": "SAU",
        "event_class": "attack_infrastructure",
        "provenance": {"feed": "file"},
    }
    write(settings, Outgoing(topic=settings.topic(EVENTS), key=b"SAU", value=json.dumps(event).encode()))
