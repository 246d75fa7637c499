"""Every setting in words, read from the settings models: key, type, default and meaning.

The meaning of a setting is the docstring behind its field. Python does not keep that at run time, so it is
read from the source of the model.
"""

import ast
import inspect
import json
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from brentwatch.settings.fields import ANY
from brentwatch.settings.origins import Key

_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_SHOWN_CHOICES = 6
_WORDS: dict[object, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    SecretStr: "secret",
    Path: "path",
    date: "day",
    time: "time of day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedSetting:
    """One setting.

    `default` is in TOML, and empty where there is none. `section` is the model of the section that it stands
    in, and `owner` the first model that has it, which `section` may extend.
    """

    key: Key
    section: type[BaseModel]
    owner: type[BaseModel]
    kind: str
    default: str
    is_required: bool
    is_secret: bool
    meaning: str

    @property
    def name(self) -> str:
        """The last part of its key."""
        return self.key[-1]


def describe_settings(model: type[BaseModel], above: Key = ()) -> Iterator[DescribedSetting]:
    """Every setting below a model: those of a section before those of the sections below it.

    `ANY` stands in a key where the operator chooses the name.
    """
    meanings = read_meanings(model)
    below: list[tuple[Key, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        if (found := _find_section(field.annotation)) is not None:
            key, section = found
            below.append(((*above, name, *key), section))
        else:
            yield _describe((*above, name), model, field, meanings.get(name, ""))
    for key, section in below:
        yield from describe_settings(section, key)


def _find_owner(model: type[BaseModel], name: str) -> type[BaseModel]:
    """The first model that has the setting, which `model` extends."""
    models = (each for each in reversed(model.__mro__) if issubclass(each, BaseModel))
    return next(each for each in models if name in each.model_fields)


def _find_section(annotation: object) -> tuple[Key, type[BaseModel]] | None:
    """The model of a section, with `ANY` before it where there is one for each name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (), annotation
    if get_origin(annotation) is dict:
        found = _find_section(get_args(annotation)[1])
        return None if found is None else ((ANY, *found[0]), found[1])
    return None


def _describe(key: Key, section: type[BaseModel], field: FieldInfo, meaning: str) -> DescribedSetting:
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return DescribedSetting(
        key=key,
        section=section,
        owner=_find_owner(section, key[-1]),
        kind=_describe_kind(field.annotation, field.metadata),
        default=format_toml(default),
        is_required=field.is_required(),
        is_secret=SecretStr in (field.annotation, *get_args(field.annotation)),
        meaning=meaning,
    )


def read_meanings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring behind each field of a model, those of the models that it extends among them."""
    ours = [each for each in model.__mro__ if each.__module__.startswith("brentwatch")]
    return {name: text for each in reversed(ours) for name, text in _read_own_meanings(each)}


def _read_own_meanings(model: type) -> Iterator[tuple[str, str]]:
    classes = ast.parse(dedent(inspect.getsource(model))).body
    body = [each for defined in classes if isinstance(defined, ast.ClassDef) for each in defined.body]
    for statement, behind in pairwise(body):
        match statement, behind:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, text


def _describe_kind(annotation: Any, metadata: Iterable[object] = ()) -> str:
    """The type of a setting as people say it, with its bounds."""
    kinds = [each for each in get_args(annotation) if each is not types.NoneType]
    origin = get_origin(annotation)
    if origin is Annotated:
        return _describe_kind(kinds[0], [*annotation.__metadata__, *metadata])
    if origin in (Union, types.UnionType):
        return _describe_kind(kinds[0], metadata)
    if origin is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return _list_choices([str(each) for each in kinds or annotation])
    if origin is tuple:
        return f"list of {_describe_kind(kinds[0])}"
    if origin is dict:
        return f"table: name = {_describe_kind(kinds[1])}"
    return ", ".join([_WORDS[annotation], *_list_bounds(metadata)])


def _list_choices(choices: list[str]) -> str:
    """All of a few, and the first of many."""
    shown = [f"`{each}`" for each in choices[:_SHOWN_CHOICES]]
    more = len(choices) - len(shown)
    return ", ".join(shown[:-1]) + (f", {shown[-1]} and {more} more" if more else f" or {shown[-1]}")


def _list_bounds(metadata: Iterable[object]) -> Iterator[str]:
    for each in metadata:
        if isinstance(each, FieldInfo):
            yield from _list_bounds(each.metadata)
        for name, sign in _SIGNS.items():
            if (bound := getattr(each, name, None)) is not None:
                yield f"{sign} {format_toml(bound)}"


def format_toml(value: object) -> str:
    """A value as TOML writes it; empty for None, and for a secret."""
    match value:
        case None | SecretStr():
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return format_toml(value.value)
        case int() | float():
            return str(int(value)) if value == int(value) else repr(value)
        case date():
            return value.isoformat()
        case time():
            return f'"{value:%H:%M}"'
        case tuple():
            return f"[{', '.join(map(format_toml, value))}]"
        case dict() if value:
            return f"{{ {', '.join(f'{name} = {format_toml(each)}' for name, each in value.items())} }}"
        case dict():
            return "{}"
    return json.dumps(str(value), ensure_ascii=False)
