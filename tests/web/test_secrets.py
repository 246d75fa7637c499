"""A secret is what its file holds now; the error names the setting and the file, and never the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from brentwatch.core.errors import SettingsError
from brentwatch.web.secrets import Secret, hide_credentials, redact_path

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_read_anew_without_the_line_break_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b" first \r\n")
    assert Secret("a.key", None, str(path)).read() == " first "
    path.write_text("second\n")
    assert Secret("a.key", None, str(path)).read() == "second"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "which is empty"),
        (b"\n", "which is empty"),
        (b"s3cr3t\xff", "not text in UTF-8"),
    ],
)
def test_a_file_without_a_secret_is_refused_by_the_name_of_its_setting(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"a.key_file is .*{why}") as told:
        Secret("a.key", None, str(path)).read()
    assert "s3cr3t" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no answer from https://a:hunter2@b/c", "no answer from https://***@b/c"),
        ("'https://a:hun@ter/2@b/c'", "'https://***@b/c'"),
        ("https://hunter2@b/c", "https://***@b/c"),
        ("kafka is a:hunter2@b:9092 (flag)", "kafka is ***@b:9092 (flag)"),
        ("http://b/?page=2&api_key=hunter2&x=1", "http://b/?page=2&api_key=***&x=1"),
        ("https://b/c?access_token=hunter2", "https://b/c?access_token=***"),
        ("at 16:30 desk@example.com wrote, p = .01", "at 16:30 desk@example.com wrote, p = .01"),
        ("https://b/c", "https://b/c"),
    ],
)
def test_passwords_in_addresses_are_hidden_in_what_is_shown(text: str, shown: str) -> None:
    assert hide_credentials(text) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/run/secrets/key", "/run/secrets/key"), ("hunter2", "***"), ("-----BEGIN\n/", "***")],
)
def test_what_is_given_for_the_file_of_a_secret_is_shown_where_it_is_a_path(path: str, shown: str) -> None:
    assert redact_path(path) == shown


def test_a_secret_given_for_its_file_is_not_shown() -> None:
    with pytest.raises(SettingsError) as told:
        Secret("a.key", None, "hunter2\0").read()
    assert "hunter2" not in str(told.value)


def test_a_value_is_read_as_it_is_and_a_file_comes_first() -> None:
    assert Secret("a.key", SecretStr(" hunter2\n"), None).read() == " hunter2\n"
    assert Secret("a.key", None, None).read() == Secret("a.key", SecretStr(""), "").read() == ""


@pytest.mark.parametrize("value", [None, SecretStr("")])
def test_a_secret_that_is_needed_and_not_given_is_refused_by_its_sentence(value: SecretStr | None) -> None:
    with pytest.raises(SettingsError, match="set it, please"):
        Secret("a.key", value, None, "set it, please").read()


def test_a_secret_is_given_in_one_way() -> None:
    Secret("a.key", SecretStr("hunter2"), None).check()
    Secret("a.key", None, "/run/key").check()
    with pytest.raises(ValueError, match="either key or key_file, not both"):
        Secret("a.key", SecretStr("hunter2"), "/run/key").check()


def test_a_secret_is_shown_by_its_name_alone() -> None:
    secret = Secret("a.key", SecretStr("hunter2"), "hunter2")
    assert f"{secret} {secret!r} {[secret]}" == "Secret(a.key) Secret(a.key) [Secret(a.key)]"
