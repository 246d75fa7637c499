"""A service that does no statistics starts without the libraries for them, whatever it is set to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from brentwatch.ingest.feeds.table import FEEDS
from brentwatch.notify.channels.table import CHANNELS
from brentwatch.prices.providers.table import PROVIDERS

STATISTICS = {"arch", "matplotlib", "numpy", "pandas", "scipy", "statsmodels"}
WHOLE = {
    "screen": [],
    "ingest": list(FEEDS.values()),
    "notify": list(CHANNELS.values()),
    "prices": [path for name, path in PROVIDERS.items() if name != "yahoo"],  # yfinance brings pandas
}
SCRIPT = """
import sys
from importlib import import_module
from brentwatch.commands.run import SERVICES
from brentwatch.commands.services import serve
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources

name, *parts = sys.argv[1:]
load(Sources(), {}).settings.list_instruments()
for module in (SERVICES[name], *parts):
    import_module(module.partition(":")[0])
print(*sys.modules, sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.parametrize("service", WHOLE)
def test_a_service_without_statistics_loads_no_library_for_them(service: str) -> None:
    words = [sys.executable, "-c", SCRIPT, service, *WHOLE[service]]

    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()

    assert f"brentwatch.{service}.service" in loaded
    assert STATISTICS & set(loaded) == set()
