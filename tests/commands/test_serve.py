"""What libraries write beside our log is a line of it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import TYPE_CHECKING

import pytest

from brentwatch.commands.services.serve import bridge_libraries
from brentwatch.telemetry.logs import Bridge, make_logger
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What our log writes once libraries speak through it; afterwards they no longer do."""
    told = io.StringIO()
    logging.captureWarnings(False)  # a service that ran in this process before may have left it on
    with warnings.catch_warnings(action="always"):
        bridge_libraries(make_logger(TelemetrySettings(log_format="json"), service="prices", stream=told))
        yield told
        logging.captureWarnings(False)
    for name in ("kafka", "yfinance", "bs4", "peewee", "py.warnings"):
        library = logging.getLogger(name)
        for handler in [each for each in library.handlers if isinstance(each, Bridge)]:
            library.removeHandler(handler)


def test_a_warning_of_python_is_a_line_of_our_log(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    warnings.warn("pandas will change", FutureWarning, stacklevel=1)
    (line,) = stream.getvalue().splitlines()
    assert "pandas will change" in json.loads(line)["event"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["yfinance", "bs4.dammit", "peewee"])
def test_a_line_of_a_library_is_a_line_of_our_log(
    name: str, stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger(name).error("$BZ=F: possibly delisted")
    (line,) = stream.getvalue().splitlines()
    assert (json.loads(line)["level"], json.loads(line)["logger"]) == ("error", name)
    assert capfd.readouterr() == ("", "")
