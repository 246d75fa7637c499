"""A Saturday's attack, the whole way on a real broker: heads-up, re-open, provisional answer, settlement.

GDELT, Yahoo and Slack are stubs that speak their protocols. The price service looks a second before a bar can
be seen, which is the worst time, and finds it with its next look, a minute later.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import slot
from tests.ingest.feeds.gdelt_stub import GdeltStub, row
from tests.kafka.folds import fold
from tests.kafka.outside import FRONT_OPTIONS, admitted, chosen, written
from tests.kafka.patience import await_true
from tests.kafka.tools import CHECKOUT
from tests.kafka.trading_day import INSTRUMENT, POLL, SESSIONS, attack, flat, run_trading_day
from tests.notify.channels.receivers import SlackBotFake
from tests.prices.late_yahoo import Days
from tests.prices.markets import newest_sessions

from brentwatch import cli
from brentwatch.core.calibration.simulator import simulate
from brentwatch.core.domain import Cause, Severity, Stage
from brentwatch.core.ids import alert_id
from brentwatch.core.intraday.clock import NEW_YORK, SETTLEMENT
from brentwatch.history.folder import find_history
from brentwatch.ingest.feeds.settings import GdeltSettings
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.core.domain import Alert
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

NIGHT = datetime(2024, 5, 18, 2, tzinfo=UTC)
LATER = NIGHT + timedelta(minutes=15)
SUNDAY, MONDAY = date(2024, 5, 19), date(2024, 5, 20)
A_SECOND = timedelta(seconds=1)
GAP, MORNING, SEED = 0.12, -0.08, 5
DAILY = replace(INSTRUMENT, intraday=None)


def new_york(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of New York in UTC."""
    return datetime.combine(day, time(hour, minute), tzinfo=NEW_YORK).astimezone(UTC)


REOPENS, SETTLES = new_york(SUNDAY, 18), new_york(MONDAY, 14, 30)
FIRST_BAR, FIRST_HOUR = REOPENS + timedelta(minutes=20), REOPENS + timedelta(minutes=75)
LAST_BAR, SETTLED = SETTLES + timedelta(minutes=15), SETTLES + timedelta(hours=3)
VISIBLE = (FIRST_BAR, FIRST_HOUR, LAST_BAR, SETTLED)
"""When each is visible."""


def market() -> Days:
    """A made-up market that re-opens on Sunday with a gap and gives back a part of it on Monday morning."""
    sessions = newest_sessions("globex", MONDAY, SESSIONS + 1)
    days = Days(sessions, simulate(len(sessions), SEED).closes)
    return days.moved(GAP, 0).moved(MORNING, slot(9, 30))


def report(news: GdeltStub) -> None:
    """The news of the night: the attack twice, then more of it; a protest elsewhere; no unrest at all."""
    elsewhere = row(3, added=NIGHT, country="TI", place="Dushanbe, Tajikistan", lat=38.5, lon=68.8)
    talk = row(4, added=NIGHT, code="010")
    news.add(NIGHT, [attack(1, NIGHT), attack(2, NIGHT), elsewhere, talk])
    news.add(LATER, [attack(number, LATER) for number in (5, 6, 7)])


def configure_slack(slack: SlackBotFake, folder: Path) -> dict[str, object]:
    """Settings of the notifier: the terminal, and a bot that gets every stage."""
    token = folder / "token"
    token.write_text(slack.token)
    token.chmod(0o600)
    return {
        "notify.channels": "terminal,slack",
        "notify.slack.token_file": token,
        "notify.slack.channel_id": slack.channel,
        "notify.slack.api_url": f"{slack.url}/api",
        "notify.slack.hosts": "127.0.0.1",
        "notify.slack.stages": ",".join(Stage),
    }


