"""Where a value of the settings came from, in words, and how the same place would spell another key."""

from __future__ import annotations

from dataclasses import dataclass

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
