"""What is wrong with the settings: what was given, where, what was expected, what to do.

A name of a feed that nobody knows is refused, since its limit would apply to nothing. A flag shows a secret
to every user of the machine. An address in the settings file of the working folder, which nobody named, must
not receive a secret that was given elsewhere.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.settings import origins
from brentwatch.settings.composed import Settings
from brentwatch.settings.fields import ANY, Unfit, is_secret, list_keys
from brentwatch.settings.instruments import ONE_PARTITION_EACH, SHARED, find_shared_partitions
from brentwatch.settings.variables import find_nearest
from brentwatch.web.secrets import HIDDEN, hide_credentials, redact_path

_USER = re.compile(r"""(?<![^\s'"/,])[^\s'"/,]+@""")
"""What stands before an @ may be a password, also without a scheme."""

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table",
    "enum": "one of {expected}",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "one of {expected}",
    "model_type": "a table",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_long": "text of at most {max_length} characters",
    "string_too_short": "text of at least {min_length} characters",
    "string_type": "text",
    "tuple_type": "a list",
    "value_error": "{error}",
}
"""Kind of a validation error -> what was expected, with the figures of that error."""


_LISTED = "`brentwatch config show` lists all settings"


def describe_faults(
    error: ValidationError, model: type[BaseModel], given: origins.Layer, listed: str = _LISTED
) -> tuple[str, ...]:
    """One sentence for every fault in `error`, which `model` found in the values `given`.

    `listed` says where the known keys are listed.
    """
    found = [line for details in error.errors() for line in _describe_fault(details, model, given, listed)]
    return (*found, *_describe_shared_partitions(given))


def _describe_shared_partitions(given: origins.Layer) -> Iterator[str]:
    """Said from what was given, since the models compare instruments only when each is sound in itself."""
    partitions = {key[1]: str(given[key].value) for key in given if key[::2] == ("instruments", "partition")}
    for partition, names in find_shared_partitions(partitions).items():
        keys_named = [("instruments", name, "partition") for name in sorted(names)]
        said = " and ".join(f"{'.'.join(key)} ({given[key].origin})" for key in keys_named)
        yield f"{said} are all {partition}; expected {ONE_PARTITION_EACH}: change all but one of them"


def _describe_fault(
    details: ErrorDetails, model: type[BaseModel], given: origins.Layer, listed: str
) -> Iterator[str]:
    key = tuple(str(part) for part in details["loc"] if part != "[key]")
    if details["type"] == SHARED:
        return
    if details["type"] == "extra_forbidden":
        yield from (
            _describe_unknown(name, model, given, listed) for name in given if name[: len(key)] == key
        )
    elif details["type"] == "missing":
        yield (
            f"{'.'.join(key)} is not set; it has no default: {origins.suggest_remedy(origins.Default(), key)}"
        )
    else:
        yield _describe_unusable(key, details, model, given)


def _describe_unusable(
    key: origins.Key, details: ErrorDetails, model: type[BaseModel], given: origins.Layer
) -> str:
    origin = _find_origin(key, given)
    was = _format_given(key, details["input"], model)
    return (
        f"{'.'.join(key)} is {was} ({origin}); expected {_describe_expected(details)}: "
        f"{origins.suggest_remedy(origin, key)}"
    )


def _format_given(key: origins.Key, value: object, model: type[BaseModel]) -> str:
    """A value in words; *** where it is a secret, or what was given for a table that would hold one."""
    value = value.value if isinstance(value, Unfit) else value
    if value is None:
        return "not set"
    if any(is_secret(model, _fill_names(known, key)) for known in list_keys(model) if _is_below(known, key)):
        return HIDDEN
    if isinstance(value, str) and _is_file_of_a_secret(key, model):
        value = redact_path(value)
    return HIDDEN if value == HIDDEN else _USER.sub(f"{HIDDEN}@", hide_credentials(repr(value)))


def _is_file_of_a_secret(key: origins.Key, model: type[BaseModel]) -> bool:
    return key[-1].endswith("_file") and is_secret(model, (*key[:-1], key[-1].removesuffix("_file")))


def _is_below(known: origins.Key, key: origins.Key) -> bool:
    return len(known) >= len(key) and _fill_names(known, key)[: len(key)] == key


def _describe_expected(details: ErrorDetails) -> str:
    template = _EXPECTED.get(details["type"])
    if template is None:
        return details["msg"].removeprefix("Input should be ")
    return template.format(**details.get("ctx", {})).rstrip(",")


