"""A tree of settings models as flat keys: which keys exist, of what type, with what values."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_origin

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.settings.origins import Key

ANY = "*"
"""Stands for the name that the operator chooses, as in `instruments.*.partition`."""


def list_keys(annotation: object, above: Key = ()) -> Iterator[Key]:
    """Every key below a settings model, `ANY` where the operator chooses the name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from list_keys(field.annotation, (*above, name))
    elif get_origin(annotation) is dict:
        yield from list_keys(get_args(annotation)[1], (*above, ANY))
    else:
        yield above


def find_type(annotation: object, key: Key) -> object:
    """The type that the models give to `key`; None where there is no such key."""
    if not key:
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(key[0])
        return None if field is None else find_type(field.annotation, key[1:])
    return find_type(get_args(annotation)[1], key[1:]) if get_origin(annotation) is dict else None


def is_secret(annotation: object, key: Key) -> bool:
    """True where the value of `key` must never be shown."""
    found = find_type(annotation, key)
    return found is SecretStr or SecretStr in get_args(found)


def is_list(annotation: object, key: Key) -> bool:
    """True where `key` takes several values, which flags and the environment write with commas."""
    return get_origin(find_type(annotation, key)) in (tuple, list, frozenset)


def list_values(settings: object, above: Key = ()) -> Iterator[tuple[Key, object]]:
    """Every key of checked settings with its value, in the order of the models."""
    match settings:
        case BaseModel():
            below = {name: getattr(settings, name) for name in type(settings).model_fields}
        case dict() if settings:
            below = settings
        case _:
            yield above, settings
            return
    for name, value in below.items():
        yield from list_values(value, (*above, name))
