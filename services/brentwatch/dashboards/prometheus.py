"""A running Prometheus: what it answers to a query, now or over time."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser as promql

from brentwatch.core.errors import InvalidInput, Unavailable
from brentwatch.web.addresses import check_address
from brentwatch.web.failures import NoAnswer
from brentwatch.web.fetching import Fetcher, add_query

_MOST_POINTS = 11_000
"""Prometheus refuses a query that would give a series more."""

_TIMEOUT_SECONDS = 30.0
_LARGEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class AnsweredSeries:
    """One series of an answer: its labels, and its points as (seconds since 1970, value), oldest first."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def newest(self) -> float:
        """The last value."""
        return self.points[-1][1]


class PrometheusServer:
    """The Prometheus at `url`. `now` is the end of everything that is asked, in seconds since 1970.

    Raises:
        InvalidInput: if `url` is no address of a server.
    """

    def __init__(self, url: str, now: float | None = None) -> None:
        try:
            self._url = check_address(url).rstrip("/")
        except ValueError as error:
            raise InvalidInput(
                f"--prometheus is {url!r}; expected {error} as http://127.0.0.1:9090"
            ) from None
        self.now = time.time() if now is None else now
        self._fetcher = Fetcher(
            timeout_seconds=_TIMEOUT_SECONDS, largest_bytes=_LARGEST_BYTES, explain=_read_error
        )

    def ask_now(self, expr: str) -> list[AnsweredSeries]:
        """The value of each series now.

        Raises:
            InvalidInput: if Prometheus refuses the query.
            Unavailable: if it does not answer.
        """
        result = self._ask("query", {"query": expr, "time": f"{self.now:.3f}"})
        return [AnsweredSeries(each["metric"], (_read_point(each["value"]),)) for each in result]

    def ask_range(self, expr: str, span: str, step: float) -> list[AnsweredSeries]:
        """The values of each series over the last `span`, such as 7d, about every `step` seconds.

        Raises:
            InvalidInput: if Prometheus refuses the query.
            Unavailable: if it does not answer.
        """
        seconds = read_seconds(span)
        step = max(step, seconds / (_MOST_POINTS - 1))
        start = self.now - step * int(seconds / step)  # the last step is now
        times = {"start": f"{start:.3f}", "end": f"{self.now:.3f}", "step": f"{step:.3f}"}
        result = self._ask("query_range", {"query": expr} | times)
        return [AnsweredSeries(each["metric"], tuple(map(_read_point, each["values"]))) for each in result]

    def _ask(self, path: str, wishes: Mapping[str, str]) -> list[dict[str, Any]]:
        url = add_query(f"{self._url}/api/v1/{path}", wishes)
        try:
            answer = json.loads(self._fetcher.get(url))
            result: list[dict[str, Any]] | list[Any] = answer["data"]["result"]
            kind = answer["data"]["resultType"]
        except NoAnswer as error:
            if error.explained:
                raise InvalidInput(f"Prometheus refuses it: {error.explained}") from None
            raise Unavailable(
                f"{self._url} gave no answer ({error.reason.value}); start Prometheus there, or correct "
                "--prometheus"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise Unavailable(
                f"{self._url} does not answer as Prometheus does; correct --prometheus"
            ) from None
        return [{"metric": {}, "value": result}] if kind == "scalar" else result


def _read_point(pair: Any) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _read_error(body: bytes) -> str:
    """Why Prometheus refuses a query, in its own words."""
    answer = json.loads(body)
    return str(answer["error"]) if isinstance(answer, dict) and "error" in answer else ""


def read_seconds(span: str) -> float:
    """A span as Prometheus and Grafana write it, such as 90d or 15m, in seconds.

    Raises:
        InvalidInput: if it is none.
    """
    try:
        return promql.parse_duration(span).total_seconds()
    except ValueError:
        raise InvalidInput(f"{span!r} is no span of time; expected one such as 15m, 6h or 90d") from None
