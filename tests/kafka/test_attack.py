"""An attack within a session, the whole way on a real broker: alerted within a poll of its bars being seen.

The price service looks a second before a bar can be seen, which is the worst time.

GDELT is a site too. It tells of the day of an attack and of no hour, so "at 09:42" is the stamp of its file,
in New York: that is what `known_at` becomes. Its own files stand on the quarter hours; from one of 09:45 the
same windows follow, but here a bar holds the news, that of 09:40, which must be left out. So the windows
begin at 09:45, and the bar that closes the first one, 09:55 to 10:00, is seen from 10:15 on.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import slot
from tests.ingest.feeds.gdelt_stub import GdeltStub
from tests.kafka.outside import admitted
from tests.kafka.patience import await_true
from tests.kafka.trading_day import POLL, SESSIONS, attack, flat, run_trading_day
from tests.prices.late_yahoo import Days
from tests.prices.markets import newest_sessions

from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import Cause, Stage
from brentwatch.core.ids import alert_id
from brentwatch.core.intraday.clock import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from brentwatch.core.domain import AlertTest
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

FIVE_MINUTES = timedelta(minutes=5)
TODAY = date(2024, 5, 14)
"""A Tuesday: Yahoo's 60 days of bars hold 40 sessions before it, which is just enough."""

MOVE, SEED = 0.1, 5


def new_york(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time of today in UTC."""
    return datetime.combine(TODAY, time(hour, minute, second), tzinfo=NEW_YORK).astimezone(UTC)


KNOWN = new_york(9, 42)


def market() -> Days:
    """A made-up market that jumps between 09:50 and 09:55 today."""
    sessions = newest_sessions("globex", TODAY, SESSIONS + 1)
    return Days(sessions, simulate(len(sessions), SEED).closes).moved(MOVE, slot(9, 50))


def test_an_attack_at_0942_is_alerted_within_one_poll_of_its_bars_being_seen(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    start = new_york(6, 4, 59)
    with GdeltStub() as news, run_trading_day(settings, tmp_path, news, market(), start) as running:
        running.poll(new_york(9, 39, 59))
        news.add(KNOWN, [attack(2, KNOWN), attack(3, KNOWN)])
        await_true(lambda: admitted(settings) == [("gdelt:2", 0)], "the attack is on the timeline")

        running.await_answers()
        (news_told,) = running.list_alerts()
        await_true(lambda: running.count_sent() == 1, "the heads-up is told")

        assert [running.poll(at) for at in polls(new_york(9, 44, 59), new_york(10, 14, 59))] == [1] * 7
        assert running.list_alerts() == [news_told]
        assert running.poll(new_york(10, 14, 59) + POLL) == 1
        _, attacked = running.list_alerts()
        await_true(lambda: running.count_sent() == 2, "the answer is told")

        assert [running.poll(at) for at in polls(new_york(10, 19, 59), new_york(10, 59, 59))] == [1] * 9
        assert running.list_alerts() == [news_told, attacked]
        assert running.poll(new_york(10, 59, 59) + POLL) == 1
        *_, hour = before = running.list_alerts()

        assert running.poll(new_york(14, 44, 59)) == 1
        assert running.list_alerts() == before
        assert running.poll(new_york(14, 44, 59) + POLL) == 1
        *_, provisional = before = running.list_alerts()

        assert [running.poll(new_york(*at)) for at in ((16, 59, 59), (17, 29, 59))] == [1, 1]
        assert running.list_alerts() == before
        assert running.poll(new_york(17, 30)) == 1
        *_, settled = alerts = running.list_alerts()
        await_true(lambda: running.count_sent() == 5, "all of it is told")
        studies, said = running.list_studies(), flat(running.said.read_text())
        running.check_replay()

    assert [words for words in TOLD if words not in said] == []
    assert alerts == [news_told, attacked, hour, provisional, settled]
    assert {each.alert_id for each in alerts} == {alert_id("brent-front", TODAY)}
    assert [each.revision for each in alerts] == [1, 2, 3, 4, 5]
    assert [each.cause for each in alerts] == [Cause.OPENED, *[Cause.TEST] * 4]
    assert [each.stage for each in alerts] == [
        Stage.HEADS_UP,
        Stage.WITHIN,
        Stage.WITHIN,
        Stage.PROVISIONAL,
        Stage.SETTLEMENT,
    ]
    assert [each.known_at for each in alerts] == [
        KNOWN,
        new_york(10, 15),
        new_york(11),
        new_york(14, 45),
        new_york(17, 30),
    ]
    assert (news_told.severity, news_told.tests) == (None, ())
    assert [each.event_id for each in attacked.events] == ["gdelt:2"]
    assert [describe_test(each) for each in hour.tests] == [
        (KNOWN, 15, new_york(9, 45), new_york(10), new_york(10), 1, 0.001),
        (KNOWN, 60, new_york(9, 45), new_york(10, 45), new_york(10, 45), 1, 0.001),
    ]
    assert attacked.tests == hour.tests[:1]
    assert [(each.stage, each.level) for each in settled.tests] == [
        (Stage.WITHIN, 0.001),
        (Stage.WITHIN, 0.001),
        (Stage.SETTLEMENT, 0.006),
    ]
    assert twice((each.study_id, each.revision) for each in studies) == []


TOLD = (
    " in 15 min · Abqaiq bombardment · 14 May 13:45 to 14:00 UTC",
    "News known Tue 14 May 13:42 UTC · window 13:45 to 14:00 UTC, the first whole bars after it",
    "test 1 of at most 2 a session · data through 14:00 UTC",
    "known 15 minutes after the window ended",
    "Next: within the session Tue 14 May 15:00 UTC, provisional settlement 18:45 UTC, settlement 21:30 UTC,",
    "UPDATE 2 · CRITICAL ▲ Brent ",
)


def describe_test(
    test: AlertTest,
) -> tuple[datetime | None, int | None, datetime, datetime, datetime, int | None, float]:
    """When the news was known, the window, how far the data went, the number of the test, and its level."""
    assert test.answered is not None
    span, through = test.window, test.answered.data_through
    return span.news_at, span.minutes, span.begins_at, span.ends_at, through, span.number, test.level


def polls(first: datetime, last: datetime) -> Iterator[datetime]:
    """Times at which the price service looks, one for each bar, both ends included."""
    while first <= last:
        yield first
        first += FIVE_MINUTES


def twice(keys: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return [key for key, times in Counter(keys).items() if times > 1]
