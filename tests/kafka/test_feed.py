"""`brentwatch feed` on a real broker: the history's order, one signal after the other, or a clear refusal."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.kafka.folds import fold
from tests.kafka.histories import UNREADABLE, synthetic
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, create_topics, member, service
from tests.kafka.test_intraday import INSTRUMENT, OPTIONS
from tests.kafka.tools import committed, read, values, write_values

from brentwatch.commands.feeding import Feeder
from brentwatch.core.domain import BRENT_SPOT, Canary, Stage
from brentwatch.core.errors import Unavailable
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, DEAD, EVENTS, TIMELINE
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.producer import Producer
from brentwatch.wire.published import decode_alert
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka


def feed(settings: KafkaSettings, history: str, *words: str) -> str:
    """Feed a history and give what was said on the way."""
    done = brentwatch(settings, "feed", history, "--prefix", settings.topic_prefix, *words)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_timeline_is_the_history_in_its_order(settings: KafkaSettings) -> None:
    create_topics(settings)
    canary = Canary(canary_id="canary:1", known_at=datetime.now(UTC))  # makes no timeline too late
    write_values(settings, settings.topic(TIMELINE), encode_signal(canary))
    with member(settings, "screen"):
        said = feed(settings, "kazakhstan-2022")
    timeline = [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]
    assert timeline == [canary, *find_history("kazakhstan-2022").signals]
    assert "catalogue:KAZ-2022-01-05A, known 2022-01-05 10:10Z: processed by the screen" in said
    listed = brentwatch(settings, "events", "--from-kafka", "--format", "csv")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout == brentwatch(settings, "events", "kazakhstan-2022", "--format", "csv").stdout
    assert listed.stdout.count("catalogue:KAZ-") > 3


def test_bars_of_five_minutes_stand_on_the_timeline_and_are_alerted_as_in_a_replay(
    settings: KafkaSettings,
) -> None:
    create_topics(settings)
    with member(settings, "screen", *OPTIONS), service(settings, "monitor", *OPTIONS):
        feed(settings, "intraday-demo", *OPTIONS)
        timeline = [decode_signal(value or b"") for value in values(settings, settings.topic(TIMELINE))]
        await_true(
            lambda: committed(settings, settings.group("monitor")) == {0: len(timeline)},
            "all is answered",
            90,
        )
    expected = fold(find_history("intraday-demo", INSTRUMENT).signals, INSTRUMENT)
    assert timeline == list(find_history("intraday-demo", INSTRUMENT).signals)
    assert values(settings, settings.topic(ALERTS)) == expected.alerts
    stages = {decode_alert(value or b"").alert.stage for value in expected.alerts}
    assert stages == set(Stage) - {Stage.FINAL}  # the week is too short for it


def test_without_its_instrument_in_the_settings_a_history_says_what_to_add(settings: KafkaSettings) -> None:
    done = brentwatch(settings, "feed", "intraday-demo", "--prefix", settings.topic_prefix)
    assert done.returncode == 3
    assert "'brent-front' is not an instrument; expected one of brent-spot" in done.stderr
    assert "add [instruments.brent-front] to the settings" in done.stderr


def test_lines_that_cannot_be_read_reach_the_dead_letters(settings: KafkaSettings, tmp_path: Path) -> None:
    create_topics(settings)
    folder = synthetic(tmp_path)
    history = find_history(str(folder))
    with member(settings, "screen"):
        feed(settings, str(folder))
    letters = read(settings, settings.topic(DEAD))
    assert [letter.value for letter in letters] == [letter.original for letter in history.dead_letters]
    assert len(letters) == UNREADABLE
    assert len(values(settings, settings.topic(TIMELINE))) == len(history.signals)


def test_a_timeline_that_is_later_is_refused(settings: KafkaSettings) -> None:
    create_topics(settings)
    with member(settings, "screen"):
        feed(settings, "libya-2011")
        again = brentwatch(settings, "feed", "libya-2011", "--prefix", settings.topic_prefix)
    assert again.returncode == 7
    assert again.stderr.startswith(f"brentwatch: partition 0 of {settings.topic(TIMELINE)} already holds ")
    assert "the beginning of libya-2011. Live prices or an earlier feed wrote to it." in again.stderr
    assert "`brentwatch run screen monitor notify --set kafka.topic_prefix=NEW.`" in again.stderr
    events = sum(len(values(settings, settings.topic(EVENTS), number)) for number in range(12))
    assert events == len(find_history("libya-2011").documents)


def test_without_a_screen_nothing_is_written_and_the_way_out_is_named(settings: KafkaSettings) -> None:
    create_topics(settings)
    with closing(Admin(settings)) as admin, closing(Producer(settings)) as producer:
        feeder = Feeder(settings, [BRENT_SPOT], admin, producer, lambda _: None, patience=1)
        with pytest.raises(Unavailable, match=r"no screen seems to be running as group .*: it has no member"):
            feeder.play(find_history("kazakhstan-2022"))
    assert values(settings, settings.topic(TIMELINE)) == []


def test_an_unknown_history_names_the_known_ones(settings: KafkaSettings) -> None:
    done = brentwatch(settings, "feed", "kazakhstan", "--prefix", "demo.")
    assert done.returncode == 7
    assert "kazakhstan-2022" in done.stderr


def test_without_topics_nothing_begins(settings: KafkaSettings) -> None:
    done = brentwatch(settings, "feed", "kazakhstan-2022", "--prefix", settings.topic_prefix)
    assert done.returncode == 3
    assert "Run: brentwatch topics create " in done.stderr
