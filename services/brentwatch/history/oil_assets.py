"""The bundled table of oil assets and chokepoints: a few dozen places, compiled by ourselves."""

from __future__ import annotations

import csv
import io
from importlib.resources import files

from brentwatch.core.domain.relevance import Asset, AssetKind


def load() -> tuple[Asset, ...]:
    """Every place, to a tenth of a degree: about ten kilometres."""
    text = (files("brentwatch.history") / "data" / "oil_assets.csv").read_text(encoding="utf-8")
    return tuple(
        Asset(name=row["name"], kind=AssetKind(row["kind"]), lat=float(row["lat"]), lon=float(row["lon"]))
        for row in csv.DictReader(io.StringIO(text))
    )
