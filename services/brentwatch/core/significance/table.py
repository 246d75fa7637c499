"""The tests of many events: name -> where it lives, loaded when used; each takes a `Panel`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.core.event_study.panel import Panel
    from brentwatch.core.refused import Refused
    from brentwatch.core.significance.result import TestResult

_HERE = "brentwatch.core.significance"

TESTS = {
    "csect_t_aar": f"{_HERE}.cross_sectional:aar",
    "csect_t_caar": f"{_HERE}.cross_sectional:caar",
    "patell_z_aar": f"{_HERE}.patell:aar",
    "patell_z_caar": f"{_HERE}.patell:caar",
    "bmp_t_aar": f"{_HERE}.bmp:aar",
    "bmp_t_caar": f"{_HERE}.bmp:caar",
    "bw85_t_aar": f"{_HERE}.brown_warner:aar",
    "bw85_t_caar": f"{_HERE}.brown_warner:caar",
    "corrado_z": f"{_HERE}.corrado:day",
    "corrado_z_cum": f"{_HERE}.corrado:cumulated",
    "gsign_z": f"{_HERE}.generalized_sign:day",
    "gsign_z_cum": f"{_HERE}.generalized_sign:cumulated",
    "wilcoxon_p_aar": f"{_HERE}.wilcoxon:aar",
    "wilcoxon_p_caar": f"{_HERE}.wilcoxon:caar",
    "grank_t_caar": f"{_HERE}.grank:caar",
}


def run(name: str, panel: Panel) -> TestResult | Refused:
    """The test of that column."""
    module, _, attribute = TESTS[name].partition(":")
    result: TestResult | Refused = getattr(import_module(module), attribute)(panel)
    return result
