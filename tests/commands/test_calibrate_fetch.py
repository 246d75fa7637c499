"""`brentwatch calibrate --fetch`: prices through the providers of a series, and which prices those were."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.kafka.certificates import self_signed
from tests.prices.markets import ordinary
from tests.prices.stub import Answer, Stub
from tests.prices.yahoo_proxy import NAMES, proxy
from tests.prices.yahoo_site import chart, midnight

from brentwatch import cli
from brentwatch.history.bundled import parse_calibrations

if TYPE_CHECKING:
    from pathlib import Path

LAST, COUNT = date(2024, 6, 28), 640
ONE = ("--model", "ewma-rank")


@cache
def prices(calendar: str) -> dict[date, float]:
    return ordinary(calendar, LAST, COUNT)


def sha256(told: dict[date, float]) -> str:
    return hashlib.sha256("".join(f"{day},{price!r}\n" for day, price in told.items()).encode()).hexdigest()


class Done(NamedTuple):
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


class Run:
    """`brentwatch calibrate WORDS` in this process, or in one of its own where the environment counts."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *words: str, given: str = "") -> Done:
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        code = cli.main(["calibrate", *words])
        return Done(code, *self._capsys.readouterr())

    def apart(self, *words: str, **environment: str) -> Done:
        """In a process of its own."""
        command = [sys.executable, "-m", "brentwatch", "calibrate", *words]
        known = {**os.environ, **environment}
        done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def on_file(self, told: dict[date, float], instrument: str, *words: str) -> Done:
        """The same on a file of these prices."""
        rows = "".join(f"{day},{price!r}\n" for day, price in told.items())
        return self("--prices", "-", "--instrument", instrument, *words, given=f"date,usd_per_bbl\n{rows}")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(capsys, monkeypatch)


def fred(told: dict[date, float]) -> Answer:
    rows = "".join(f"{day},{price!r}\n" for day, price in told.items())
    return Answer(f"observation_date,DCOILBRENTEU\n{rows}".encode())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl wanted, to make a certificate")
def test_the_front_month_comes_from_yahoo_and_is_calibrated_as_a_file_of_it_would_be(
    tmp_path: Path, run: Run
) -> None:
    told = prices("globex")
    pair = self_signed(tmp_path, "yahoo", NAMES)
    unfinished = (datetime.now(UTC) + timedelta(days=1)).date()
    rows = {midnight(day): price for day, price in (told | {unfinished: 500.0}).items()}
    with proxy(pair, lambda _: chart(rows)) as (url, asked):
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(pair.certificate))
        through = {"HTTPS_PROXY": url, "https_proxy": url, **trusted}
        done = run.apart("--fetch", "brent-front", *ONE, "--format", "json", **through)

    assert done.returncode == 0, done.stderr
    assert [line for line in asked if line.startswith("GET /v8/finance/chart/BZ=F?")] != []
    assert done.stdout == run.on_file(told, "brent-front", *ONE, "--format", "json").stdout
    (source,) = [line for line in done.stderr.splitlines() if "SHA-256" in line]
    first = min(told)
    assert source.startswith(
        f"calibrate: Prices of brent-front: {COUNT} sessions, {first} to {LAST}, fetched "
    )
    assert "UTC by yahoo from " in source
    assert "personal and research use" in source
    assert source.endswith(f"SHA-256 {sha256(told)}")


def test_spot_comes_from_fred_and_a_table_ends_with_which_prices_they_were(run: Run) -> None:
    told = prices("london")
    with Stub().running() as stub:
        stub.always(fred(told))
        words = (*ONE, "--window", "0,1", "--from", "2024-02-01", "--set", f"prices.fred.url={stub.url}")
        done = run("--fetch", "brent-spot", *words)

    assert done.returncode == 0, done.stderr
    assert stub.asked[0].query["cosd"] == "1980-01-01"
    *table, _, source = done.stdout.splitlines()
    assert any(line.startswith("ewma-rank") and " ± " in line for line in table)
    assert source.startswith(f"Prices of brent-spot: {COUNT} sessions, {min(told)} to {LAST}, fetched ")
    assert source.endswith(f"SHA-256 {sha256(told)}")


def test_a_record_of_what_was_fetched_holds_figures_and_the_checksum(run: Run) -> None:
    told = prices("london")
    with Stub().running() as stub:
        stub.always(fred(told))
        words = (*ONE, "--record", "made up, in one copy", "--set", f"prices.fred.url={stub.url}")
        done = run("--fetch", "brent-spot", *words)

    assert done.returncode == 0, done.stderr
    *_, record = parse_calibrations(done.stdout)["brent-spot", "ewma-rank"]
    assert record.vintage == "made up, in one copy"
    assert record.prices_sha256 == sha256(told)
    rows = run.on_file(told, "brent-spot", *ONE, "--format", "json").stdout.splitlines()
    usual, rare = map(json.loads, rows)
    assert (record.n, record.size_05, record.size_01) == (
        usual["n"],
        round(usual["size"], 4),
        round(rare["size"], 4),
    )
    assert (record.error_05, record.error_01) == (
        round(usual["size_error"], 4),
        round(rare["size_error"], 4),
    )


def test_a_site_that_does_not_answer_is_unreachable(run: Run) -> None:
    with Stub().running() as stub:
        stub.always(Answer(b"", 503))
        done = run("--fetch", "brent-spot", *ONE, "--set", f"prices.fred.url={stub.url}")

    assert (done.returncode, done.stdout) == (6, "")
    assert "fred" in done.stderr


def test_a_series_that_nobody_has_names_those_there_are(run: Run) -> None:
    done = run("--fetch", "wti", *ONE)

    assert done.returncode == 3
    assert "no instrument has a series called 'wti'; expected one of " in done.stderr
    assert "brent-front" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--fetch", "brent-spot", "--prices", "-"), "--fetch cannot be used with --prices"),
        (("--fetch", "brent-front", "--intraday"), "--fetch cannot be used with --intraday"),
        (("--prices", "-", "--record", "mine", "--each"), "--by and --record use window [0, 0]"),
        (("--prices", "-", "--prices", "-"), "--prices names the same file twice"),
    ],
)
def test_words_that_do_not_fit_together_are_refused(run: Run, words: tuple[str, ...], told: str) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
