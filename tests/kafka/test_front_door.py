"""The first minutes of an installation: an empty broker, `topics create`, `run`, one event, the answer.

Everything is as a user starts it, on the default instruments. Yahoo is a proxy that speaks as it does, FRED a
stub, and yfinance is as it comes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaConsumer, TopicPartition
from tests.kafka.certificates import self_signed
from tests.kafka.outside import chosen
from tests.kafka.patience import await_true
from tests.kafka.programs import await_member, create_topics, service
from tests.kafka.tools import CHECKOUT
from tests.prices.markets import newest_sessions, ordinary
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_proxy import NAMES, proxy
from tests.prices.yahoo_site import chart, midnight

from brentwatch.core.domain import BRENT_FRONT
from brentwatch.core.sessions.roll import find_expiry
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import ALERTS, STUDIES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from brentwatch.stream import KafkaSettings

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl wanted, to make a certificate"),
]

SESSIONS = PricesSettings().backfill_sessions
FINISHED = timedelta(hours=3)
"""After its settlement a session's row is final."""


def last_session() -> date:
    """A session that is finished now, and whose return is no splice of two contracts."""
    now = datetime.now(UTC)
    days = [day for day in newest_sessions("globex", now.date(), 12) if closes_at(day) + FINISHED <= now]
    return next(day for day, before in zip(days[:1:-1], days[-3::-1], strict=False) if is_plain(before, day))


def is_plain(two_before: date, session: date) -> bool:
    return find_expiry("brent", two_before, session) is None


def closes_at(session: date) -> datetime:
    return BRENT_FRONT.series.closes_at(session)


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


class Published:
    """What was published of brent-front on one topic, read on with each look."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.bootstrap, isolation_level="read_committed", enable_auto_commit=False
        )
        self._consumer.assign([TopicPartition(settings.topic(topic), 0)])
        self._consumer.seek_to_beginning()
        self._found: list[dict[str, Any]] = []

    def look(self) -> list[dict[str, Any]]:
        for records in self._consumer.poll(timeout_ms=100).values():
            self._found += [json.loads(record.value) for record in records]
        return [each for each in self._found if each["instrument"] == "brent-front"]

    def daily(self, session: date) -> list[dict[str, Any]]:
        """The studies of a session's own test, oldest first."""
        found = [each for each in self.look() if each["session"] == str(session)]
        return [each for each in found if each["test"] == "session" and each["window"]["end"] == 0]

    def close(self) -> None:
        self._consumer.close()


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
        studies = opened.enter_context(closing(Published(settings, STUDIES)))
        alerts = opened.enter_context(closing(Published(settings, ALERTS)))
        send(settings, session)
        await_true(lambda: studies.daily(session), "the event waits for its session")
        assert statuses(studies, session) == {"pending"}
        await_true(alerts.look, "the heads-up is published")

        site.is_settled = True
        await_true(lambda: len(alerts.look()) > 1, "the alert is published")
        await_true(lambda: "CRITICAL" in said.read_text(), "the alert is printed")
        assert site.asked_since == 1
        await_true(lambda: statuses(studies, session) == {"pending", "found"}, "the session is tested")
        heads_up, alert = alerts.look()
    assert [each["stage"] for each in (heads_up, alert)] == ["heads-up", "settlement"]
    assert (heads_up["severity"], heads_up["tests"]) == (None, [])
    assert (alert["session"], [each["direction"] for each in alert["tests"]]) == (str(session), ["up"])
    assert (alert["alert_id"], alert["revision"]) == (heads_up["alert_id"], 2)
    assert [event["summary"] for event in alert["events"]] == ["Drones hit the plant at Abqaiq"]
    assert [each["text"]["lock_screen"] in said.read_text() for each in (heads_up, alert)] == [True] * 2


def statuses(studies: Published, session: date) -> set[str]:
    return {study["result"]["status"] for study in studies.daily(session)}


def environment(settings: KafkaSettings) -> dict[str, str]:
    return os.environ | {
        "BRENTWATCH_KAFKA__BOOTSTRAP": settings.bootstrap,
        "BRENTWATCH_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
    }


def send(settings: KafkaSettings, session: date) -> None:
    """One event by the example of docs/live.md, known some hours before the session settles."""
    known_at = closes_at(session) - timedelta(hours=6)
    words = ("SAU", "attack_infrastructure", "Drones hit the plant at Abqaiq", known_at.isoformat())
    subprocess.run(
        [sys.executable, "-W", "ignore", "examples/send_event.py", *words],
        cwd=CHECKOUT,
        env=environment(settings),
        check=True,
        timeout=60,
    )
