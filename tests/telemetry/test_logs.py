"""Logs: one line an event, the same order of keys, UTC, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from brentwatch.telemetry.logs import bridge, make_logger
from brentwatch.telemetry.settings import LogFormat, TelemetrySettings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_keys_in_one_order() -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(), service="screen", stream=stream)

    log.info("event filtered", reason="exposure", event_id="a:1")

    (line,) = told(stream)
    assert list(line) == ["time", "level", "service", "event", "event_id", "reason"]
    assert (line["level"], line["service"], line["event"]) == ("info", "screen", "event filtered")
    assert datetime.fromisoformat(str(line["time"])).utcoffset() == timedelta(0)


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(log_level="warning"), service="screen", stream=stream)

    log.info("no")
    log.warning("yes")

    assert [line["event"] for line in told(stream)] == ["yes"]


@pytest.mark.parametrize(("log_format", "is_json"), [("auto", False), ("text", False), ("json", True)])
def test_a_terminal_gets_text_unless_json_is_asked_for(log_format: LogFormat, is_json: bool) -> None:
    stream = Terminal()
    make_logger(TelemetrySettings(log_format=log_format), service="screen", stream=stream).info(
        "here", place="Aktau"
    )

    assert stream.getvalue().startswith("{") == is_json
    assert "here" in stream.getvalue()
    assert "Aktau" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_text_is_written_where_it_is_asked_for() -> None:
    stream = io.StringIO()
    make_logger(TelemetrySettings(log_format="text"), service="screen", stream=stream).info("here")

    assert not stream.getvalue().startswith("{")


def test_text_is_a_short_line_with_the_time_of_day_and_the_level_only_where_it_matters() -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(log_format="text"), service="monitor", stream=stream)

    log.info("restored", partition="partition 0", records=12)
    log.warning("not accepted", detail="")

    first, second = (line.partition(" ") for line in stream.getvalue().splitlines())
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first[0])
    assert first[2] == "monitor restored partition='partition 0' records=12"
    assert second[2] == "monitor WARNING: not accepted detail=''"


class CountingStream(io.StringIO):
    """Counts writes: services may share a pipe, and what is written in two parts can be torn apart."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_and_its_end_are_written_at_once(form: LogFormat) -> None:
    stream = CountingStream()
    log = make_logger(TelemetrySettings(log_format=form), service="screen", stream=stream)

    log.info("first")
    log.info("second")

    assert (stream.writes, len(stream.getvalue().splitlines())) == (2, 2)


def test_foreign_text_does_nothing_to_a_terminal() -> None:
    stream = Terminal()
    log = make_logger(TelemetrySettings(), service="screen", stream=stream)

    log.error("sent \x1b[2J", summary="\x1b]0;owned\x07", all=["\x1b[31m"])

    assert stream.getvalue().rstrip("\n").isprintable()
    assert "owned" in stream.getvalue()


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("key", ["password", "sasl_password", "api_key", "slack_token", "Authorization"])
def test_a_secret_is_never_written(key: str, log_format: LogFormat) -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(log_format=log_format), service="screen", stream=stream)

    log.info("settings", **{key: "hunter2", "value": SecretStr("hunter2")})

    assert "hunter2" not in stream.getvalue()
    assert "***" in stream.getvalue()


def test_an_exception_is_written_with_its_traceback() -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(), service="screen", stream=stream)

    try:
        raise ValueError("broken pipe")
    except ValueError:
        log.exception("failed")

    (line,) = told(stream)
    assert "ValueError: broken pipe" in str(line["exception"])


def test_warnings_of_a_library_come_through_ours_and_chatter_does_not() -> None:
    stream = io.StringIO()
    handler = bridge(make_logger(TelemetrySettings(), service="screen", stream=stream), "chatty")
    try:
        logging.getLogger("chatty.client").info("connected to %s", "node 1")
        logging.getLogger("chatty.client").warning("lost %s", "node 1")
    finally:
        logging.getLogger("chatty").removeHandler(handler)

    (line,) = told(stream)
    assert (line["level"], line["logger"], line["event"]) == ("warning", "chatty.client", "lost node 1")


def test_what_a_library_repeats_is_written_once_a_minute_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    handler = bridge(make_logger(TelemetrySettings(), service="screen", stream=stream), "chatty")
    clock = 100.0
    monkeypatch.setattr("brentwatch.telemetry.logs.time.monotonic", lambda: clock)
    try:
        for second in range(62):
            clock = 100.0 + second
            logging.getLogger("chatty.client").warning("topic %s not found", "a")
        logging.getLogger("chatty.client").warning("topic %s not found", "b")
    finally:
        logging.getLogger("chatty").removeHandler(handler)

    assert [(line["event"], line.get("left_out")) for line in told(stream)] == [
        ("topic a not found", None),
        ("topic a not found", 59),
        ("topic b not found", None),
    ]


def test_a_library_goes_on_where_nobody_reads_the_log_any_more() -> None:
    stream = io.StringIO()
    handler = bridge(make_logger(TelemetrySettings(), service="screen", stream=stream), "chatty")
    stream.close()
    try:
        logging.getLogger("chatty.client").warning("lost %s", "node 1")
    finally:
        logging.getLogger("chatty").removeHandler(handler)


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_password_in_an_address_is_hidden_wherever_it_stands(log_format: LogFormat) -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(log_format=log_format), service="prices", stream=stream)
    address = "https://desk:hunter2@prices.example/daily?api_key=hunter2"

    try:
        raise OSError(f"no answer from {address}")
    except OSError as error:
        log.exception(
            f"failed at {address}", url=address, all=[address], deep={"token": "hunter2"}, why=error
        )

    assert "hunter2" not in stream.getvalue()
    assert "desk:" not in stream.getvalue()
    assert "no answer from https://***@prices.example" in stream.getvalue()


def test_a_traceback_for_a_terminal_shows_no_local_variables() -> None:
    stream = Terminal()
    log = make_logger(TelemetrySettings(), service="prices", stream=stream)

    try:
        password = "hunter" + "2"
        raise ValueError(len(password))
    except ValueError:
        log.exception("failed")

    assert "ValueError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
