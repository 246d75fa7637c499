"""An attack within a session, the whole way on a real broker: alerted within a poll of its bars being seen.

Real are the broker, `run ingest`, `run screen`, `run monitor` and `run notify` as processes, and the price
service: its loop, in a thread, with its settings as they come (it looks every minute), and yfinance.
Moved by hand is one clock: the price service reads it, and the site that stands for Yahoo shows by it every
price as it was fifteen minutes before, the bar that is not finished among them. The service looks a second
before a bar can be seen, which is the worst time.

GDELT is a site too. It tells of the day of an attack and of no hour, so "at 09:42" is the stamp of its file,
in New York: that is what `known_at` becomes. Its own files stand on the quarter hours; from one of 09:45 the
same windows follow, but here a bar holds the news, that of 09:40, which must be left out. So the windows
begin at 09:45, and the bar that closes the first one, 09:55 to 10:00, is seen from 10:15 on.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import slot
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.folds import fold
from tests.kafka.outside import FRONT_ALONE, FRONT_OPTIONS, Clock, admitted, chosen, gdelt, price_service
from tests.kafka.patience import await_true
from tests.kafka.programs import create_topics, member, service
from tests.kafka.tools import committed, read, values
from tests.prices.late_yahoo import Days, LateYahoo
from tests.prices.markets import newest_sessions
from tests.prices.stub import Stub

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import Cause
from brentwatch.core.intraday.clock import NEW_YORK
from brentwatch.prices.settings import PricesSettings
from brentwatch.replay.recording import read_timeline
from brentwatch.stream import ALERTS, STUDIES, TIMELINE
from brentwatch.wire.published import decode_alert, decode_study

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from prometheus_client import CollectorRegistry

    from brentwatch.core.domain import Alert, Study
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

SESSIONS = PricesSettings().backfill_sessions
POLL = timedelta(seconds=PricesSettings().intraday_poll_seconds)
FIVE_MINUTES = timedelta(minutes=5)
TODAY = date(2024, 5, 14)
"""A Tuesday: Yahoo's 60 days of bars hold 40 sessions before it, which is just enough."""

MOVE, SEED = 0.1, 5
INSTRUMENT = replace(FRONT_ALONE, alert_level=0.006, intraday=FRONT_ALONE.series.five_minutes)
OPTIONS = (*FRONT_OPTIONS, *chosen({"instruments.brent-front.intraday": "true"}))


