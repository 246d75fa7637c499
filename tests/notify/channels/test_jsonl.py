"""The channel `jsonl`: one line an alert, on the disk before anything else happens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.notify.alerts import alert
from tests.notify.channels.contract import ChannelContract

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.channels.jsonl import Jsonl
from brentwatch.wire.alert import decode_alert


class TestJsonl(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, tmp_path: Path) -> None:
        self.path = tmp_path / "alerts.jsonl"
        self.channel = Jsonl(self.path)

    def arrived(self) -> list[str]:
        return self.path.read_text().splitlines()

    def test_a_line_is_the_whole_alert(self) -> None:
        self.channel.send(alert())
        (line,) = self.arrived()
        assert decode_alert(line.encode()) == alert()
        assert json.loads(line)["alert_id"] == alert().alert_id

    def test_what_stood_in_the_file_stays(self) -> None:
        self.path.write_text("first\n")
        self.channel.send(alert())
        assert self.arrived()[0] == "first"
        assert len(self.arrived()) == 2

    def test_a_line_that_was_cut_off_does_not_swallow_the_next(self) -> None:
        self.path.write_text('{"alert_id": "cut o')
        self.channel.send(alert())
        assert decode_alert(self.arrived()[1].encode()) == alert()

    def test_the_file_may_be_moved_away(self) -> None:
        self.channel.send(alert())
        self.path.rename(self.path.with_suffix(".old"))
        self.channel.send(alert(revision=2))
        assert len(self.arrived()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is the disk that is full, on Linux")
def test_a_full_disk_is_said_and_the_alert_is_not_lost() -> None:
    with pytest.raises(Unavailable, match=r"/dev/full cannot be written: No space left .* alert 0123456789"):
        Jsonl(Path("/dev/full")).send(alert())


def test_a_path_that_cannot_be_written_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"notify\.jsonl\.path is .*nowhere.*: No such file or directory"):
        Jsonl(tmp_path / "nowhere" / "alerts.jsonl")
