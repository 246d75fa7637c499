"""Documents that are nearly right: every value of an example changed, dropped, or joined by a stranger."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Path = tuple[str | int, ...]

STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    3.0,
    2.5,
    -0.5,
    95,
    -180.5,
    1e30,
    10**20,
    "",
    "x",
    " ",
    "KAZ",
    "kaz",
    "KA",
    "KAZ\n",
    "ÄÖÜ",
    "new",
    "riot",
    "minute",
    "decade",
    "curated",
    "exact",
    "canary",
    "price_update",
    "found",
    "pending",
    "critical",
    "1d",
    "05m",
    "1000m",
    "desk:1",
    "desk:1\n",
    "one\ntwo",
    "one\r\ntwo",
    "one\n\ntwo",
    "1\n2\n3\n4\n5\n6",
    "1\n2\n3\n4\n5\n6\n7",
    "desk 1",
    "i" * 65,
    "d" * 129,
    "s" * 201,
    "s" * 501,
    "s" * 1001,
    "s" * 2001,
    "https://example.org/a",
    "https://example.org/a b",
    "https://example.org/a\n",
    "ftp://example.org/a",
    "https://example.org/" + "a" * 2048,
    "2022-01-05",
    "2022-02-30",
    "1899-12-31",
    "2022-1-5",
    "2022-01-05T10:10:00Z",
    "2022-01-05t10:10:00z",
    "2022-01-05T10:10:00.123456789+05:30",
    "2022-01-05T10:10:00-00:00",
    "2022-01-05T10:10:00",
    "2022-01-05T10:10Z",
    "2022-01-05T24:00:00Z",
    "2022-01-05T10:10:60Z",
    "2022-02-30T10:10:00Z",
    "2022-01-05T10:10:00+24:00",
    "2022-01-05T10:10:00Z\n",
    "1899-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59Z",
    "yesterday",
    1641377400,
    [],
    {},
    [None],
    ["KAZ"],
    ["x", 1],
    [{}],
    [{"url": "https://example.org/a"}],
    [{"scheme": "cameo", "code": 145}],
    {"lat": 1.5},
    {"lat": 1, "lon": None},
    {"lat": 1, "lon": 2, "precision": "city", "unheard": {"of": [1]}},
    {"lat": None},
    {"best": 1},
    {"low": 1},
    {"best": 2.0},
    {"verification": "curated", "confidence": 1.5},
    {"verification": "curated", "confidence": 1},
    {"start": "2022-01-01T00:00:00Z", "precision": "day"},
    {"start": "2022-01-01T00:00:00Z"},
    {"start": 0, "end": 5.0},
    {"start": 1, "end": 0},
    {"status": "pending", "settles_at": "2022-01-05T16:30:00Z"},
    {"status": "refused", "reason": "too few sessions"},
    {"status": "found"},
)


def mutations(*documents: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The documents with one thing changed, for every place in them and everything strange.

    A place that several documents have, with the same neighbours, is changed in the first of them.
    """
    seen: set[tuple[Path, frozenset[str]]] = set()
    for document in documents:
        for path in _paths(document):
            place = path, _neighbours(document, path)
            if place not in seen:
                seen.add(place)
                yield _without(document, path)
                yield from (_with(document, path, value) for value in STRANGE)


def with_strangers(document: Any) -> Any:
    """The document with an unknown field in every object."""
    match document:
        case dict():
            return {"stranger": [1, {"a": None}]} | {k: with_strangers(v) for k, v in document.items()}
        case list():
            return [with_strangers(item) for item in document]
        case _:
            return document


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    for key, child in _children(value):
        yield (*path, key)
        yield from _paths(child, (*path, key))


def _children(value: Any) -> Iterable[tuple[str | int, Any]]:
    match value:
        case dict():
            return value.items()
        case [first, *_]:
            return [(0, first)]  # for all: the items of a list are alike
        case _:
            return ()


def _neighbours(document: dict[str, Any], path: Path) -> frozenset[str]:
    parent = _parent(document, path)
    return frozenset(parent) if isinstance(parent, dict) else frozenset()


def _with(document: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    _parent(changed, path)[path[-1]] = value
    return changed


def _without(document: dict[str, Any], path: Path) -> dict[str, Any]:
    changed = deepcopy(document)
    del _parent(changed, path)[path[-1]]
    return changed


def _parent(document: Any, path: Path) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document
