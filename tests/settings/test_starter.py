"""The first settings file changes nothing as it is, and is valid with every line of it in use."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from brentwatch.settings.composed import Settings
from brentwatch.settings.described import describe_settings
from brentwatch.settings.fields import list_values
from brentwatch.settings.load import Loaded, load
from brentwatch.settings.origins import Default, Sources
from brentwatch.settings.starter import build_starter, is_secret_file

if TYPE_CHECKING:
    from pathlib import Path

TEXT = build_starter()
SETTING = re.compile(r"^#(?=[^ #])", re.MULTILINE)
DEFAULTS = dict(list_values(Settings()))


def load_text(folder: Path, text: str) -> Loaded:
    path = folder / "brentwatch.toml"
    path.write_text(text, encoding="utf-8")
    return load(Sources(file=str(path)), {})


def test_the_file_changes_nothing(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, TEXT)
    assert loaded.settings == Settings()
    assert loaded.origins == {}


def test_no_line_is_in_use() -> None:
    assert [line for line in TEXT.splitlines() if not re.fullmatch(r"|#.*|\[[a-z._-]+\]", line)] == []


def test_every_line_is_valid_and_has_the_default_unless_it_is_an_example(tmp_path: Path) -> None:
    text = SETTING.sub("", TEXT)
    loaded = load_text(tmp_path, text)
    changed = {
        ".".join(key)
        for key, value in list_values(loaded.settings)
        if value != DEFAULTS[key] and not isinstance(loaded.origins.get(key, Default()), Default)
    }
    examples = re.findall(r"Example:\n(\w+) =", text)
    assert sorted(key.rpartition(".")[2] for key in changed) == sorted(examples)
    assert len(SETTING.findall(TEXT)) > 100
    sources = loaded.settings.screen.sources
    assert sources.list_history_sources("") == Settings().screen.sources.list_history_sources("")


def test_each_setting_alone_changes_nothing_unless_it_is_an_example(tmp_path: Path) -> None:
    """An instrument that is named replaces the others, so those go together, as quiet hours do."""
    for found in SETTING.finditer(TEXT):
        before = TEXT[: found.start()]
        is_example = before.endswith("Example:\n")
        if not is_example and not before.rpartition("\n[")[2].startswith("instruments."):
            settings = load_text(tmp_path, before + TEXT[found.end() :]).settings
            assert settings == Settings()


def test_each_line_of_a_setting_follows_its_meaning() -> None:
    lines = TEXT.splitlines()
    meanings = {f"# {each.meaning}" for each in describe_settings(Settings)}
    for above, line in pairwise(lines):
        if SETTING.match(line):
            assert above.removesuffix(" Example:") in meanings
    assert max(map(len, lines)) <= 110


def test_a_secret_is_shown_as_its_file_alone() -> None:
    described = list(describe_settings(Settings))
    for each in described:
        if each.is_secret:
            section = TEXT.partition(f"[{'.'.join(each.key[:-1])}]\n")[2].partition("\n\n")[0]
            assert f"#{each.name} =" not in section
    files = [each for each in described if is_secret_file(each) and each.key[0] != "kafka"]
    assert len(re.findall(r'^#\w+_file = "/run/secrets/[a-z-]+"$', TEXT, re.MULTILINE)) == len(files)
