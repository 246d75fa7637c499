"""The whole way on a real broker: GDELT and Yahoo on one side, alerts on the other, services between.

An attack on a Saturday is alerted within one poll of the moment at which Monday's settlement can be seen.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.folds import fold
from tests.kafka.outside import (
    FRONT_ALONE,
    FRONT_OPTIONS,
    Clock,
    admitted,
    chosen,
    gdelt,
    price_service,
    updates,
    written,
)
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member, service
from tests.kafka.tools import CHECKOUT, values
from tests.prices.markets import ordinary
from tests.prices.stub import Stub
from tests.prices.yahoo_site import chart, charts, midnight

from brentwatch import cli
from brentwatch.core.domain import Severity
from brentwatch.history.folder import find_history
from brentwatch.prices.settings import PricesSettings
from brentwatch.stream import ALERTS, STUDIES
from brentwatch.wire.published import decode_alert, decode_study

if TYPE_CHECKING:
    from pathlib import Path

    from prometheus_client import CollectorRegistry

    from brentwatch.core.domain import Alert
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

SESSIONS = PricesSettings().backfill_sessions
NIGHT = datetime(2024, 1, 20, 2, tzinfo=UTC)
MONDAY = date(2024, 1, 22)
VISIBLE = datetime(2024, 1, 22, 22, 30, tzinfo=UTC)
"""Three hours after New York has settled at 14:30."""

CALM = ordinary("globex", MONDAY - timedelta(days=3), SESSIONS)
SETTLED = round(CALM[max(CALM)] * 1.13, 2)


def attack(number: int, added: datetime) -> str:
    """One report of it."""
    return row(
        number,
        added=added,
        code="195",
        country="SA",
        place="Abqaiq, Eastern Province, Saudi Arabia",
        admin1="SA06",
        lat=25.94,
        lon=49.67,
        actors=("YEMREB", "SAUBUS"),
        names=("REBEL GROUP", "OIL COMPANY"),
    )


def reported(stub: GdeltStub) -> None:
    """The news of the night: the attack twice, then more of it; a protest elsewhere; no unrest at all."""
    later = NIGHT + timedelta(minutes=15)
    elsewhere = row(3, added=NIGHT, country="TI", place="Dushanbe, Tajikistan", lat=38.5, lon=68.8)
    talk = row(4, added=NIGHT, code="010")
    stub.add(NIGHT, [attack(1, NIGHT), attack(2, NIGHT), elsewhere, talk])
    stub.add(later, [attack(number, later) for number in (5, 6, 7)])


def alerts(settings: KafkaSettings) -> list[Alert]:
    return [decode_alert(value or b"").alert for value in values(settings, settings.topic(ALERTS))]


def waits(settings: KafkaSettings) -> bool:
    found = [decode_study(value or b"") for value in values(settings, settings.topic(STUDIES))]
    return any(study.session == MONDAY for study in found)


def polls(registry: CollectorRegistry) -> float:
    labels = {"provider": "yahoo", "outcome": "answered"}
    return registry.get_sample_value("brentwatch_price_fetches_total", labels) or 0.0


def test_an_attack_on_a_saturday_is_alerted_within_one_poll_of_mondays_settlement(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    create_topics(settings)
    said, clock = tmp_path / "said", Clock(datetime(2024, 1, 21, 12, tzinfo=UTC))
    with ExitStack() as stack:
        news = stack.enter_context(GdeltStub())
        site = stack.enter_context(Stub().running())
        reported(news)
        site.answer = charts(chart(rows()))  # Monday's row is there before it is finished
        stack.enter_context(service(settings, "ingest", *gdelt(news, since="2024-01-20")))
        for name in ("screen", "monitor"):
            stack.enter_context(member(settings, name, *FRONT_OPTIONS))
        stack.enter_context(member(settings, "notify", log=said))
        counted = stack.enter_context(price_service(settings, site, clock, SESSIONS))
        await_true(lambda: len(updates(settings)) == SESSIONS + 1, "the past is written", 60)
        await_true(lambda: ("gdelt:1", 1) in admitted(settings), "the attack is on the timeline")
        await_true(lambda: waits(settings), "it waits for Monday")

        clock.move(VISIBLE - timedelta(seconds=1))
        await_true(lambda: clock.looks > 2, "the price service has looked")
        assert (polls(counted), len(updates(settings)), alerts(settings)) == (1, SESSIONS + 1, [])

        clock.move(VISIBLE)
        await_true(lambda: "Check: " in said.read_text(), "the alert is told")  # the last line of a card
        assert polls(counted) == 2
        assert [update.warmup for update in updates(settings)] == [True] * SESSIONS + [False] * 2

        (alert,) = alerts(settings)
        told_again = rebuilt(news, tmp_path)
    assert (alert.session, alert.severity) == (MONDAY, Severity.CRITICAL)
    assert [event.event_id for event in alert.events] == ["gdelt:1"]
    assert ("gdelt:3", 0) in written(settings)
    assert {event_id for event_id, _ in admitted(settings)} == {"gdelt:1"}
    # A history is studied whole: the protest, which the screen has left out, is in it.
    assert [event.event_id for event in told_again.events] == ["gdelt:1", "gdelt:3"]
    assert replace(told_again, events=alert.events, events_total=1) == alert
    assert [piece for piece in quoted() if piece not in flat(said.read_text())] == []


def rows() -> dict[datetime, float | None]:
    return {midnight(day): price for day, price in (CALM | {MONDAY: SETTLED}).items()}


def rebuilt(news: GdeltStub, folder: Path) -> Alert:
    """The alert of a history that is built from the same feed and the same prices."""
    prices = folder / "prices.csv"
    told = "".join(f"{day},{price}\n" for day, price in (CALM | {MONDAY: SETTLED}).items())
    prices.write_text(f"date,usd_per_bbl\n{told}")
    asked = {
        "ingest.gdelt.url": f"{news.url}/gdeltv2",
        "prices.series.brent-front.file.path": prices,
    }
    words = ["--from", "2024-01-20", "--to", "2024-01-20", "--feed", "gdelt", "--prices", "file"]
    out = folder / "history"
    assert cli.main(["history", "build", *words, "--out", str(out), *FRONT_OPTIONS, *chosen(asked)]) == 0
    (alert,) = fold(find_history(str(out), FRONT_ALONE).signals, FRONT_ALONE).alerts
    return decode_alert(alert or b"").alert


def quoted() -> list[str]:
    """What docs/operating.md says is told, in pieces."""
    text = (CHECKOUT / "docs" / "operating.md").read_text(encoding="utf-8")
    (block,) = re.findall(
        r"^```\n(CRITICAL ▲ Brent [^\n]*session 22 Jan.*?)^```$", text, flags=re.MULTILINE | re.DOTALL
    )
    return [piece for part in block.split("…") if (piece := flat(part))]


def flat(text: str) -> str:
    return " ".join(text.split())