def test_a_saturdays_attack_is_one_thread_from_the_news_to_the_settlement(
    settings: KafkaSettings, tmp_path: Path
) -> None:
    start = NIGHT - timedelta(minutes=15)
    with GdeltStub() as news, SlackBotFake() as slack:
        told = configure_slack(slack, tmp_path)
        with run_trading_day(settings, tmp_path, news, market(), start, told) as running:
            polls = running.count_polls()
            report(news)
            await_true(lambda: ("gdelt:1", 1) in admitted(settings), "the attack is on the timeline")
            running.await_answers()
            alerts = running.list_alerts()
            assert ([each.stage for each in alerts], running.count_polls()) == ([Stage.HEADS_UP], polls)
            await_true(lambda: running.count_sent() == 2, "the heads-up is sent to both channels")

            for visible in VISIBLE:
                assert running.poll(visible - A_SECOND) == 1
                assert running.list_alerts() == alerts
                assert running.poll(visible - A_SECOND + POLL) == 1
                before, alerts = alerts, running.list_alerts()
                assert len(alerts) == len(before) + 1
            await_true(lambda: running.count_sent() == 2 * len(alerts), "all of it is sent")
            running.check_replay()
            said = flat(running.said.read_text())

        check_thread(alerts)
        (post,) = slack.posts.values()
        assert (post.edits, len(post.thread), len(post.files)) == (len(alerts) - 1, 1, 1)
        assert flat(post.shown) in said[said.index("UPDATE 5 · ") :]
        assert ("gdelt:3", 0) in written(settings)
        assert {event_id for event_id, _ in admitted(settings)} == {"gdelt:1"}
        *_, replayed = replay_built_history(news, tmp_path)
    assert replayed.find_test(Stage.SETTLEMENT) == alerts[-1].find_test(Stage.SETTLEMENT)
    # A history is studied whole: the protest, which the screen has left out, is in it.
    assert [event.event_id for event in replayed.events] == ["gdelt:1", "gdelt:3"]
    assert [piece for piece in list_quoted() if piece not in said] == []


def check_thread(alerts: list[Alert]) -> None:
    """Each stage is a revision, known when its price was visible; the heads-up as soon as the feed's file."""
    assert {each.alert_id for each in alerts} == {alert_id("brent-front", MONDAY)}
    assert [each.revision for each in alerts] == [1, 2, 3, 4, 5]
    assert [each.cause for each in alerts] == [Cause.OPENED, *[Cause.TEST] * 4]
    stages = [Stage.HEADS_UP, Stage.REOPEN, Stage.REOPEN, Stage.PROVISIONAL, Stage.SETTLEMENT]
    assert [each.stage for each in alerts] == stages
    assert [each.known_at for each in alerts] == [NIGHT, *VISIBLE]
    assert GdeltSettings().every_seconds <= 60.0
    assert alerts[3].known_at + POLL <= SETTLES + timedelta(minutes=25)
    assert [each.severity for each in alerts] == [None, *[Severity.HIGH] * 4]
    assert [[test.stage for test in each.tests if test.is_abnormal] for each in alerts] == [
        [],
        [Stage.REOPEN],
        *[[Stage.REOPEN] * 2] * 3,
    ]
    assert {event.event_id for each in alerts for event in each.events} == {"gdelt:1"}


def replay_built_history(news: GdeltStub, folder: Path) -> list[Alert]:
    """The alerts of a history that is built from the same feed and the same settlements."""
    days, prices = market(), folder / "prices.csv"
    closes = zip(days.sessions, days.closes[:, SETTLEMENT].tolist(), strict=True)
    prices.write_text("date,usd_per_bbl\n" + "".join(f"{day},{price}\n" for day, price in closes))
    asked = {
        "ingest.gdelt.url": f"{news.url}/gdeltv2",
        "prices.series.brent-front.file.path": prices,
    }
    words = [
        "--from",
        f"{NIGHT:%Y-%m-%d}",
        "--to",
        f"{NIGHT:%Y-%m-%d}",
        "--feed",
        "gdelt",
        "--prices",
        "file",
    ]
    out = folder / "history"
    assert cli.main(["history", "build", *words, "--out", str(out), *FRONT_OPTIONS, *chosen(asked)]) == 0
    signals = find_history(str(out), DAILY).signals
    return [decode_alert(alert or b"").alert for alert in fold(signals, DAILY).alerts]


def list_quoted() -> list[str]:
    """What docs/replays.md and docs/guarantees.md quote, in pieces."""
    pages = [
        (CHECKOUT / name).read_text(encoding="utf-8") for name in ("docs/replays.md", "docs/guarantees.md")
    ]
    blocks = [
        re.findall(r"^```(?:text)?\n(HEADS-UP [^`]*bombardment.*?)^```$", page, re.M | re.S) for page in pages
    ]
    assert [len(found) for found in blocks] == [1, 1]
    lines = "\n".join(block for found in blocks for block in found).splitlines()
    return [piece for line in lines for part in line.split("…") if (piece := flat(part))]
