"""Finds the schemas: next to the code in an installed package, at the root in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from brentwatch.core.errors import InvalidInput

_ENDING = ".schema.json"


def find_folder() -> Traversable:
    """The folder `schemas/`: schemas, `topics.toml`, and `examples/`."""
    package = files("brentwatch")
    installed = package / "_schemas"
    return installed if installed.is_dir() else package / ".." / ".." / "schemas"


def list_names() -> tuple[str, ...]:
    """The schemas by name and version, `unrest_event.v1` for one, in alphabetical order."""
    found = (item.name for item in find_folder().iterdir() if item.name.endswith(_ENDING))
    return tuple(sorted(name.removesuffix(_ENDING) for name in found))


def read_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of that name and version.

    Raises:
        InvalidInput: if there is no such schema.
    """
    if name not in list_names():
        raise InvalidInput(f"no schema is called {name!r}; choose one of {', '.join(list_names())}")
    return msgspec.json.decode((find_folder() / f"{name}{_ENDING}").read_bytes(), type=dict[str, Any])


def read_examples(schema: str) -> dict[str, bytes]:
    """The example documents of `schema`, by file name."""
    documents = find_folder() / "examples" / schema
    return {item.name: item.read_bytes() for item in sorted(documents.iterdir(), key=lambda item: item.name)}
