"""The page on channels names every channel and each of its settings, and no setting that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from brentwatch.notify.channels.table import CHANNELS
from brentwatch.notify.policy import ChannelSettings, HttpChannelSettings
from brentwatch.notify.settings import NotifySettings

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (`.*?`) \|", re.MULTILINE)


def list_settings(heading: str) -> set[str]:
    """The settings in the first column of the tables below a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {name for row in ROW.findall(section) for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_a_section_with_its_own_settings(channel: str) -> None:
    kind = NotifySettings.model_fields[channel].annotation
    assert isinstance(kind, type)
    assert issubclass(kind, ChannelSettings)
    shared = set(HttpChannelSettings.model_fields)
    assert list_settings(f"`{channel}`") == set(kind.model_fields) - shared


def test_the_settings_of_all_channels_have_their_tables() -> None:
    assert list_settings("Settings of every channel") == set(ChannelSettings.model_fields)
    over_http = set(HttpChannelSettings.model_fields) - set(ChannelSettings.model_fields)
    assert list_settings("Channels over HTTP") == over_http