def new_york(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time of today in UTC."""
    return datetime.combine(TODAY, time(hour, minute, second), tzinfo=NEW_YORK).astimezone(UTC)


KNOWN = new_york(9, 42)


def market() -> Days:
    """A made-up market that jumps between 09:50 and 09:55 today."""
    sessions = newest_sessions("globex", TODAY, SESSIONS + 1)
    return Days(sessions, simulate(len(sessions), SEED).closes).moved(MOVE, slot(9, 50))


def attack(number: int) -> str:
    """One report of it."""
    place = "Abqaiq, Eastern Province, Saudi Arabia"
    return row(
        number, added=KNOWN, code="195", country="SA", place=place, admin1="SA06", lat=25.94, lon=49.67
    )


@dataclass(frozen=True, slots=True)
class Morning:
    """What runs, and what the test has in its hands."""

    settings: KafkaSettings
    clock: Clock
    counted: CollectorRegistry
    said: Path

    def poll(self, at: datetime) -> int:
        """Let it be so late, and give how often the price service asked, once all it wrote is answered."""
        before = self.asked()
        self.clock.move(at)
        await_true(lambda: self.clock.looks > 2, f"the price service has looked at {at}")
        self.answered()
        return round(self.asked() - before)

    def answered(self) -> None:
        """Wait until the monitor has answered all that stands on the timeline."""
        timeline, group = self.settings.topic(TIMELINE), self.settings.group("monitor")
        end = read(self.settings, timeline)[-1].offset + 1
        await_true(lambda: committed(self.settings, group) == {0: end}, "all is answered", 90)

    def asked(self) -> float:
        """How often the price service has had an answer."""
        labels = {"provider": "yahoo", "outcome": "answered"}
        return self.counted.get_sample_value("brentwatch_price_fetches_total", labels) or 0.0

    def alerts(self) -> list[Alert]:
        """All that were published, each revision."""
        return [
            decode_alert(value or b"").alert for value in values(self.settings, self.settings.topic(ALERTS))
        ]

    def told(self) -> int:
        """How many alerts were told."""
        return self.said.read_text().count('"event": "accepted"')

    def studies(self) -> list[Study]:
        return [decode_study(value or b"") for value in values(self.settings, self.settings.topic(STUDIES))]


@contextmanager
def morning(settings: KafkaSettings, news: GdeltStub, folder: Path) -> Iterator[Morning]:
    """Everything runs, and the past of prices is answered: it is 06:05 in New York."""
    create_topics(settings)
    news.add(new_york(6), [row(1, added=new_york(6), code="010")])  # talk, and no unrest
    clock, said = Clock(new_york(6, 4, 59)), folder / "said"
    with ExitStack() as stack:
        site = stack.enter_context(Stub().running())
        site.answer = LateYahoo(market(), lambda: clock.now).answer
        stack.enter_context(service(settings, "ingest", *gdelt(news, since=TODAY)))
        for name in ("screen", "monitor"):
            stack.enter_context(member(settings, name, *OPTIONS))
        stack.enter_context(member(settings, "notify", "--set", "notify.terminal.detail=full", log=said))
        counted = stack.enter_context(price_service(settings, site, clock, SESSIONS, INSTRUMENT))
        made = Morning(settings, clock, counted, said)
        await_true(lambda: made.asked() == 2, "the past of both series was asked for", 60)
        made.poll(clock.now)
        yield made


def test_an_attack_at_0942_is_alerted_within_one_poll_of_its_bars_being_seen(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    with GdeltStub() as news, morning(settings, news, tmp_path) as running:
        running.poll(new_york(9, 39, 59))
        news.add(KNOWN, [attack(2), attack(3)])
        await_true(lambda: admitted(settings) == [("gdelt:2", 0)], "the attack is on the timeline")

        assert [running.poll(at) for at in polls(new_york(9, 44, 59), new_york(10, 14, 59))] == [1] * 7
        assert (running.alerts(), running.told()) == ([], 0)
        assert running.poll(new_york(10, 14, 59) + POLL) == 1
        (attacked,) = running.alerts()
        await_true(lambda: running.told() == 1, "the alert is told")

        assert [running.poll(at) for at in polls(new_york(10, 19, 59), new_york(10, 59, 59))] == [1] * 9
        assert running.alerts() == [attacked]
        assert running.poll(new_york(10, 59, 59) + POLL) == 1
        _, hour = running.alerts()

        assert [running.poll(new_york(*at)) for at in ((16, 59, 59), (17, 29, 59))] == [1, 1]
        assert running.alerts() == [attacked, hour]
        assert running.poll(new_york(17, 30)) == 1
        *_, settled = alerts = running.alerts()
        await_true(lambda: running.told() == 3, "all of it is told")
        studies, said = running.studies(), flat(running.said.read_text())

        expected = fold(read_timeline(settings, INSTRUMENT).signals, INSTRUMENT)
        assert values(settings, settings.topic(STUDIES)) == expected.studies
        assert values(settings, settings.topic(ALERTS)) == expected.alerts

    assert [words for words in TOLD if words not in said] == []
    assert told_within(attacked) == (KNOWN, 15, new_york(9, 45), new_york(10), new_york(10), 1)
    assert [each.event_id for each in attacked.events] == ["gdelt:2"]
    assert (attacked.known_at, attacked.level) == (new_york(10, 15), 0.001)
    assert (hour.alert_id, hour.revision, hour.cause) == (attacked.alert_id, 2, Cause.WINDOW)
    assert (hour.known_at, hour.headline) == (new_york(11), attacked.headline)
    assert [each.planned for each in hour.windows] == [12]
    assert (settled.within, settled.level, settled.revision) == (None, 0.006, 1)
    assert [alert.within.session_alert_id for alert in (attacked, hour) if alert.within] == [
        settled.alert_id
    ] * 2
    assert twice((each.alert_id, each.revision) for each in alerts) == []
    assert twice((each.study_id, each.revision) for each in studies) == []


TOLD = (
    " in 15 min · Abqaiq bombardment · 14 May 13:45 to 14:00 UTC",
    "News known Tue 14 May 13:42 UTC · window 13:45 to 14:00 UTC, the first whole bars after it",
    "test 1 of at most 2 a session · data through 14:00 UTC",
    "known 15 minutes after the window ended",
    "Next: the window of 60 minutes, then the settlement at Tue 14 May 18:30 UTC",
    "UPDATE 2 · CRITICAL ▲ Brent ",
)


def told_within(alert: Alert) -> tuple[datetime, int, datetime, datetime, datetime, int | None]:
    """When the news was known, the window, how far the data went, and the number of the test."""
    assert alert.within is not None
    assert alert.within.answered is not None
    within, through = alert.within, alert.within.answered.data_through
    return within.news_at, within.minutes, within.begins_at, within.ends_at, through, within.test


def polls(first: datetime, last: datetime) -> Iterator[datetime]:
    """Times at which the price service looks, one for each bar, both ends included."""
    while first <= last:
        yield first
        first += FIVE_MINUTES


def twice(keys: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return [key for key, times in Counter(keys).items() if times > 1]


def flat(text: str) -> str:
    return " ".join(text.split())
