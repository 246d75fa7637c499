"""Tests within the session on a real broker: killed and started again, live says what a replay says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import FRONT, PAST, told, whole
from tests.core.monitor.test_intraday_saving import history
from tests.kafka.folds import fold
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, service
from tests.kafka.tools import committed, values, write_values

from brentwatch.stream import ALERTS, STUDIES, TIMELINE
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

INSTRUMENT = replace(FRONT, partition=0)
CHOSEN = {
    "partition": "0",
    "series": "brent-front",
    "calendar": "globex",
    "settlement": "14:30",
    "time_zone": "America/New_York",
    "title": "Brent front month",
    "intraday": "true",
}
OPTIONS = [
    word for name, value in CHOSEN.items() for word in ("--set", f"instruments.brent-front.{name}={value}")
]


def test_a_monitor_that_is_killed_in_the_hour_of_a_test_says_what_a_replay_says(
    settings: KafkaSettings,
) -> None:
    create_topics(settings)
    past = [told(whole(number), warmup=True) for number in range(PAST)]
    signals = (*past, *history())
    cut = PAST + 35
    records = [encode_signal(signal) for signal in signals]
    timeline, alerts = settings.topic(TIMELINE), settings.topic(ALERTS)

    write_values(settings, timeline, *records[:cut])
    with service(settings, "monitor", *OPTIONS) as first:
        await_true(lambda: len(values(settings, alerts)) > 0, "the attack is alerted")
        first.kill()
    write_values(settings, timeline, *records[cut:])
    with service(settings, "monitor", *OPTIONS):
        group = settings.group("monitor")
        await_true(lambda: committed(settings, group) == {0: len(records)}, "all is answered")
        seen_by_doctor = brentwatch(settings, "doctor", *OPTIONS).stdout

    expected = fold(signals, INSTRUMENT)
    assert values(settings, settings.topic(STUDIES)) == expected.studies
    assert values(settings, alerts) == expected.alerts
    assert len(expected.alerts) > 3
    assert (
        f"ok    bars           brent-front: {PAST + 1} sessions of 5-minute bars in the state; "
        "intraday tests are flagged short_history below 120"
    ) in seen_by_doctor
