"""What tables call the price of an instrument."""

from __future__ import annotations

from dataclasses import replace

import pytest

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT
from brentwatch.settings.instruments import InstrumentSettings


@pytest.mark.parametrize(
    ("title", "label"), [("Brent spot", "Brent"), ("WTI front", "WTI"), ("Dubai", "Dubai"), ("spot", "spot")]
)
def test_the_label_is_the_title_without_the_kind_of_the_series(title: str, label: str) -> None:
    assert replace(BRENT_SPOT, title=title).label == label
    assert BRENT_FRONT.label == "Brent"


@pytest.mark.parametrize(("name", "title"), [("wti", "wti"), ("brent-desk", "Brent")])
def test_without_a_title_an_instrument_is_called_by_its_name(name: str, title: str) -> None:
    settings = InstrumentSettings.describe(BRENT_SPOT).model_copy(update={"title": None})

    assert settings.build_instrument(name).title == title
