"""Every query of the dashboards has data in a real Prometheus that scrapes the real services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.deploy.prometheus_server import PROMETHEUS, need_programs
from tests.kafka.patience import await_true
from tests.kafka.programs import brentwatch
from tests.kafka.stage import run_stage
from tests.kafka.tools import CHECKOUT

from brentwatch.dashboards.boards import BOARDS
from brentwatch.dashboards.checking import ask_query, check_all
from brentwatch.dashboards.documents import FoundQuery, QueryUse
from brentwatch.dashboards.preview import draw_board
from brentwatch.dashboards.prometheus import PrometheusServer

if TYPE_CHECKING:
    from pathlib import Path

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka

FOLDER = CHECKOUT / "deploy" / "grafana" / "dashboards"
RULES = sorted((CHECKOUT / "deploy" / "prometheus" / "rules").glob("*.yml"))


def test_every_panel_has_data_and_a_query_without_is_found(settings: KafkaSettings, tmp_path: Path) -> None:
    need_programs(PROMETHEUS)
    with run_stage(settings, tmp_path) as running:
        url = f"http://{running.address}"
        await_true(lambda: find_faults(url) == [], "each query has data")
        done = brentwatch(settings, "dashboards", "check", str(FOLDER), "--prometheus", url)
        assert (done.returncode, done.stderr) == (0, "")
        found = re.fullmatch(
            r"3 dashboards, (\d+) rules, (\d+) queries, (\d+) run on Prometheus: no faults\n", done.stdout
        )
        assert found is not None, done.stdout
        rules, queries, asked = map(int, found.groups())
        assert asked == queries - rules > 60
        assert [rule for rule in running.list_rules() if rule["health"] == "err"] == []

        server = PrometheusServer(url)
        for expr, said in (
            ('brentwatch_p_value_count{series="other"}', "no data"),
            ("0 / (0 * brentwatch_market_open)", "NaN or infinite"),
            ("max by (le) (", "Prometheus refuses it: "),
            ("brentwatch_outbox_pending * on (job) brentwatch_outbox_pending", "Prometheus refuses it: "),
        ):
            (fault,) = ask_query(server, FoundQuery(where="here", expr=expr, use=QueryUse.VALUE))
            assert fault.startswith(f"here: {said}")

        picture = draw_board(BOARDS["desk"], server, "5m")
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 150_000


def find_faults(url: str) -> list[str]:
    return check_all(FOLDER, RULES, PrometheusServer(url)).faults
