"""What each provider over the web makes of the bytes of an answer, without a network: for tests of any bytes.

Each reader gives quotes, or raises `InvalidInput` or `NoAnswer` and nothing else; `RAW` are good answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.prices.markets import FRONT, MONDAY, NOW, SPOT, WEEK
from tests.prices.massive_site import page, session_row
from tests.prices.yahoo_site import Canned, chart, forget, midnight

from brentwatch.prices.providers import eia, fred, massive
from brentwatch.prices.providers.settings import ProviderSettings
from brentwatch.prices.providers.yahoo import Yahoo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from brentwatch.core.domain import Bar


def read_eia(data: bytes) -> Sequence[Bar]:
    return eia.read_answer(data, SPOT)


def read_fred(data: bytes) -> Sequence[Bar]:
    return fred.read_answer(data, SPOT)


def read_yahoo(data: bytes) -> Sequence[Bar]:
    """Through yfinance as it is; it remembers nothing of the answer before."""
    forget()
    return Yahoo(FRONT, ProviderSettings(), Canned(data)).fetch(MONDAY, NOW)


def read_massive(data: bytes) -> Sequence[Bar]:
    (contract,) = massive.list_front_contracts(FRONT, MONDAY, NOW.date())
    return massive.read_rows(list(massive.read_page(data).results), FRONT, contract)


READERS: dict[str, Callable[[bytes], Sequence[Bar]]] = {
    "eia": read_eia,
    "fred": read_fred,
    "yahoo": read_yahoo,
    "massive": read_massive,
}


def of_eia(*rows: Mapping[str, object]) -> bytes:
    """An answer with these rows."""
    every = [{"product": "EPCBRENT", "series": "RBRTE", "units": "$/BBL"} | dict(row) for row in rows]
    answer = {"response": {"total": str(len(every)), "frequency": "daily", "data": every}}
    return json.dumps(answer | {"apiVersion": "2.1.8"}).encode()


def of_fred(*rows: tuple[object, object]) -> bytes:
    """An answer with these rows."""
    return ("observation_date,DCOILBRENTEU\n" + "".join(f"{day},{price}\n" for day, price in rows)).encode()


RAW: dict[str, bytes] = {
    "eia": of_eia(*({"period": str(day), "value": str(price)} for day, price in WEEK.items())),
    "fred": of_fred(*WEEK.items()),
    "yahoo": chart({midnight(day): price for day, price in WEEK.items()}),
    "massive": page(*(session_row("BZH4", day, price) for day, price in WEEK.items())),
}
"""An answer with the prices of `WEEK`, by provider."""
