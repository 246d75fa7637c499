"""The places that settings are read from: in words, and each as a flat table of key and entry."""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from brentwatch.core.errors import SettingsError
from brentwatch.history.regular_files import open_regular
from brentwatch.message.foreign import escape_text

PREFIX = "BRENTWATCH_"
NESTING = "__"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Given on the command line: `--set`, or the option that stands for it."""

    option: str = "--set"

    def __str__(self) -> str:
        return f"flag {self.option}"


@dataclass(frozen=True, slots=True)
class Environment:
    """Given by an environment variable."""

    variable: str

    def __str__(self) -> str:
        return f"environment variable {self.variable}"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """Given in a settings file; an `implicit` one was found in the working folder, and nobody named it."""

    path: str
    implicit: bool = False

    def __str__(self) -> str:
        return f"file {self.path}"


@dataclass(frozen=True, slots=True)
class Default:
    """Given by nobody."""

    def __str__(self) -> str:
        return "default"


Origin = Flag | Environment | SettingsFile | Default


def name_variable(key: Key) -> str:
    """The environment variable that sets `key`: `BRENTWATCH_KAFKA__BOOTSTRAP` for `kafka.bootstrap`."""
    return PREFIX + NESTING.join(key).upper().replace("-", "_")


def spell_key(origin: Origin, key: Key) -> str:
    """How `key` is written in the place that `origin` names."""
    return name_variable(key) if isinstance(origin, Environment) else ".".join(key)


def suggest_remedy(origin: Origin, key: Key) -> str:
    """What to do about a value of `key` that cannot be used."""
    match origin:
        case Flag(option=option):
            return f"correct {option}"
        case Environment(variable=name):
            return f"correct {name} or unset it"
        case SettingsFile(path=path):
            return f"correct it in {path}"
        case Default():
            return f"set it in the settings file, by {name_variable(key)} or by --set {'.'.join(key)}=..."


FILE_VARIABLE = "BRENTWATCH_SETTINGS"
DEFAULT_FILE = "brentwatch.toml"
_SECRET = re.compile(r"(password|secret|token|key)$", re.IGNORECASE)
_LIKE_OUR_PREFIX = 0.85


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One given value and where it was given. From flags and the environment it is text."""

    value: object
    origin: Origin


Layer = dict[Key, SettingEntry]


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
    where that exists. `warn` takes a sentence about what is read, or ignored.
    """

    file: str | None = None
    flags: tuple[Assignment, ...] = ()
    warn: Callable[[str], object] = field(default=lambda _: None, repr=False, compare=False)

    def build_arguments(self) -> list[str]:
        """The command-line options that say the same to a child process."""
        chosen = [] if self.file is None else ["--settings", self.file]
        for flag in self.flags:
            chosen += ["--set", f"{flag.key}={flag.value}"]
        return chosen

    def redact_arguments(self) -> tuple[str, ...]:
        """The same options as a message may print them: without secrets."""
        chosen = [] if self.file is None else ["--settings", self.file]
        for flag in self.flags:
            if not _SECRET.search(flag.key) and "@" not in flag.value:
                chosen += ["--set", f"{flag.key}={flag.value}"]
        return tuple(chosen)

    def read_layers(self, environment: Mapping[str, str]) -> tuple[Layer, Layer, Layer]:
        """Flags, environment and file, the strongest first.

        Raises:
            SettingsError: if the file cannot be read or is not TOML.
        """
        return _parse_flags(self.flags), _parse_environment(environment), self._read_file(environment)

    def _read_file(self, environment: Mapping[str, str]) -> Layer:
        match self.file, environment.get(FILE_VARIABLE):
            case str(path), _:
                file, data = SettingsFile(path), _read_named_file(path, "--settings")
            case None, str(path) if path:
                file, data = SettingsFile(path), _read_named_file(path, FILE_VARIABLE)
            case _ if os.path.lexists(DEFAULT_FILE):
                file, data = SettingsFile(DEFAULT_FILE, implicit=True), _read_own_file(DEFAULT_FILE)
            case _:
                return {}
        self.warn(f"settings are read from {escape_text(os.path.abspath(file.path))}")
        return _parse_toml(file, data)


def _parse_flags(flags: tuple[Assignment, ...]) -> Layer:
    return {tuple(flag.key.split(".")): SettingEntry(flag.value, Flag(flag.option)) for flag in flags}


def _parse_environment(environment: Mapping[str, str]) -> Layer:
    """Every variable that has our prefix or nearly so; which of them are settings is decided later."""
    names = sorted(name for name in environment if _is_like_ours(name) and name != FILE_VARIABLE)
    return {_parse_variable(name): SettingEntry(environment[name], Environment(name)) for name in names}


def _is_like_ours(name: str) -> bool:
    if name.upper().startswith(PREFIX):
        return True
    head, underscore, _ = name.upper().partition("_")
    return SequenceMatcher(None, f"{head}{underscore}", PREFIX).ratio() >= _LIKE_OUR_PREFIX


def _parse_variable(name: str) -> Key:
    """The key that a variable sets; its own name, which is none, where that is not in upper case.

    A shell forbids dashes, so names of instruments and series take "_".
    """
    if not name.startswith(PREFIX) or name != name.upper():
        return (name,)
    section, *rest = name.removeprefix(PREFIX).lower().split(NESTING)
    if section == "instruments" and rest:
        rest[0] = rest[0].replace("_", "-")
    if section == "prices" and rest[:1] == ["series"] and len(rest) > 1:
        rest[1] = rest[1].replace("_", "-")
    return (section, *rest)


def _read_named_file(path: str, named_by: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the settings file {path} (named by {named_by}) cannot be read: {error.strerror}; "
            "expected a TOML file: correct the path or its permissions"
        ) from error


def _read_own_file(path: str) -> bytes:
    """What a file in the working folder holds, if nobody but this user or root can have written it.

    The folder is not looked at: what others can do there is to take the file away, not to write it.

    Raises:
        SettingsError: if others can have written it, it is no regular file, or it cannot be read.
    """
    try:
        with open(open_regular(Path(path)), "rb") as file:
            if not (why := _explain_distrust(os.fstat(file.fileno()))):
                return file.read()
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    raise SettingsError(
        f"the settings file {path} in the working folder {why}; expected a regular file that belongs to you "
        "or to root and that only the owner can write: correct that, or give the file with --settings "
        f"(--settings {os.devnull} for none)"
    )


def _explain_distrust(found: os.stat_result) -> str:
    """Why somebody else can have written a file; "" where nobody can."""
    if found.st_uid not in (os.geteuid(), 0):
        return f"belongs to user {found.st_uid}"
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return f"can be written by others (mode {stat.S_IMODE(found.st_mode):o})" if others else ""


def _parse_toml(file: SettingsFile, data: bytes) -> Layer:
    from brentwatch.wire.decoding import decode_toml  # msgspec is loaded once there is a file

    try:
        tables = decode_toml(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings file {file.path} is not TOML: {error}; correct that place in the file"
        ) from error
    return {key: SettingEntry(value, file) for key, value in _list_leaves(tables)}


def _list_leaves(table: Mapping[str, object], above: Key = ()) -> Iterator[tuple[Key, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _list_leaves(value, (*above, name))
        else:
            yield (*above, name), value
