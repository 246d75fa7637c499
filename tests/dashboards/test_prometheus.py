"""What is asked of Prometheus, what is read of its answers, and what is said when it gives none."""

from __future__ import annotations

import pytest
from tests.dashboards.fake_prometheus import FakePrometheus
from tests.deploy.prometheus_server import find_free_port

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.dashboards.checking import ask_query
from brentwatch.dashboards.documents import FoundQuery, QueryUse
from brentwatch.dashboards.prometheus import PrometheusServer

NOW = 1_790_000_000.0
TWO = [({"job": "a"}, 1.0), ({"job": "b"}, 2.5)]


def test_the_value_now_is_that_of_each_series() -> None:
    with FakePrometheus(lambda _: TWO) as fake:
        answer = PrometheusServer(fake.url, NOW).ask_now('up{job=~".+"}')
    assert [(dict(each.labels), each.points) for each in answer] == [
        ({"job": "a"}, ((NOW, 1.0),)),
        ({"job": "b"}, ((NOW, 2.5),)),
    ]
    assert fake.asked == [{"path": "/api/v1/query", "query": 'up{job=~".+"}', "time": f"{NOW:.3f}"}]


def test_a_range_ends_now_and_never_has_more_points_than_prometheus_gives() -> None:
    with FakePrometheus(lambda _: TWO) as fake:
        server = PrometheusServer(fake.url, NOW)
        server.ask_range("up", "1h", 7.0)
        server.ask_range("up", "90d", 15.0)
    for asked, least in zip(fake.asked, (7.0, 90 * 86_400 / 11_000), strict=True):
        start, end, step = (float(asked[key]) for key in ("start", "end", "step"))
        assert end == NOW
        assert step >= least
        assert (end - start) / step <= 11_000
        assert abs((end - start) / step - round((end - start) / step)) < 0.01


def test_a_query_that_is_refused_is_told_in_the_words_of_prometheus() -> None:
    refused = pytest.raises(InvalidInput, match="refuses it: parse error: unclosed bracket")
    with FakePrometheus(lambda _: "parse error: unclosed bracket") as fake, refused:
        PrometheusServer(fake.url, NOW).ask_now("sum(")


def test_where_nobody_answers_the_address_is_named() -> None:
    url = f"http://127.0.0.1:{find_free_port()}"
    with pytest.raises(Unavailable, match=rf"{url} gave no answer .*start Prometheus there, or correct"):
        PrometheusServer(url, NOW).ask_now("up")


@pytest.mark.parametrize("url", ["127.0.0.1:9090", "ftp://host", "http://user:secret@host"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="--prometheus is "):
        PrometheusServer(url)


@pytest.mark.parametrize("span", ["", "7x", "-1h"])
def test_what_is_no_span_is_refused(span: str) -> None:
    with FakePrometheus(lambda _: TWO) as fake, pytest.raises(InvalidInput, match="no span of time"):
        PrometheusServer(fake.url, NOW).ask_range("up", span, 15.0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([], "no data: up"),
        ([({}, float("nan"))], "NaN or infinite"),
        ([({"job": "a"}, 1.0), ({"job": "b"}, float("inf"))], "NaN or infinite for {'job': 'b'}"),
        ("bad", "Prometheus refuses it: bad"),
    ],
)
@pytest.mark.parametrize("use", [QueryUse.VALUE, QueryUse.GRAPH, QueryUse.MARK])
def test_an_error_no_data_and_nan_are_faults(
    answer: list[tuple[dict[str, str], float]] | str, said: str, use: QueryUse
) -> None:
    query = FoundQuery(where="here", expr="up", use=use, span="1h", step="1m")
    with FakePrometheus(lambda _: answer) as fake:
        (fault,) = ask_query(PrometheusServer(fake.url, NOW), query)
    assert fault.startswith(f"here: {said}")


def test_data_is_no_fault() -> None:
    query = FoundQuery(where="here", expr="up", use=QueryUse.GRAPH, span="1h")
    with FakePrometheus(lambda _: TWO) as fake:
        assert ask_query(PrometheusServer(fake.url, NOW), query) == []
