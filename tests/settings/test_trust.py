"""A working folder that others can write gives no settings and gets no secret; no secret stands in a flag."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import is_secret, list_keys
from brentwatch.settings.load import load
from brentwatch.settings.origins import Assignment, Sources, name_variable
from brentwatch.settings.refusals import is_address_for, is_secret_or_file

pytestmark = pytest.mark.attack

FILE = "brentwatch.toml"
STRANGER = 65534
HUSH = "hunter2"
EVIL = '[kafka]\nbootstrap = "evil.example:9092"\n'
SECRETS = [key for key in list_keys(Settings) if is_secret(Settings, key)]
ADDRESSES = {
    ("kafka", "bootstrap"): "evil.example:9092",
    ("kafka", "security", "token_url"): "https://evil.example/token",
    ("ingest", "acled", "url"): "https://evil.example",
    ("ingest", "ucdp", "url"): "https://evil.example",
    ("prices", "eia", "url"): "https://evil.example",
    ("notify", "email", "server"): "evil.example",
}


@pytest.fixture(autouse=True)
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of the working folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / FILE
    path.write_text(EVIL)
    path.chmod(0o600)
    return path


def faults_of(sources: Sources, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(sources, environment)
    return "\n".join(caught.value.faults)


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Make a file another user's; gives that user."""
    if os.geteuid() == 0:
        os.chown(path, STRANGER, STRANGER)
        return STRANGER
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    return owner


def test_a_file_of_ones_own_is_read_and_named() -> None:
    said: list[str] = []
    loaded = load(Sources(warn=said.append), {})

    assert loaded.settings.kafka.bootstrap == "evil.example:9092"
    assert said == [f"settings are read from {Path.cwd() / FILE}"]


def test_a_file_that_is_named_is_named_too(tmp_path: Path) -> None:
    for number, environment in enumerate([{}, {"BRENTWATCH_SETTINGS": "other.toml"}]):
        said: list[str] = []
        (tmp_path / "other.toml").write_text(EVIL)
        load(Sources(file=None if number else "other.toml", warn=said.append), environment)
        assert said == [f"settings are read from {tmp_path / 'other.toml'}"]


def test_a_file_of_a_stranger_is_refused(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = give_away(planted, monkeypatch)
    told = faults_of(Sources())

    assert told.startswith(
        f"the settings file {FILE} in the working folder belongs to user {owner}; expected"
    )
    assert "evil" not in told
    assert load(Sources(file=FILE), {}).settings.kafka.bootstrap == "evil.example:9092"
    assert load(Sources(file=os.devnull), {}).settings == Settings()


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(planted: Path, mode: int) -> None:
    planted.chmod(mode)
    assert f"can be written by others (mode {mode:o})" in faults_of(Sources())


def test_a_link_a_pipe_or_a_folder_in_its_place_is_refused_and_nothing_waits(planted: Path) -> None:
    other = planted.rename(planted.with_name("other.toml"))
    planted.symlink_to(other)
    assert "cannot be read: it is a symbolic link" in faults_of(Sources())
    planted.unlink()
    planted.symlink_to("nowhere")
    assert "cannot be read: it is a symbolic link" in faults_of(Sources())
    planted.unlink()
    os.mkfifo(planted)
    assert "cannot be read: it is a pipe" in faults_of(Sources())
    planted.unlink()
    planted.mkdir()
    assert "cannot be read: it is a folder" in faults_of(Sources())


@pytest.mark.parametrize("address", ADDRESSES, ids=".".join)
@pytest.mark.parametrize("ending", ["", "_file"])
def test_a_secret_of_the_environment_goes_to_no_address_of_the_working_folder(
    address: tuple[str, ...], ending: str, planted: Path
) -> None:
    planted.write_text(f'{".".join(address)} = "{ADDRESSES[address]}"\n')
    secrets = [key for key in SECRETS if is_address_for(address, key)]
    assert secrets
    for *section, name in secrets:
        secret = (*section, f"{name}{ending}")
        told = faults_of(Sources(), **{name_variable(secret): HUSH})
        assert (
            f"{'.'.join(secret)} (environment variable {name_variable(secret)}) would be used with "
            f"{'.'.join(address)} from {FILE} in the working folder; expected an address from the "
            "environment, a flag or a settings file given with --settings: set "
            f"{name_variable(address)}, or add --settings {FILE}"
        ) in told
        assert HUSH not in told


def test_every_secret_has_an_address_that_is_guarded_and_a_token_of_a_file_too() -> None:
    for secret in (*SECRETS, ("kafka", "security", "token_file")):
        assert is_secret_or_file(secret)
        assert any(is_address_for(key, secret) for key in list_keys(Settings)), secret
    assert not is_secret_or_file(("kafka", "security", "ca_file"))


def test_a_secret_beside_an_address_that_was_chosen_is_used(planted: Path, tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text(HUSH)
    way = 'protocol = "SASL_SSL"\nmechanism = "PLAIN"\nusername = "desk"\n'
    planted.write_text(f"{EVIL}[kafka.security]\n{way}")
    password = {"BRENTWATCH_KAFKA__SECURITY__PASSWORD_FILE": str(word)}

    load(Sources(file=FILE), password)
    load(Sources(), password | {"BRENTWATCH_KAFKA__BOOTSTRAP": "desk:9092"})
    planted.write_text(f'{EVIL}[kafka.security]\n{way}password_file = "{word}"')
    load(Sources(), {})  # its owner chose both


@pytest.mark.parametrize("secret", SECRETS, ids=".".join)
def test_a_secret_in_a_flag_is_refused_and_told_where_it_belongs(
    secret: tuple[str, ...], planted: Path
) -> None:
    planted.unlink()
    name = ".".join(secret)
    told = faults_of(Sources(flags=(Assignment(name, HUSH),)))

    assert (
        f"{name} is set by flag --set, which shows the secret to every user of this machine; expected it "
        f"in the environment or in a file: set {name_variable(secret)}, or {name}_file to a file that holds "
        "it"
    ) in told
    assert HUSH not in told


def test_a_secret_in_an_address_that_a_flag_gives_is_refused(planted: Path) -> None:
    planted.unlink()
    flag = Assignment("ingest.gdelt.url", f"https://mirror.example/?api_key={HUSH}")
    told = faults_of(Sources(flags=(flag,)))

    assert "ingest.gdelt.url is set by flag --set, which shows the secret" in told
    assert HUSH not in told
