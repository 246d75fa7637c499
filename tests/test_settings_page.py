"""The page of all settings is what the models say: none is missing, none is stale, each has its meaning."""

from __future__ import annotations

import re

from tools.settings_page import PAGE, build_page, name_section

from brentwatch.settings.composed import Settings
from brentwatch.settings.described import describe_settings

ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def read_rows() -> dict[tuple[str, str], str]:
    """The meaning of each setting on the page, by the heading of its table and its key."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    titled = [(text.partition("\n")[0], text) for text in sections]
    return {(title, key): meaning for title, text in titled for key, _, _, meaning in ROW.findall(text)}


def test_the_page_is_what_the_models_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == build_page(), "run make settings"


def test_every_setting_has_a_row_with_its_meaning() -> None:
    rows = read_rows()
    for each in describe_settings(Settings):
        assert rows.get((name_section(each), each.name)) == each.meaning, ".".join(each.key)


def test_no_secret_has_a_default_on_the_page() -> None:
    secrets = [each for each in describe_settings(Settings) if each.is_secret]
    assert len(secrets) > 10
    assert {each.default for each in secrets} == {""}
