"""The words of one alert of each kind, whole: a change of a word is seen here, and read before it is kept."""

from __future__ import annotations

import pytest
from tests.message import golden
from tests.notify.alerts import CASES


@pytest.mark.parametrize("name", CASES)
def test_the_words_are_those_of_the_file(name: str) -> None:
    written = (golden.FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert golden.write_words(CASES[name]) == written, "python -m tests.message.golden writes them anew"


def test_every_file_is_of_an_alert() -> None:
    assert {file.stem for file in golden.FOLDER.iterdir()} == set(CASES)
