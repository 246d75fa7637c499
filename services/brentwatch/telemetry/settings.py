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
    raise ValueError("an address such as 127.0.0.1, 0.0.0.0, ::1 or ::, or the name of a host,")


BindAddress = Annotated[str, AfterValidator(_parse_address)]
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

    `host` is the address that `/metrics`, `/livez` and `/readyz` are bound to, of IPv4 or IPv6 (:: is both);
    `liveness_seconds` how long a service may make no progress and still be called alive; `watchdog_seconds`
    how long before it ends itself, so that whoever supervises it starts it anew; `log_format` "auto" writes
    text to a terminal and JSON elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: BindAddress = "127.0.0.1"
    ports: Ports = Ports()
    liveness_seconds: float = Field(default=40.0, gt=0, le=3600, allow_inf_nan=False)
    watchdog_seconds: float = Field(default=45.0, ge=5, le=3600, allow_inf_nan=False)
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"
