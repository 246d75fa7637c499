"""Settings keyed by the name of a feed: an unknown name is refused: its limit would apply to nothing."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.settings.origins import spell_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.settings.sources import Layer

_TABLES = (("screen", "minimum_relevance"), ("screen", "minimum_exposure"))


def find_unknown_feeds(given: Layer) -> Iterator[str]:
    """One sentence for each feed that is not known, from the values `given`."""
    known = _list_known_feeds(given)
    for key, entry in given.items():
        if key[:2] not in _TABLES or len(key) != len(_TABLES[0]) + 1 or key[2] in known:
            continue
        name = spell_key(entry.origin, key)
        closest = get_close_matches(key[2].lower(), known, n=1)
        meant = f"Did you mean {spell_key(entry.origin, (*key[:2], closest[0]))}? " if closest else ""
        yield (
            f"{name} ({entry.origin}) names no feed; expected one of {', '.join(known)}. {meant}"
            "To use a feed of your own producers, add its name to screen.own_feeds"
        )


def _list_known_feeds(given: Layer) -> list[str]:
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
