"""Settings of logs, metrics and health: `[telemetry]`."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?")


def _parse_address(value: str) -> str:
    """An IPv6 address may stand in brackets, as in an URL; it is kept without."""
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    try:
        return str(ip_address(bare))
    except ValueError:
        if _HOST_NAME.fullmatch(value) and not value.replace(".", "").isdigit():
            return value
    raise ValueError("an address such as 127.0.0.1, 0.0.0.0, ::1 or ::, or a host name")


BindAddress = Annotated[str, AfterValidator(_parse_address)]
Port = Annotated[int, Field(ge=0, le=65535)]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "text"]


class Ports(BaseModel):
    """One port for each service, so that all can run on one machine; 0 takes any free port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    screen: Port = 9471
    """Port of the screen."""
    monitor: Port = 9472
    """Port of the monitor."""
    notify: Port = 9473
    """Port of the notifier."""
    ingest: Port = 9474
    """Port of the feeds."""
    prices: Port = 9475
    """Port of the price service."""
    canary: Port = 9476
    """Port of the canary."""


class TelemetrySettings(BaseModel):
    """Metrics, health checks and logs of a service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: BindAddress = "127.0.0.1"
    """Address for /metrics, /livez and /readyz, IPv4 or IPv6; :: is both."""
    ports: Ports = Ports()
    liveness_seconds: float = Field(default=40.0, gt=0, le=3600, allow_inf_nan=False)
    """Time without progress after which a service reports that it is not alive."""
    watchdog_seconds: float = Field(default=45.0, ge=5, le=3600, allow_inf_nan=False)
    """Time without progress after which a service exits, so that its supervisor restarts it."""
    log_level: LogLevel = "info"
    """Lowest log level."""
    log_format: LogFormat = "auto"
    """Format of log lines; auto is text on a terminal and JSON otherwise."""
