"""docs/python.md prints what it says: the output stands in the block after the code."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.code_blocks import ROOT
from tests.test_code_blocks import fill_sandbox

import brentwatch

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", PAGE, flags=re.MULTILINE | re.DOTALL
)
END = "end of block"


@pytest.mark.slow
def test_each_block_prints_what_stands_below_it(tmp_path: Path) -> None:
    fill_sandbox(tmp_path, PAGE)
    code = "\n".join(f"{block}\nprint({END!r})" for block, _ in BLOCKS)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.split(f"{END}\n")[:-1] == [printed for _, printed in BLOCKS]


def test_the_page_names_every_function_and_each_notebook() -> None:
    functions = [name for name in brentwatch.__all__ if name.islower() and not name.startswith("_")]

    assert [name for name in functions if f"`{name}(" not in PAGE] == []
    assert set(re.findall(r"examples/(\w+\.ipynb)", PAGE)) == {
        path.name for path in (ROOT / "examples").glob("*.ipynb")
    }
