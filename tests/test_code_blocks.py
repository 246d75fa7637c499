"""Every code block of README and docs/ is run, read or compared: `tests/code_blocks.py` has the rules."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from tests.code_blocks import OUTPUT, PROVEN_ELSEWHERE, PYTHON, ROOT, SETTINGS, SHELL, CodeBlock, read_blocks
from tests.commands.test_calibrate_intraday import made_up_file
from tests.commands.test_calibrate_reopen import lines as list_openings
from tests.deploy.test_compose import parse
from tests.history.folders import event, write

import brentwatch
from brentwatch.history.manifest import read_manifest
from brentwatch.settings.load import load
from brentwatch.settings.origins import Sources
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

BLOCKS = read_blocks()
RUN_PAGES = sorted({block.page for block in BLOCKS if block.is_run})
READ = [block for block in BLOCKS if block.language in SHELL and block.mark]
COMMAND = re.compile(r"^(brentwatch|make|pip|python3?|docker|export|[A-Z_]+=\S* brentwatch) ", re.MULTILINE)
PROGRAMS = {"amtool", "docker", "prometheus", "prometheus-alertmanager", "promtool", "export", "source"}
MANIFEST = """
title = "Own dates"
source = "made up, with the bundled prices"
licence = "none"
start = 2024-05-01
instrument = "brent-spot"
"""


def test_at_most_six_blocks_cannot_be_run_and_each_says_why() -> None:
    unrun = [block for block in BLOCKS if block.mark == "no-run"]

    assert len(unrun) <= 6
    assert [str(block) for block in BLOCKS if block.mark in ("no-run", "template") and not block.reason] == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.mark == "template"], ids=str)
def test_a_template_names_the_test_that_runs_its_commands(block: CodeBlock) -> None:
    files = [ROOT / name for name in re.findall(r"\b(?:tests|tools)/[\w/]+\.py\b", block.reason or "")]

    assert files
    assert [str(file) for file in files if not file.is_file()] == []


def test_every_block_has_a_language_that_says_what_becomes_of_it() -> None:
    known = {*SHELL, *PYTHON, *SETTINGS, *OUTPUT}

    assert [str(block) for block in BLOCKS if block.language not in known] == []
    assert [str(block) for block in BLOCKS if block.language in OUTPUT and COMMAND.search(block.text)] == []
    assert [str(block) for block in BLOCKS if block.mark and block.language not in SHELL] == []


def test_a_page_that_is_proven_elsewhere_names_its_test() -> None:
    for page, test in PROVEN_ELSEWHERE.items():
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


def fill_sandbox(folder: Path, text: str) -> None:
    """The files that the commands of a page name."""
    if "bars.csv" in text:
        made_up_file(folder / "bars.csv", 310)
    prices = brentwatch.bundled_prices()
    prices.index.name = "date"
    prices.iloc[-1300:].rename("usd_per_bbl").to_csv(folder / "prices.csv")
    noise = np.random.default_rng(1).normal(0.0, 0.01, len(prices))
    wti = prices * pd.Series(np.exp(noise), index=prices.index)
    wti.iloc[-1300:].rename("usd_per_bbl").to_csv(folder / "wti.csv")
    levels = pd.DataFrame({"market": 100.0 / wti, "dollar": wti.shift(1, fill_value=50.0)})
    levels.iloc[-1300:].to_csv(folder / "factors.csv")
    dates = [str(prices.index[at])[:10] for at in (-700, -400, -90)]
    (folder / "events.csv").write_text("event_id,date\n" + "".join(f"day {d},{d}\n" for d in dates))
    (folder / "openings.csv").write_text("\n".join(list_openings()) + "\n")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "my-folder").mkdir()
    until = prices[:"2024-05-31"].iloc[-1600:].rename("usd_per_bbl")
    write(
        folder / "my-folder",
        events=event("strike", "2024-05-07T06:00:00Z") + "\n",
        prices=until.to_csv(),
        manifest=MANIFEST,
    )


@pytest.mark.parametrize("page", RUN_PAGES)
def test_the_commands_of_a_page_run_one_after_the_other(page: str, tmp_path: Path) -> None:
    script = "".join(f"{block.text}\n" for block in BLOCKS if block.page == page and block.is_run)
    fill_sandbox(tmp_path, script)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if "jq" in script and not shutil.which("jq"):
        pytest.skip("jq is not installed")

    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize(
    "page", sorted({block.page for block in BLOCKS if block.language == "python"}), ids=lambda page: page
)
def test_the_python_of_a_page_runs_one_after_the_other(page: str, tmp_path: Path) -> None:
    text = "\n".join(block.text for block in BLOCKS if block.page == page and block.language == "python")
    fill_sandbox(tmp_path, text)

    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]


def test_python_that_is_quoted_stands_in_an_example() -> None:
    examples = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py"))

    assert [str(block) for block in BLOCKS if block.language == "py" and block.text not in examples] == []


def split_commands(block: CodeBlock) -> Iterator[list[str]]:
    """The words of each command, comments and the pipes after it left out."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for bar, part in groupby(words, key="|".__eq__):
            if not bar:
                yield [*takewhile(">".__ne__, part)]


def find_fault(words: list[str]) -> str:
    """Why a command could not work; "" if it could."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    match [word for word in words if not re.match(r"[A-Z_]+=", word)]:
        case ["brentwatch", "--help"]:
            pass
        case ["brentwatch", *rest]:
            parse(rest)
        case ["make", target] if target not in targets:
            return f"make {target}"
        case ["python" | "python3", path, *_] if path.endswith(".py") and not (ROOT / path).is_file():
            return path
        case [program, *_] if program not in PROGRAMS | {"make", "python", "python3", "pip"}:
            return program
    files = [word for word in words if word.startswith("deploy/")]
    return next((file for file in files if not (ROOT / file).exists()), "")


@pytest.mark.parametrize("block", [block for block in READ if "systemctl" not in block.text], ids=str)
def test_a_block_that_is_not_run_here_has_commands_and_options_that_exist(
    block: CodeBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "body.json").write_text("{}")
    for name in ("OLDER.csv", "NEWER.csv", "20260301120000.export.CSV.zip", "november.jsonl", "rows.csv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)

    assert [fault for words in split_commands(block) if words and (fault := find_fault(words))] == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in SETTINGS], ids=str)
def test_settings_are_read_by_the_product(block: CodeBlock, tmp_path: Path) -> None:
    path = tmp_path / "brentwatch.toml"
    for name in re.findall(r"/run/secrets/([\w.-]+)", block.text):
        (tmp_path / name).write_text("made up")
    path.write_text(block.text.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
    match block.language:
        case "ini":
            assert configparser.RawConfigParser().read(path) == [str(path)]
        case "properties":
            pairs = dict(line.split("=", 1) for line in block.text.splitlines())
            load(Sources(), pairs)
        case _ if "licence" in tomllib.loads(block.text):
            faults = Faults()
            assert read_manifest(block.text.encode(), faults)
            assert not faults
        case _:
            load(Sources(file=str(path)), {})
