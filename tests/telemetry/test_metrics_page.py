"""The reference page of the metrics is the one that the table of metrics makes."""

from __future__ import annotations

import re
from pathlib import Path

from tools.metrics_page import PAGE, write_page

from brentwatch.telemetry.table import METRICS, PREFIX

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs", "deploy", "services/README.md")


def test_the_page_is_the_generated_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == write_page(page), "docs/metrics.md is stale: run make metrics"


def test_each_metric_has_one_row() -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \| (?:counter|gauge|histogram) \|", write_page(""), re.MULTILINE)
    assert sorted(rows) == sorted(metric.name for metric in METRICS)


def test_a_page_names_no_metric_that_there_is_not() -> None:
    known = {PREFIX + metric.name for metric in METRICS}
    known |= {f"{name}_{suffix}" for name in known for suffix in ("bucket", "count", "sum")}
    paths = [ROOT / page for page in PAGES]
    files = [found for path in paths for found in (path.rglob("*.md") if path.is_dir() else [path])]
    for file in files:
        named = set(re.findall(rf"\b{PREFIX}\w+[a-z0-9]\b", file.read_text(encoding="utf-8")))
        assert named <= known, file
