"""The places that settings are read from, each as a flat table of key and entry: flags, environment, file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.settings.origins import NESTING, PREFIX, Environment, File, Flag, Key, Origin
from brentwatch.wire.toml_text import decode_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_VARIABLE = "BRENTWATCH_SETTINGS"
DEFAULT_FILE = "brentwatch.toml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One given value and where it was given. From flags and the environment it is text."""

    value: object
    origin: Origin


Layer = dict[Key, Entry]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One flag that sets one key."""

    key: str
    value: str
    option: str = "--set"


@dataclass(frozen=True, slots=True)
class Sources:
    """What the command line says about settings: the file to read, and the flags that beat everything.

    Without `file` it is the one that BRENTWATCH_SETTINGS names, or `brentwatch.toml` in the working folder
    where that exists.
    """

    file: str | None = None
    flags: tuple[Assignment, ...] = ()

    def arguments(self) -> list[str]:
        """The command-line options that say the same to a child process."""
        chosen = [] if self.file is None else ["--settings", self.file]
        for flag in self.flags:
            chosen += ["--set", f"{flag.key}={flag.value}"]
        return chosen

    def layers(self, environment: Mapping[str, str]) -> tuple[Layer, Layer, Layer]:
        """Flags, environment and file, the strongest first.

        Raises:
            SettingsError: if the file cannot be read or is not TOML.
        """
        return _of_flags(self.flags), _of_environment(environment), self._of_file(environment)

    def _of_file(self, environment: Mapping[str, str]) -> Layer:
        match self.file, environment.get(FILE_VARIABLE):
            case str(path), _:
                return _of_toml(path, "--settings")
            case None, str(path) if path:
                return _of_toml(path, FILE_VARIABLE)
        return _of_toml(DEFAULT_FILE, "the working folder") if Path(DEFAULT_FILE).exists() else {}


def _of_flags(flags: tuple[Assignment, ...]) -> Layer:
    return {tuple(flag.key.split(".")): Entry(flag.value, Flag(flag.option)) for flag in flags}


def _of_environment(environment: Mapping[str, str]) -> Layer:
    names = sorted(name for name in environment if name.startswith(PREFIX) and name != FILE_VARIABLE)
    return {_key(name): Entry(environment[name], Environment(name)) for name in names}


def _key(name: str) -> Key:
    """The key that a variable sets. A shell forbids dashes, so names of instruments and series take "_"."""
    section, *rest = name.removeprefix(PREFIX).lower().split(NESTING)
    if section == "instruments" and rest:
        rest[0] = rest[0].replace("_", "-")
    if section == "prices" and rest[:1] == ["series"] and len(rest) > 1:
        rest[1] = rest[1].replace("_", "-")
    return (section, *rest)


def _of_toml(path: str, named_by: str) -> Layer:
    try:
        tables = decode_toml(Path(path).read_bytes())
    except OSError as error:
        raise SettingsError(
            f"the settings file {path} (named by {named_by}) cannot be read: {error.strerror}; "
            "a TOML file was wanted: correct the path or its permissions"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings file {path} is not TOML: {error}; correct that place in the file"
        ) from error
    return {key: Entry(value, File(path)) for key, value in _leaves(tables)}


def _leaves(table: Mapping[str, object], above: Key = ()) -> Iterator[tuple[Key, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value
