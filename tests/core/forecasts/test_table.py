from __future__ import annotations

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.core.forecasts import table


@pytest.mark.parametrize("name", table.MODELS)
def test_a_model_goes_by_the_name_it_has_in_the_table(name: str) -> None:
    assert table.load(name).name == name


def test_an_unknown_model_stops_and_names_those_there_are() -> None:
    known = ", ".join(table.MODELS)
    with pytest.raises(SettingsError, match=f"no model is called 'egarch'; expected one of {known}"):
        table.load("egarch")
