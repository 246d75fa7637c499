"""A limit for a feed that does not exist is refused; one's own feeds can be named."""

from __future__ import annotations

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources


def flags(**chosen: str) -> Sources:
    return Sources(flags=tuple(Assignment(key.replace("__", "."), value) for key, value in chosen.items()))


@pytest.mark.parametrize("table", ["minimum_relevance", "minimum_exposure"])
@pytest.mark.parametrize(("name", "meant"), [("gdetl", "gdelt"), ("GDELT", "gdelt"), ("newswire", None)])
def test_an_unknown_feed_is_refused(table: str, name: str, meant: str | None) -> None:
    with pytest.raises(SettingsError) as caught:
        load(flags(**{f"screen__{table}__{name}": "0.5"}), {})

    (told,) = caught.value.faults
    assert told.startswith(f"screen.{table}.{name} (flag --set) is not a feed; expected one of acled, file,")
    assert (f"Did you mean screen.{table}.{meant}?" in told) is (meant is not None)


def test_it_is_told_beside_other_faults() -> None:
    with pytest.raises(SettingsError) as caught:
        load(flags(screen__minimum_relevance__gdetl="0.5", telemetry__ports__screen="x"), {})

    assert len(caught.value.faults) == 2


def test_a_misspelt_feed_in_a_variable_is_refused_as_a_variable() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sources(), {"BRENTWATCH_SCREEN__MINIMUM_RELEVANCE__GDETL": "0.5"})

    assert "Did you mean BRENTWATCH_SCREEN__MINIMUM_RELEVANCE__GDELT?" in caught.value.faults[0]


def test_the_name_of_the_file_feed_and_of_ones_own_feeds_are_known() -> None:
    chosen = flags(
        ingest__file__name="desk",
        screen__own_feeds="newswire, agency",
        screen__minimum_exposure__desk="0.5",
        screen__minimum_exposure__newswire="0.5",
        screen__minimum_relevance__agency="0.5",
    )

    assert load(chosen, {}).settings.screen.minimum_exposure == {"desk": 0.5, "newswire": 0.5}
