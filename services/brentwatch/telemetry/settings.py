"""Settings of logs, metrics and health: `[telemetry]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=0, le=65535)]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "text"]


class Ports(BaseModel):
    """One port a service, so that all of them can run on one machine; 0 takes any free port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    screen: Port = 9471
    monitor: Port = 9472
    notify: Port = 9473
    ingest: Port = 9474
    prices: Port = 9475


class TelemetrySettings(BaseModel):
    """How a service speaks about itself.

    `host` is the address that `/metrics`, `/livez` and `/readyz` are bound to; `liveness_seconds` how long a
    service may make no progress and still be called alive, `watchdog_seconds` how long before it ends itself,
    so that whoever supervises it starts it anew; `log_format` "auto" writes text to a terminal and JSON
    elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", min_length=1)
    ports: Ports = Ports()
    liveness_seconds: float = Field(default=40.0, gt=0, le=3600, allow_inf_nan=False)
    watchdog_seconds: float = Field(default=45.0, ge=5, le=3600, allow_inf_nan=False)
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"
