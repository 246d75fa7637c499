"""The price service on a real broker: a dry run, a restart, and who does not answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.kafka.outside import updates
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, service
from tests.kafka.tools import values
from tests.prices.markets import ordinary
from tests.prices.stub import Answer, Stub

from brentwatch.stream import TIMELINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka


@pytest.fixture
def site() -> Iterator[Stub]:
    with Stub().running() as running:
        yield running


def fred(stub: Stub, given: dict[date, float]) -> None:
    rows = "".join(f"{day},{price}\n" for day, price in given.items())
    stub.always(Answer(f"observation_date,DCOILBRENTEU\n{rows}".encode()))


def test_a_dry_run_prints_what_the_next_run_writes_and_a_restart_goes_on(
    settings: KafkaSettings, site: Stub
) -> None:
    create_topics(settings)
    today = datetime.now(UTC).date()
    given = ordinary("london", today - timedelta(days=5), 12)
    first, last = dict(list(given.items())[:10]), dict(list(given.items()))
    options = ["--set", f"prices.fred.url={site.url}", "--set", "prices.backfill_sessions=8"]

    fred(site, first)
    dry = brentwatch(settings, "run", "prices", "--once", "--dry-run", *options)
    assert dry.returncode == 0, dry.stderr
    assert values(settings, settings.topic(TIMELINE)) == []
    once = brentwatch(settings, "run", "prices", "--once", *options)
    assert once.returncode == 0, once.stderr
    written = [json.loads(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    printed = [json.loads(line)["record"] for line in dry.stdout.splitlines()]
    assert without_fetch(printed) == without_fetch(written)
    assert [each.warmup for each in updates(settings)] == [True] * 8 + [False]

    fred(site, last)
    with service(settings, "prices", *options):
        await_true(lambda: len(updates(settings)) == 11, "the two sessions that were missing are there")
    assert [bar.session for each in updates(settings)[9:] for bar in each.bars] == list(last)[10:]
    assert [each.warmup for each in updates(settings)[9:]] == [False, False]


def without_fetch(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in each.items() if key != "fetched_at"} for each in records]


def test_a_provider_that_does_not_answer_is_told_with_its_exit_code(
    settings: KafkaSettings, site: Stub
) -> None:
    create_topics(settings)
    site.always(Answer(b"", 503))
    done = brentwatch(settings, "run", "prices", "--once", "--set", f"prices.fred.url={site.url}")
    assert done.returncode == 6
    assert "brent-spot: fred: " in done.stderr
    assert "answers 503" in done.stderr
