"""`brentwatch feed` says beforehand when the services will open no alerts of the history."""

from __future__ import annotations

import pytest

from brentwatch import cli

NOBODY = ("--set", "kafka.bootstrap=127.0.0.1:1", "--set", "kafka.request_timeout_seconds=0.5")
HINT = "--set instruments.brent-spot.alerts=true"


@pytest.mark.parametrize(("words", "is_said"), [((), True), (HINT.split(), False)], ids=["default", "set"])
def test_an_instrument_that_opens_no_alerts_is_named(
    words: tuple[str, ...], is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["feed", "vorukh-2021", "--prefix", "demo.", *NOBODY, *words]) == 6
    said = f"brent-spot opens no alerts by these settings; for alerts, run the services and feed with {HINT}"
    assert (said in capsys.readouterr().err) is is_said
