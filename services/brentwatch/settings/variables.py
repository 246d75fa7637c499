"""Tells settings from misspelt settings and from variables of other programs, among environment variables.

Kubernetes puts variables of every service of a namespace into every pod: a service called brentwatch gives
BRENTWATCH_PORT=tcp://10.0.0.1:9470 and ten more, one called brentwatch-kafka-bootstrap gives
BRENTWATCH_KAFKA_BOOTSTRAP_PORT. Such a variable, and any other that resembles no setting, is ignored with
a warning. A misspelt setting is refused: ignoring it would run with another value than intended.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches

from pydantic import BaseModel

from brentwatch.settings.fields import ANY, list_keys
from brentwatch.settings.origins import FILE_VARIABLE, PREFIX, Environment, Key, Layer, name_variable

_OF_KUBERNETES = re.compile(
    r"_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?"
)
_LINK = re.compile(r"(tcp|udp|sctp)://\S+")
_LIKE, _LIKE_IN_A_SECTION, _LIKE_A_TAIL = 0.8, 0.75, 0.85
_LONG = 5
"""A single word of at least this length, such as "bootstrap", is taken for the setting of that name."""


def sift(layer: Layer, model: type[BaseModel]) -> tuple[Layer, tuple[str, ...]]:
    """The entries of the environment that count, right or wrong, and the variables that are ignored."""
    ignored = {}
    for key, entry in layer.items():
        match entry.origin:
            case Environment(variable=name) if not _is_meant_as_setting(key, name, str(entry.value), model):
                ignored[key] = name
    kept = {key: entry for key, entry in layer.items() if key not in ignored}
    ours = (name for name in ignored.values() if name.upper().startswith(PREFIX))
    return kept, tuple(sorted(ours))


def is_of_kubernetes(name: str, value: str) -> bool:
    """True for the variables by which Kubernetes and Docker tell a container where a service is."""
    return bool(
        re.fullmatch(f"BRENTWATCH.*?({_OF_KUBERNETES.pattern})", name)
        or (name.endswith("_PORT") and _LINK.fullmatch(value))
    )


def _is_meant_as_setting(key: Key, name: str, value: str, model: type[BaseModel]) -> bool:
    if any(_is_overlapping(key, known) for known in list_keys(model)):
        return True
    if is_of_kubernetes(name, value):
        return False
    return (len(key) > 1 and key[0] in model.model_fields) or find_nearest(name, model) is not None


def _is_overlapping(key: Key, known: Key) -> bool:
    """True for a setting, for a section, and for what would stand below a setting."""
    return all(part in (named, ANY) for named, part in zip(key, known, strict=False))


def find_nearest(name: str, model: type[BaseModel]) -> str | None:
    """The variable that was meant by `name`, which is none; None where no setting is like it."""
    upper = name.upper()
    if not upper.startswith(PREFIX):
        return _correct_prefix(upper, model)
    plain = _strip_underscores(upper.removeprefix(PREFIX))
    known = dict(_list_spellings(upper, model))
    if upper in known.values() or upper == FILE_VARIABLE:
        return upper  # in lower case
    if plain.startswith("SETTINGS_") or SequenceMatcher(None, plain, "SETTINGS").ratio() >= _LIKE:
        return FILE_VARIABLE
    in_a_section = plain.partition("_")[0].lower() in model.model_fields
    cutoff = _LIKE_IN_A_SECTION if in_a_section else _LIKE
    if found := get_close_matches(plain, known, n=1, cutoff=cutoff):
        return known[found[0]]
    return _find_by_end(plain, known)


def _correct_prefix(upper: str, model: type[BaseModel]) -> str | None:
    """BRENTWACH_KAFKA__BOOTSTRAP: all but the prefix is right."""
    _, _, rest = upper.partition("_")
    meant = f"{PREFIX}{rest}"
    known = {*dict(_list_spellings(meant, model)).values(), FILE_VARIABLE}
    return meant if meant in known else None


def _list_spellings(upper: str, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Every setting without its separators, and its variable; names that the operator chose as in `upper`."""
    chosen = upper.removeprefix(PREFIX).split("__")
    for key in list_keys(model):
        named = (
            chosen[place] if part == ANY and place < len(chosen) else "brent-spot" if part == ANY else part
            for place, part in enumerate(key)
        )
        spelt = name_variable(tuple(named))
        yield _strip_underscores(spelt.removeprefix(PREFIX)), spelt


def _find_by_end(plain: str, known: dict[str, str]) -> str | None:
    """LOG_LEVEL for TELEMETRY_LOG_LEVEL: the section is missing."""
    ends: dict[str, list[str]] = {}
    for full, spelt in known.items():
        leaf = _strip_underscores(spelt.rpartition("__")[2])
        for end in {leaf, _strip_underscores("_".join(spelt.split("__")[-2:]).removeprefix(PREFIX))}:
            if end != full:
                ends.setdefault(end, []).append(spelt)
    several = [end for end in ends if "_" in end]
    if found := get_close_matches(plain, several, n=1, cutoff=_LIKE_A_TAIL):
        return ends[found[0]][0]
    alone = ends.get(plain, [])
    return alone[0] if len(alone) == 1 and len(plain) >= _LONG else None


def _strip_underscores(text: str) -> str:
    return re.sub("_+", "_", text).strip("_")