def _find_origin(key: origins.Key, given: origins.Layer) -> origins.Origin:
    """The origin of `key`, of the value it is a part of, or of the first of its parts."""
    near = (name for name in given if name == key[: len(name)] or name[: len(key)] == key)
    return next((given[name].origin for name in near), origins.Default())


def _describe_unknown(key: origins.Key, model: type[BaseModel], given: origins.Layer, listed: str) -> str:
    origin = given[key].origin
    if isinstance(origin, origins.Environment):
        name, meant = str(origin), find_nearest(origin.variable, model)
    else:
        name, meant = f"{origins.spell_key(origin, key)} ({origin})", _find_closest(key, model, origin)
    advice = f"did you mean {meant}?" if meant else f"remove it; {listed}"
    return f"{name} is not a setting: {advice}"


def _find_closest(key: origins.Key, model: type[BaseModel], origin: origins.Origin) -> str | None:
    known = {
        ".".join(named): named for named in (_fill_names(candidate, key) for candidate in list_keys(model))
    }
    written = ".".join(key)
    matches = get_close_matches(written, known) or get_close_matches(written.lower(), known)
    return origins.spell_key(origin, known[matches[0]]) if matches else None


def _fill_names(candidate: origins.Key, key: origins.Key) -> origins.Key:
    """`candidate` with the names that the operator chose in `key`."""
    return tuple(
        key[place] if part == ANY and place < len(key) else part for place, part in enumerate(candidate)
    )


_TABLES = (("screen", "minimum_relevance"), ("screen", "minimum_exposure"))


def find_unknown_feeds(given: origins.Layer) -> Iterator[str]:
    """One sentence for each feed that is not known, from the values `given`."""
    known = _list_known_feeds(given)
    for key, entry in given.items():
        if key[:2] not in _TABLES or len(key) != len(_TABLES[0]) + 1 or key[2] in known:
            continue
        name = origins.spell_key(entry.origin, key)
        closest = get_close_matches(key[2].lower(), known, n=1)
        meant = f"Did you mean {origins.spell_key(entry.origin, (*key[:2], closest[0]))}? " if closest else ""
        yield (
            f"{name} ({entry.origin}) is not a feed; expected one of {', '.join(known)}. {meant}"
            "To use a feed of your own producers, add its name to screen.own_feeds"
        )


def _list_known_feeds(given: origins.Layer) -> list[str]:
    """The feeds of the product, the file feed under the name that it has, and those that were declared."""
    file = given.get(("ingest", "file", "name"))
    own = given.get(("screen", "own_feeds"))
    match own.value if own else None:
        case str(text):
            declared = [part.strip() for part in text.split(",")]
        case list(names):
            declared = [str(name) for name in names]
        case _:
            declared = []
    return sorted({*FEEDS, *([str(file.value)] if file else []), *declared})


_FILE = "_file"


def find_secrets_in_flags(flags: origins.Layer) -> Iterator[str]:
    """One sentence for each secret that stands on the command line."""
    for key, entry in flags.items():
        if is_secret(Settings, key):
            instead = f"set {origins.name_variable(key)}, or {'.'.join(key)}{_FILE} to a file that holds it"
        elif hide_credentials(str(entry.value)) != entry.value:
            instead = f"set {origins.name_variable(key)}"
        else:
            continue
        yield (
            f"{'.'.join(key)} is set by {entry.origin}, which shows the secret to every user of this "
            f"machine; expected it in the environment or in a file: {instead}"
        )


def find_strayed_secrets(given: origins.Layer) -> Iterator[str]:
    """One sentence for each secret that would go to an address of a settings file that nobody named."""
    for key, entry in given.items():
        if not (is_secret_or_file(key) and entry.value) or isinstance(entry.origin, origins.SettingsFile):
            continue
        for address, other in given.items():
            match other.origin:
                case origins.SettingsFile(path=path, implicit=True) if is_address_for(address, key):
                    yield (
                        f"{'.'.join(key)} ({entry.origin}) would be used with {'.'.join(address)} from "
                        f"{path} in the working folder; expected an address from the environment, a flag or "
                        f"a settings file given with --settings: set {origins.name_variable(address)}, or "
                        f"add --settings {path}"
                    )


def is_secret_or_file(key: origins.Key) -> bool:
    """True for a secret, and for the setting that names its file."""
    name = key[-1].removesuffix(_FILE)
    return is_secret(Settings, (*key[:-1], name)) or key[-1] == "token_file"


def is_address_for(address: origins.Key, secret: origins.Key) -> bool:
    """True where `address` says where `secret` is sent: it stands in the same section, or above."""
    *section, name = address
    is_above = tuple(section) == secret[: len(section)]
    return is_above and (name in ("bootstrap", "server", "url") or name.endswith("_url"))
