"""Whatever bytes a site answers with, a provider raises its two errors and nothing else."""

from __future__ import annotations

import math
import re
from random import Random

import pytest
from tests.prices.answers import RAW, READERS

from brentwatch.core.errors import InvalidInput
from brentwatch.prices.provider import FIRST_YEAR, LAST_YEAR
from brentwatch.web.failures import NoAnswer

PIECES = (
    *(b"1e400", b"NaN", b"null", b"true", b"[]", b"{}", b"[" * 3_000, b'{"a":' * 3_000, b"9" * 5_000, b"-1"),
    *(b"0000-01-01", b"9999-12-31", b"1e18", b"253402300799", b"\xff", b"\0", b'"', b",", b"\n", b'"GBp"'),
)
TOKEN = re.compile(rb'"[^"]*"|-?[0-9][0-9.-]*|null|[A-Za-z]+')
TIMES = {"eia": 400, "fred": 400, "yahoo": 40, "massive": 400}
"""An answer goes through yfinance in 20 ms."""


def mutated(data: bytes, chance: Random) -> bytes:
    """The same with something else in one place, or cut off."""
    start, end = chance.choice([found.span() for found in TOKEN.finditer(data)])
    if chance.random() < 0.1:
        return data[:start]
    return data[:start] + chance.choice(PIECES) + data[end if chance.random() < 0.7 else start :]


@pytest.mark.parametrize("name", READERS)
def test_a_good_answer_is_read(name: str) -> None:
    assert len(READERS[name](RAW[name])) == 5


@pytest.mark.parametrize("name", READERS)
def test_any_answer_gives_sound_quotes_or_one_of_two_errors(name: str) -> None:
    chance = Random(3)
    for _ in range(TIMES[name]):
        data = mutated(RAW[name], chance)
        try:
            quotes = READERS[name](data)
        except (InvalidInput, NoAnswer):
            continue
        assert all(math.isfinite(quote.close) for quote in quotes), data
        assert all(FIRST_YEAR <= quote.session.year <= LAST_YEAR for quote in quotes), data
