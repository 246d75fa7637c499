"""What a client is given to prove who it is."""

from pathlib import Path

import pytest

from brentwatch.stream.clients.credentials import TokenFile, build_security_options
from brentwatch.stream.security import SecuritySettings

SECONDS = 5.0


def test_without_security_there_is_nothing_but_the_protocol() -> None:
    assert build_security_options(SecuritySettings(), SECONDS) == {"security_protocol": "PLAINTEXT"}


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_name_and_password_go_with_the_mechanism(mechanism: str) -> None:
    security = SecuritySettings.model_validate(
        {"protocol": "SASL_SSL", "mechanism": mechanism, "username": "screen", "password": "not telling"}
    )
    options = build_security_options(security, SECONDS)
    assert options.pop("ssl_context").check_hostname
    assert options == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "screen",
        "sasl_plain_password": "not telling",
    }


def test_a_token_comes_from_its_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abc\n")
    security = SecuritySettings.model_validate(
        {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "token_file": str(token)}
    )
    options = build_security_options(security, SECONDS)
    assert options["sasl_mechanism"] == "OAUTHBEARER"
    assert isinstance(options["sasl_oauth_token_provider"], TokenFile)
