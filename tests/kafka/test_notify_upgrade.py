"""An upgrade of the notifier from the version that kept no record of deliveries, up to commit d8b5d26."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch, member
from tests.kafka.test_notify import outcomes, publish, received, recorded, to_file
from tests.kafka.test_remedies import move_group, stop_of
from tests.kafka.tools import copied
from tests.notify.alerts import alert

from brentwatch.stream import ALERTS
from brentwatch.stream.clients.admin import Admin
from brentwatch.wire.deliveries import AttemptOutcome
from brentwatch.wire.published import decode_alert, encode_alert

if TYPE_CHECKING:
    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

LEFT = json.loads(
    (Path(__file__).parents[1] / "data" / "notifier_of_an_older_version.json").read_text(encoding="utf-8")
)
"""Topics, a group with its offset, and alerts before and after that, as the older version left them."""


def leave(settings: KafkaSettings) -> None:
    """The broker as the older version left it."""
    with closing(Admin(settings)) as admin:
        for name, topic in LEFT["topics"].items():
            admin.create(settings.topic(name), topic["partitions"], topic["config"])
    publish(settings, *(each.encode() for each in LEFT["alerts"]))
    await_true(lambda: moves_group(settings), "the group has committed")


def moves_group(settings: KafkaSettings) -> bool:
    """A fresh broker passes over an offset for a topic or a group that it does not know yet."""
    move_group(settings, LEFT["committed"], LEFT["group"], ALERTS)
    return copied(settings) == {0: LEFT["committed"]}


def read_config(settings: KafkaSettings, topic: str) -> Any:
    with closing(Admin(settings)) as admin:
        return admin.read_configs([settings.topic(topic)])[settings.topic(topic)]


def test_an_upgrade_sends_what_came_since_and_nothing_again(
    settings: KafkaSettings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    leave(settings)
    path = tmp_path / "alerts.jsonl"
    assert read_config(settings, ALERTS)["message.timestamp.type"] == "CreateTime"

    told = stop_of(settings, capfd, "run", "notify", *to_file(path))
    assert "impact.deliveries does not exist" in told
    assert "impact.deliveries.state does not exist" in told
    (command,) = set(re.findall(r"Run: (brentwatch topics create .*)", told))
    assert not path.exists() or received(path) == []
    assert copied(settings) == {0: LEFT["committed"]}

    done = brentwatch(settings, *shlex.split(command)[1:])
    assert done.returncode == 0, done.stderr
    await_true(
        lambda: read_config(settings, ALERTS)["message.timestamp.type"] == "LogAppendTime",
        "the broker shows what was changed",
    )
    unsent = [decode_alert(each.encode()).alert for each in LEFT["alerts"][LEFT["committed"] :]]
    fresh = alert(alert_id="fresh")
    with member(settings, "notify", *to_file(path)):
        await_true(lambda: len(outcomes(settings)) == len(unsent), "what came since is sent")
        publish(settings, encode_alert(fresh))
        await_true(lambda: len(outcomes(settings)) == len(unsent) + 1, "a new alert is sent")
    assert received(path) == [*unsent, fresh]
    assert set(outcomes(settings)) == {AttemptOutcome.ACCEPTED}
    assert [each.offset for each in recorded(settings)] == [
        *range(LEFT["committed"], len(LEFT["alerts"]) + 1)
    ]
