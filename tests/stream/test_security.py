"""`[kafka.security]`: what does not fit together is told at once, and no secret is ever shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from brentwatch import cli
from brentwatch.core.errors import SettingsError
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.stream.security import SecuritySettings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "open sesame"
MECHANISMS = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
OAUTH = {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER"}
PLAIN = {"protocol": "SASL_SSL", "mechanism": "PLAIN"}


def environment(**given: str) -> dict[str, str]:
    return {f"BRENTWATCH_KAFKA__SECURITY__{name.upper()}": value for name, value in given.items()}


def faults(**given: str) -> list[str]:
    """What is wrong with these settings: each key, and what was expected."""
    with pytest.raises(SettingsError) as caught:
        load(Sources(), environment(**given))
    assert SECRET not in str(caught.value)
    told = [sentence.replace("; expected ", "; ") for sentence in caught.value.faults]
    return [
        f"{line.split()[0].removeprefix('kafka.security.')}: {line.partition('; ')[2].rpartition(': ')[0]}"
        for line in told
    ]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_text(SECRET)
    return str(path)


def test_nothing_is_encrypted_or_proven_unless_asked_for() -> None:
    assert SecuritySettings() == SecuritySettings(protocol="PLAINTEXT", check_hostname=True)
    assert not SecuritySettings().encrypted
    assert not SecuritySettings().authenticates


@pytest.mark.parametrize(
    "given",
    [
        {"protocol": "SSL"},
        {"protocol": "SSL", "ca_file": "FILE", "certificate_file": "FILE", "key_file": "FILE"},
        {"protocol": "SASL_PLAINTEXT", "mechanism": "PLAIN", "username": "a", "password": SECRET},
        {"protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-256", "username": "a", "password_file": "FILE"},
        {"protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "username": "a", "password": SECRET},
        {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "token_file": "FILE"},
        {
            "protocol": "SASL_SSL",
            "mechanism": "OAUTHBEARER",
            "token_url": "https://desk.example/token",
            "client_id": "a",
            "client_secret": SECRET,
        },
    ],
)
def test_what_fits_together_is_taken(file: str, given: dict[str, str]) -> None:
    chosen = {name: value.replace("FILE", file) for name, value in given.items()}

    security = load(Sources(), environment(**chosen)).settings.kafka.security

    assert security == SecuritySettings.model_validate(chosen)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"protocol": "SASL_SSL"}, [f"mechanism: {MECHANISMS} for SASL_SSL"]),
        (
            PLAIN,
            [
                "username: a user name for PLAIN",
                "password_file: a file with the password for PLAIN, or kafka.security.password",
            ],
        ),
        (
            {"mechanism": "PLAIN", "username": "a", "password": SECRET},
            ["protocol: SASL_SSL or SASL_PLAINTEXT for mechanism, username, password"],
        ),
        (
            {"key_password": SECRET, "key_file": "FILE", "certificate_file": "FILE"},
            ["protocol: SSL or SASL_SSL for certificate_file, key_file, key_password"],
        ),
        ({"ca_file": "FILE", "password": SECRET}, ["protocol: SASL_SSL for password, ca_file"]),
        ({"protocol": "SSL", "username": "a"}, ["protocol: SASL_SSL for username"]),
        (
            OAUTH | {"protocol": "SASL_PLAINTEXT", "token_file": "FILE", "ca_file": "FILE"},
            ["protocol: SASL_SSL for ca_file"],
        ),
        (
            {"protocol": "SSL", "certificate_file": "FILE"},
            ["key_file: the private key of kafka.security.certificate_file"],
        ),
        (
            {"protocol": "SSL", "key_file": "FILE"},
            ["certificate_file: the certificate of kafka.security.key_file"],
        ),
        (
            {"protocol": "SSL", "key_password": SECRET},
            ["key_file: the private key that key_password decrypts"],
        ),
        ({"protocol": "SSL", "ca_file": "/nowhere"}, ["ca_file: an existing file"]),
        (
            OAUTH,
            ["token_url: the URL of a token endpoint for OAUTHBEARER, or kafka.security.token_file"],
        ),
        (
            OAUTH | {"token_url": "https://a:b@c/", "token_file": "FILE"},
            [
                "token_file: either token_file or token_url, not both",
                "token_url: https://host/path, without a user name or password in it",
                "client_id: the client id for token_url",
                "client_secret_file: a file with the secret of client_id, or kafka.security.client_secret",
            ],
        ),
        (
            PLAIN | {"username": "a", "password": SECRET, "password_file": "FILE"},
            ["password_file: either password or password_file, not both"],
        ),
    ],
)
def test_what_does_not_fit_together_is_told_in_the_place_of_each_setting(
    file: str, given: dict[str, str], told: list[str]
) -> None:
    assert faults(**{name: value.replace("FILE", file) for name, value in given.items()}) == told


def test_a_fault_says_where_the_value_came_from_and_what_to_do() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sources(), environment(protocol="SASL_SSL", ca_file="/nowhere"))
    assert caught.value.faults == (
        f"kafka.security.mechanism is not set (default); expected {MECHANISMS} for SASL_SSL: set it in the "
        "settings file, by BRENTWATCH_KAFKA__SECURITY__MECHANISM or by --set kafka.security.mechanism=...",
        "kafka.security.ca_file is '/nowhere' (environment variable BRENTWATCH_KAFKA__SECURITY__CA_FILE); "
        "expected an existing file: correct BRENTWATCH_KAFKA__SECURITY__CA_FILE or unset it",
    )


@pytest.mark.parametrize("variable", ["BRENTWATCH_KAFKA", "BRENTWATCH_KAFKA__SECURITY"])
def test_a_secret_in_the_place_of_a_table_is_not_shown(variable: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Sources(), {variable: json.dumps({"security": {"password": SECRET}})})
    assert SECRET not in str(caught.value)
    assert " is *** (environment variable" in str(caught.value)


def test_the_settings_are_shown_without_their_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    given = environment(
        protocol="SASL_SSL", mechanism="PLAIN", username="a", password=SECRET, key_file=file,
        certificate_file=file, key_password=SECRET, client_secret=SECRET,
    )  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert cli.main(["config", "show"]) == 0
    shown = capsys.readouterr().out

    hidden = [line.split() for line in shown.splitlines() if "***" in line]
    assert [words[0] for words in hidden] == [
        f"kafka.security.{name}" for name in ("key_password", "password", "client_secret")
    ]
    assert {words[-1] for words in hidden} <= given.keys()
    assert SECRET not in shown + repr(load(Sources(), given))
