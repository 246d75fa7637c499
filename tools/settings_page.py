"""The page docs/settings.md, made from the settings models: `python tools/settings_page.py` rewrites it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.notify.policy import ChannelSettings, HttpChannelSettings
from brentwatch.settings.composed import Settings
from brentwatch.settings.described import DescribedSetting, describe_settings
from brentwatch.settings.fields import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
SHARED: dict[type[BaseModel], str] = {
    ChannelSettings: "[notify.CHANNEL], every channel",
    HttpChannelSettings: "[notify.CHANNEL], channels over HTTPS",
}
"""Models whose settings several sections have, and the heading under which they stand once."""

HEAD = """\
# Settings

This page is made from the source by `make settings`: every setting with its type, default and meaning.

A setting is given on the command line, by an environment variable or in a TOML file; the first of these \
counts. `bootstrap` below `[kafka]` is `--set kafka.bootstrap=…` on the command line and \
`BRENTWATCH_KAFKA__BOOTSTRAP` in the environment. The file is the one that `--settings` or \
`BRENTWATCH_SETTINGS` names, or `brentwatch.toml` in the working folder.

`brentwatch config init` writes a first file. `brentwatch config show` prints every value and its origin.

NAME in the title of a section stands for a name that you choose. "unset" means that there is no \
default. A secret is refused on the command line: give it in a file of its own, with the setting that ends \
in `_file`.
"""


def build_page() -> str:
    """The whole page."""
    sections: dict[str, list[DescribedSetting]] = {}
    for each in describe_settings(Settings):
        rows = sections.setdefault(name_section(each), [])
        if each.name not in (row.name for row in rows):
            rows.append(each)
    return "\n".join([HEAD, *(_build_section(heading, rows) for heading, rows in sections.items())])


def name_section(row: DescribedSetting) -> str:
    """The heading under which the page has a setting; its own where its section has another default."""
    named = f"[{'.'.join('NAME' if part == ANY else part for part in row.key[:-1])}]"
    is_own = row.section is not row.owner and row.name in row.section.__annotations__
    return named if is_own else SHARED.get(row.owner, named)


def _build_section(heading: str, rows: Sequence[DescribedSetting]) -> str:
    model = rows[0].owner if heading in SHARED.values() else rows[0].section
    told = [" ".join(part.split()) for part in (inspect.getdoc(model) or "").split("\n\n")]
    table = ["| key | type | default | meaning |", "|---|---|---|---|", *map(_build_row, rows)]
    return "\n\n".join([f"## {heading}", *told, "\n".join(table)]) + "\n"


def _build_row(row: DescribedSetting) -> str:
    default = f"`{row.default}`" if row.default else "required" if row.is_required else "unset"
    return f"| `{row.name}` | {row.kind} | {default} | {row.meaning} |"


if __name__ == "__main__":
    PAGE.write_text(build_page(), encoding="utf-8")
