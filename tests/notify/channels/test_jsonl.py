"""The channel `jsonl`: one line a message, on the disk before anything else happens."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.notify.alerts import EVENT, alert, message
from tests.notify.channels.contract import ChannelContract

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify.channels.jsonl import Jsonl
from brentwatch.wire.published import PublishedAlert, decode_alert

if TYPE_CHECKING:
    from pathlib import Path


class TestJsonl(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, tmp_path: Path) -> None:
        self.path = tmp_path / "alerts.jsonl"
        self.channel = Jsonl(self.path)

    def arrived(self) -> list[str]:
        return self.path.read_text().splitlines()

    def test_a_line_is_the_whole_alert(self) -> None:
        self.channel.send(message())
        (line,) = self.arrived()
        published = decode_alert(line.encode())
        assert published == PublishedAlert(alert(), write_alert_text(alert()), alert().alert_id)
        assert json.loads(line)["alert_id"] == alert().alert_id

    def test_a_line_is_printable_and_one_for_every_reader(self) -> None:
        """Python and JavaScript may end a line at U+2028 or U+0085; U+202E turns a terminal's text around."""
        sent = alert(events=(replace(EVENT, summary="a\u2028b\u0085c\u202ed\x9b"),))
        self.channel.send(message(sent))
        (line,) = self.arrived()
        assert line.isprintable()
        assert decode_alert(line.encode()).alert == sent

    def test_what_stood_in_the_file_stays(self) -> None:
        self.path.write_text("first\n")
        self.channel.send(message())
        assert self.arrived()[0] == "first"
        assert len(self.arrived()) == 2

    def test_a_line_that_was_cut_off_does_not_swallow_the_next(self) -> None:
        self.path.write_text('{"alert_id": "cut o')
        self.channel.send(message())
        assert decode_alert(self.arrived()[1].encode()).alert == alert()

    def test_the_file_may_be_moved_away(self) -> None:
        self.channel.send(message())
        self.path.rename(self.path.with_suffix(".old"))
        self.channel.send(message(alert(revision=2)))
        assert len(self.arrived()) == 1


def test_a_full_disk_is_said_and_the_alert_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text("first\n")
    channel = Jsonl(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(
            Unavailable,
            match=r"alerts.jsonl cannot be written: No space left .* 0123456789",
        ):
            channel.send(message())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "first\n"


@pytest.mark.attack
def test_alerts_go_through_no_link_and_wait_for_no_reader_and_a_new_file_is_its_owners_alone(
    tmp_path: Path,
) -> None:
    target, path = tmp_path / "precious", tmp_path / "alerts.jsonl"
    target.write_text("precious")
    path.symlink_to(target)
    with pytest.raises(SettingsError, match="it is a symbolic link, not a regular file"):
        Jsonl(path)
    path.unlink()
    channel = Jsonl(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    path.symlink_to(target)
    with pytest.raises(Unavailable, match="it is a symbolic link, not a regular file"):
        channel.send(message())
    assert target.read_text() == "precious"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Unavailable, match="it is a pipe, not a regular file"):
        channel.send(message())


def test_a_path_that_cannot_be_written_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"notify\.jsonl\.path is .*nowhere.*: No such file or directory"):
        Jsonl(tmp_path / "nowhere" / "alerts.jsonl")
