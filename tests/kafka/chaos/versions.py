"""Two versions of the code side by side: this one, and a copy of it under another version number."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.kafka.chaos.replicas import SOURCES

from brentwatch import __version__

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "0.0.1.dev0"


def versions(folder: Path) -> tuple[Path, Path]:
    """The folders that hold the package in this version and in another one."""
    copied = folder / "another-version"
    shutil.copytree(SOURCES / "brentwatch", copied / "services" / "brentwatch")
    shutil.copytree(SOURCES.parent / "schemas", copied / "schemas")
    module = copied / "services" / "brentwatch" / "__init__.py"
    text = module.read_text(encoding="utf-8")
    if f'"{__version__}"' not in text:
        raise ValueError(f"{module} does not name its version {__version__}")
    module.write_text(text.replace(f'"{__version__}"', f'"{OTHER}"'), encoding="utf-8")
    return SOURCES, copied / "services"
