"""An upgrade to higher rules: the monitor stops, the command that it prints is run, and live goes on."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, options
from tests.kafka.test_remedies import SIGNALS, come_up, command_in, stop_of
from tests.kafka.tools import committed, read, values, write, write_values

from brentwatch.core.domain import RULES, EventAdmitted, Status
from brentwatch.stream import ALERTS, STATE, STUDIES, TIMELINE, Outgoing
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

ATTACK = next(each for each in map(decode_signal, SIGNALS) if isinstance(each, EventAdmitted))
AFTER = datetime(2020, 2, 1, tzinfo=UTC)
HALF = next(at for at, value in enumerate(SIGNALS) if b'"2019-09-17"' in value)
"""So many signals lower rules have folded: the session of the attack is decided, its windows are open."""


def rewrite_state(settings: KafkaSettings, rules: int) -> None:
    """Write the state as rules of another number would have written it."""
    state = settings.topic(STATE)
    newest = {record.key: record.value for record in read(settings, state)}
    others = {
        key: re.sub(rb'"(rules|rule_number)":\d+', rb'"\1":%d' % rules, value)
        for key, value in newest.items()
        if value is not None and key != b"cursor"
    }
    write(settings, *(Outgoing(topic=state, partition=0, key=key, value=others[key]) for key in others))


def list_published(settings: KafkaSettings, topic: str, after: int = 0) -> list[str]:
    """The studies or alerts in their order."""
    return [(value or b"").decode() for value in values(settings, settings.topic(topic))[after:]]


def list_alerts_of_closed(settings: KafkaSettings, after: int) -> list[dict[str, Any]]:
    """The alerts of sessions that lower rules decided."""
    published = map(json.loads, list_published(settings, ALERTS, after))
    return [each for each in published if each["session"] <= "2019-09-16"]


def list_replayed(lines: list[str], kind: str, after: int) -> list[str]:
    """The same of the lines of a replay."""
    begin = f'{{"kind":"{kind}",'
    return ["{" + line.removeprefix(begin) for line in lines if line.startswith(begin)][after:]


def test_an_upgrade_closes_what_lower_rules_decided_and_live_goes_on_as_a_replay_does(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    create_topics(settings)
    timeline = settings.topic(TIMELINE)
    write_values(settings, timeline, *SIGNALS[:HALF])
    with come_up(settings, ["run", "monitor", *options(settings)], HALF):
        studies, alerts = list_published(settings, STUDIES), list_published(settings, ALERTS)
    rewrite_state(settings, RULES - 1)

    told = stop_of(settings, capfd, "run", "monitor")
    assert f"rules {RULES - 1} decided it, and this installation decides by rules {RULES}: first stop" in told
    words = command_in(told)
    assert words[:3] == ["run", "monitor", "--rebuild"]

    late = replace(ATTACK, event=replace(ATTACK.event, event_id="desk:late"))
    withdrawn = replace(ATTACK.event, revision=9, known_at=AFTER, status=Status.RETRACT)
    after = [encode_signal(late), *SIGNALS[HALF:], encode_signal(replace(ATTACK, event=withdrawn))]
    with come_up(settings, words, HALF):
        write_values(settings, timeline, *after[:5])
        await_true(lambda: committed(settings, settings.group("monitor")).get(0) == HALF + 5, "went on", 60)
    assert list_alerts_of_closed(settings, len(alerts)) == []
    with come_up(settings, ["run", "monitor", *options(settings)], HALF + 5):  # closed still
        write_values(settings, timeline, *after[5:])
        end = HALF + len(after)
        await_true(lambda: committed(settings, settings.group("monitor")).get(0) == end, "went on", 60)

    news = [json.loads(each) for each in list_published(settings, STUDIES, len(studies))]
    revised = [each for each in news if each["session"] <= "2019-09-16"]
    assert len(news) > len(revised) > 0
    assert {each["session"] for each in revised} == {"2019-09-16"}
    listed = {event["event_id"] for each in revised for event in each["events"]}
    assert listed == {"history:SAU-2019-09-14-output"}
    newest = max(each["revision"] for each in map(json.loads, alerts) if each["session"] == "2019-09-16")
    (alert,) = list_alerts_of_closed(settings, len(alerts))
    assert (alert["cause"], alert["revision"]) == ("event_withdrawn", newest + 1)

    replayed = brentwatch(settings, "replay", "--from-kafka", "--json")
    assert f"rebuilt under new rules at offset {HALF}; " in replayed.stderr
    lines = replayed.stdout.splitlines()
    for kind, topic, count in (("study", STUDIES, len(studies)), ("alert", ALERTS, len(alerts))):
        assert list_replayed(lines, kind, count) == list_published(settings, topic, count)


def test_a_monitor_that_is_older_than_the_state_stops_also_with_rebuild(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    create_topics(settings)
    write_values(settings, settings.topic(TIMELINE), *SIGNALS)
    with come_up(settings, ["run", "monitor", *options(settings)]):
        pass
    rewrite_state(settings, RULES + 1)
    for flags in ((), ("--rebuild",)):
        told = stop_of(settings, capfd, "run", "monitor", *flags)
        assert f"it was made with rules {RULES + 1}, and this installation knows rules up to {RULES}" in told
        assert told.rstrip().endswith("expected an installation as new as the state: upgrade this one")
