"""Every pattern takes time in proportion to its input, whatever that is: a call in C holds up all threads."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from itertools import chain, product
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import brentwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHARACTERS = "0a_ \t\n.,-+/:;@=?&%$#\"'\\<>()[]{}~e\u00e9\u2018"
SIZE = 3_000
SUSPICIOUS_SECONDS = 0.002
"""A linear call on so many characters takes a tenth of that, a quadratic one ten times of it or more."""

MOST_TIMES_LONGER = 3.0
"""With an input twice as long: 2 where a pattern is linear, 4 where it is quadratic."""


class Use(NamedTuple):
    """A pattern of a module, and one method by which it is used there."""

    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    method: str


def uses() -> Iterator[Use]:
    for found in pkgutil.walk_packages(brentwatch.__path__, "brentwatch."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            for number, pattern in enumerate(patterns(value)):
                methods = set(re.findall(rf"\b{name}\.(search|match|fullmatch|sub|split|findall)\(", source))
                for method in sorted(methods or {"fullmatch"}):
                    yield Use(f"{found.name}.{name}.{number}.{method}", pattern, method)
        for number, (method, text) in enumerate(
            re.findall(r"\bre\.(\w+)\(\s*r?\"((?:[^\"\\]|\\.)+)\"", source)
        ):
            if method not in ("compile", "escape"):
                yield Use(f"{found.name}.{method}.{number}", re.compile(text), method)


def patterns(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """A pattern, or those of a mapping, a list or a tuple."""
    match value:
        case re.Pattern():
            yield value
        case dict():
            yield from chain.from_iterable(map(patterns, value.values()))
        case list() | tuple():
            yield from chain.from_iterable(map(patterns, value))


def attacks(use: Use) -> Iterator[str]:
    """What is repeated: every character, each word that stands in the pattern; in the long form every two."""
    source = use.pattern.pattern if isinstance(use.pattern.pattern, str) else use.pattern.pattern.decode()
    words = set(re.findall(r"[A-Za-z]{2,}|[:/]{2,}", source))
    yield from CHARACTERS
    yield from words
    if "BRENTWATCH_LONG" in environ:
        yield from map("".join, product(CHARACTERS, repeat=2))
    yield from (f"{word}{each}" for word in words for each in CHARACTERS)


def timed(use: Use, text: str) -> float:
    """Seconds of one call, the least of a few: the machine may be busy."""
    given = text if isinstance(use.pattern.pattern, str) else text.encode("latin-1", "replace")
    call: Callable[..., object] = getattr(use.pattern, use.method)
    arguments = (given[:0], given) if use.method == "sub" else (given,)
    best = 1e9
    for _ in range(3):
        start = time.thread_time()
        call(*arguments)
        best = min(best, time.thread_time() - start)
        if best < SUSPICIOUS_SECONDS:
            break
    return best


EVERY = list(uses())


def test_the_patterns_are_found() -> None:
    assert len({use.name.rsplit(".", 2)[0] for use in EVERY}) > 40


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize("use", EVERY, ids=[use.name for use in EVERY])
def test_a_pattern_takes_no_more_than_its_share_for_an_input_twice_as_long(use: Use) -> None:
    for prefix in ("", "?", "a@", "://"):
        for attack in attacks(use):
            text = prefix + attack * (SIZE // len(attack))
            for end in ("", "\x00"):
                once = timed(use, text + end)
                if once < SUSPICIOUS_SECONDS:
                    continue
                twice = timed(use, prefix + attack * (2 * SIZE // len(attack)) + end)
                assert twice < MOST_TIMES_LONGER * once, (prefix, attack, end, once, twice)
