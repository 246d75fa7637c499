"""A tree of settings models as flat keys; a secret is never shown."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from brentwatch.settings.fields import is_list, is_secret, list_keys, list_values
from brentwatch.settings.origins import Environment, SettingEntry
from brentwatch.settings.refusals import describe_faults


class Channel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(default=SecretStr("hush-hush"), min_length=8)
    spare: SecretStr | None = None
    words: tuple[str, ...] = ()


class House(BaseModel):
    channels: dict[str, Channel] = {}
    name: str = "house"


def test_keys_name_every_leaf_and_leave_open_what_the_operator_names() -> None:
    assert list(list_keys(House)) == [
        ("channels", "*", "token"),
        ("channels", "*", "spare"),
        ("channels", "*", "words"),
        ("name",),
    ]


def test_a_secret_is_known_by_its_type_also_where_it_is_optional() -> None:
    assert is_secret(House, ("channels", "desk", "token"))
    assert is_secret(House, ("channels", "desk", "spare"))
    assert not is_secret(House, ("channels", "desk", "words"))
    assert not is_secret(House, ("no", "such", "key"))


def test_a_list_is_known_by_its_type() -> None:
    assert is_list(House, ("channels", "desk", "words"))
    assert not is_list(House, ("name",))


def test_values_are_read_from_the_checked_settings() -> None:
    house = House(channels={"desk": Channel(words=("a",))})

    assert dict(list_values(house))["channels", "desk", "words"] == ("a",)
    assert dict(list_values(House())) == {("channels",): {}, ("name",): "house"}


def test_a_fault_of_a_secret_does_not_tell_the_secret() -> None:
    key = ("channels", "desk", "token")
    with pytest.raises(ValidationError) as caught:
        House.model_validate({"channels": {"desk": {"token": "short"}}})

    (told,) = describe_faults(caught.value, House, {key: SettingEntry("short", Environment("BRENTWATCH_X"))})

    assert "short" not in told
    assert told.startswith("channels.desk.token is *** (environment variable BRENTWATCH_X); ")
