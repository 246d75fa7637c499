"""Every setting in words: none is left out, each has a type, a default and a meaning of one line."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from brentwatch.settings.composed import Settings
from brentwatch.settings.described import describe_settings, format_toml, read_meanings
from brentwatch.settings.fields import ANY, list_keys
from brentwatch.wire.decoding import decode_toml

DESCRIBED = {each.key: each for each in describe_settings(Settings)}
Share = Annotated[float, Field(gt=0, le=1)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Base(BaseModel):
    first: int = Field(default=3, ge=1)
    """What the first is for."""


class Extended(Base):
    second: dict[str, Share] = {}
    """What the second
    is for."""
    third: tuple[Colour, ...] = (Colour.RED,)
    fourth: Literal["a", "b", "c", "d", "e", "f", "g"] | None = None
    fifth: SecretStr = SecretStr("hidden")
    sixth: time


def test_no_setting_is_left_out() -> None:
    keys = {key[:-1] if key[-1] == ANY else key for key in list_keys(Settings)}
    assert DESCRIBED.keys() == keys


def test_a_setting_has_a_meaning_of_one_line_that_fits_in_a_table() -> None:
    unfit = {
        ".".join(key): each.meaning
        for key, each in DESCRIBED.items()
        if not each.meaning.endswith(".") or set("\n|") & set(each.meaning)
    }
    assert unfit == {}, "write a sentence as the docstring behind the field"


def test_type_bounds_and_default_are_those_of_the_field() -> None:
    told = {each.name: (each.kind, each.default) for each in describe_settings(Extended)}
    assert told == {
        "first": ("whole number, ≥ 1", "3"),
        "second": ("table: name = number, > 0, ≤ 1", "{}"),
        "third": ("list of `red` or `blue`", '["red"]'),
        "fourth": ("`a`, `b`, `c`, `d`, `e`, `f` and 1 more", ""),
        "fifth": ("secret", ""),
        "sixth": ("time of day", ""),
    }


def test_what_must_be_given_is_marked_and_so_is_where_a_setting_was_named_first() -> None:
    described = {each.name: each for each in describe_settings(Extended)}
    assert [name for name, each in described.items() if each.is_required] == ["sixth"]
    assert described["first"].owner is Base
    assert described["second"].owner is Extended


def test_meanings_of_an_extended_model_are_there_too() -> None:
    assert read_meanings(DESCRIBED["notify", "slack", "stages"].section)["stages"].startswith("Stages")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, True),
        (0.05, 0.05),
        (86_400.0, 86_400),
        (date(2022, 1, 5), date(2022, 1, 5)),
        (time(16, 30), "16:30"),
        (Colour.RED, "red"),
        ('a "b" \\ é', 'a "b" \\ é'),
        (("a", 1), ["a", 1]),
        ({"a": 0.3, "b": ("c",)}, {"a": 0.3, "b": ["c"]}),
        ({}, {}),
    ],
)
def test_toml_reads_back_what_was_written(value: object, read: object) -> None:
    assert decode_toml(f"it = {format_toml(value)}".encode())["it"] == read
