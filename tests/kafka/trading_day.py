"""Everything that turns news into messages, on a real broker, and one clock that a test moves by hand.

Real are the broker, `run ingest`, `run screen`, `run monitor` and `run notify` as processes, and the price
service: its loop, in a thread, with its settings as they come (it looks every minute), and yfinance. The
price service reads the clock, and so does the site that stands for Yahoo: it shows every price as it was
fifteen minutes before, the bar that is not finished among them.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.ingest.feeds.gdelt_stub import address, another_paper, row
from tests.kafka.folds import fold
from tests.kafka.outside import FRONT_ALONE, FRONT_OPTIONS, Clock, chosen, gdelt, price_service
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member, service
from tests.kafka.tools import committed, read, values
from tests.prices.late_yahoo import LateYahoo
from tests.prices.stub import Stub

from brentwatch.prices.settings import PricesSettings
from brentwatch.replay.recording import read_timeline
from brentwatch.stream import ALERTS, STUDIES, TIMELINE
from brentwatch.wire.published import decode_alert, decode_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from prometheus_client import CollectorRegistry
    from tests.ingest.feeds.gdelt_stub import GdeltStub
    from tests.prices.late_yahoo import Days

    from brentwatch.core.domain import Alert, Study
    from brentwatch.stream import KafkaSettings

SESSIONS = PricesSettings().backfill_sessions
POLL = timedelta(seconds=PricesSettings().intraday_poll_seconds)
INSTRUMENT = replace(FRONT_ALONE, alert_level=0.006, intraday=FRONT_ALONE.series.five_minutes)
OPTIONS = (*FRONT_OPTIONS, *chosen({"instruments.brent-front.intraday": "true"}))


@dataclass(frozen=True, slots=True)
class TradingDay:
    """What runs, and what the test has in its hands."""

    settings: KafkaSettings
    clock: Clock
    counted: CollectorRegistry
    said: Path

    def poll(self, at: datetime) -> int:
        """Let it be so late, and give how often the price service asked, once all it wrote is answered."""
        before = self.count_polls()
        self.clock.move(at)
        await_true(lambda: self.clock.looks > 2, f"the price service has looked at {at}")
        self.await_answers()
        return self.count_polls() - before

    def await_answers(self) -> None:
        """Wait until the monitor has answered all that stands on the timeline."""
        timeline, group = self.settings.topic(TIMELINE), self.settings.group("monitor")
        end = read(self.settings, timeline)[-1].offset + 1
        await_true(lambda: committed(self.settings, group) == {0: end}, "all is answered", 90)

    def count_polls(self) -> int:
        """How often the price service has had an answer."""
        labels = {"provider": "yahoo", "outcome": "answered"}
        return round(self.counted.get_sample_value("brentwatch_price_fetches_total", labels) or 0.0)

    def list_alerts(self) -> list[Alert]:
        """All that were published, each revision."""
        return [
            decode_alert(value or b"").alert for value in values(self.settings, self.settings.topic(ALERTS))
        ]

    def list_studies(self) -> list[Study]:
        """All that were published, each revision."""
        return [decode_study(value or b"") for value in values(self.settings, self.settings.topic(STUDIES))]

    def count_sent(self) -> int:
        """How many messages a channel has accepted."""
        return self.said.read_text().count('"event": "delivery accepted"')

    def check_replay(self) -> None:
        """What was published is what a replay of the timeline publishes, byte for byte."""
        expected = fold(read_timeline(self.settings, INSTRUMENT).signals, INSTRUMENT)
        assert values(self.settings, self.settings.topic(STUDIES)) == expected.studies
        assert values(self.settings, self.settings.topic(ALERTS)) == expected.alerts


@contextmanager
def run_trading_day(
    settings: KafkaSettings,
    folder: Path,
    news: GdeltStub,
    days: Days,
    start: datetime,
    told: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[TradingDay]:
    """Everything runs, the past of prices is answered, and the feed has had its first file: it is `start`.

    `told` are settings of the notifier.
    """
    create_topics(settings)
    news.add(start, [row(1_000, added=start, code="010")])  # talk, and no unrest
    clock, said = Clock(start), folder / "said"
    with ExitStack() as stack:
        site = stack.enter_context(Stub().running())
        site.answer = LateYahoo(days, lambda: clock.now).answer
        stack.enter_context(service(settings, "ingest", *gdelt(news, since=start.date())))
        for name in ("screen", "monitor"):
            stack.enter_context(member(settings, name, *OPTIONS))
        words = chosen({"notify.terminal.detail": "full", **told})
        stack.enter_context(member(settings, "notify", *words, log=said))
        counted = stack.enter_context(price_service(settings, site, clock, SESSIONS, INSTRUMENT))
        made = TradingDay(settings, clock, counted, said)
        await_true(lambda: made.count_polls() == 2, "the past of both series was asked for", 60)
        made.poll(clock.now)
        yield made


def attack(number: int, added: datetime) -> str:
    """One report of an air strike; those of even and odd numbers stand in two papers."""
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
        url=address(number) if number % 2 else another_paper(number),
    )


def flat(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
