"""A real Apache Kafka in KRaft mode from Maven jars: started once a test session, stopped by SIGTERM."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
VERSION = "4.4.0"
TOOLS = ("java", "mvn")
START_SECONDS = 180
NOTHING: Mapping[str, str] = {}


class BrokerFailed(Exception):
    """The broker could not be set up or did not start; the message holds the end of its log."""


def missing() -> str:
    """What keeps the tests from a broker: empty when nothing does."""
    absent = "" if os.environ.get("KAFKA_BOOTSTRAP") else missing_tools()
    return f"{absent} not found; set KAFKA_BOOTSTRAP to use a running broker" if absent else ""


def missing_tools() -> str:
    """What a broker of our own would need and is not here."""
    return " and ".join(tool for tool in TOOLS if shutil.which(tool) is None)


def required() -> bool:
    """True where a missing broker is a failure: in CI, or when asked for by BRENTWATCH_REQUIRE_KAFKA=1."""
    return os.environ.get("CI") == "true" or os.environ.get("BRENTWATCH_REQUIRE_KAFKA") == "1"


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker of our own, which a test may kill and start again on the same data.

    `listeners` holds where the further listeners answer, by their names.
    """

    bootstrap: str
    properties: Path
    log: Path
    listeners: Mapping[str, str]


def jars_folder() -> Path:
    """Where the broker's jars are, once they have been fetched."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or HERE.parents[1] / ".cache")
    return base / "brentwatch" / f"kafka-{VERSION}"


def jars() -> Path:
    """The folder of the broker's jars, fetched by Maven once a checkout."""
    lib = jars_folder()
    if not lib.exists():
        base = lib.parents[1]
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=base) as scratch:
            fetched = Path(scratch) / "lib"
            _fetch(fetched)
            lib.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError, OSError):  # another session was faster
                fetched.rename(lib)
    return lib


def _fetch(into: Path) -> None:
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise BrokerFailed(
            f"mvn could not fetch the broker's jars:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )


def free_ports(count: int) -> list[int]:
    """So many ports of this machine that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def configured(
    folder: Path,
    further: Mapping[str, str] = NOTHING,
    extra: str = "",
    format_options: Sequence[str] = (),
) -> Broker:
    """A broker that is formatted in `folder` on free ports, not yet started.

    Args:
        folder: where its data, properties and log are.
        further: listeners beside the plain one: name to protocol.
        extra: properties that beat those of the file.
        format_options: for the tool that formats its disk.
    """
    port, controller, *ports = free_ports(2 + len(further))
    listeners = {name: f"127.0.0.1:{number}" for name, number in zip(further, ports, strict=True)}
    text = (HERE / "server.properties").read_text()
    for name, where in listeners.items():
        text = text.replace("CONTROLLER:PLAINTEXT", f"CONTROLLER:PLAINTEXT,{name}:{further[name]}")
        text = re.sub(r"(?m)^((advertised\.)?listeners=.*)$", rf"\1,{name}://{where}", text)
    text = text.replace("19092", str(port)).replace("19093", str(controller))
    text = text.replace("log.dirs=kafka-data", f"log.dirs={folder / 'data'}")
    properties = folder / "server.properties"
    properties.write_text(text + extra)
    _storage_tool("format", "-t", _make_cluster_id(), "-c", str(properties), *format_options)
    return Broker(f"127.0.0.1:{port}", properties, folder / "broker.log", listeners)


def _make_cluster_id() -> str:
    """As Kafka makes them, without the start of a JVM."""
    return "b" + secrets.token_urlsafe(16)[1:]


def _storage_tool(*arguments: str) -> str:
    command = ["java", "-cp", f"{jars()}/*", "kafka.tools.StorageTool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise BrokerFailed(f"kafka.tools.StorageTool {arguments[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def running(broker: Broker, *, apart: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """The broker's process, from the first answer of each listener until SIGTERM has ended it.

    With `apart` it is in a session of its own: Ctrl-C in the terminal does not reach it.
    """
    command = ["java", "-Xms256m", "-Xmx512m", "-cp", f"{jars()}/*", "kafka.Kafka", str(broker.properties)]
    with broker.log.open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=broker.properties.parent, start_new_session=apart
        )
    try:
        _await_port(broker, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(broker: Broker, process: subprocess.Popen[bytes]) -> None:
    """Wait until every listener answers: a broker opens them one after another."""
    deadline = time.monotonic() + START_SECONDS
    silent = _read_listeners(broker)
    while silent and time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(silent[-1], timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            silent.pop()
    if silent:
        text = broker.log.read_text()[-3000:]
        raise BrokerFailed(f"the broker did not answer on {silent}:\n{text}")


def _read_listeners(broker: Broker) -> list[tuple[str, int]]:
    """Host and port of each listener, as its properties have them when it starts."""
    line = re.findall(r"(?m)^listeners=(.*)$", broker.properties.read_text())[-1]
    addresses = [each.partition("://")[2].rpartition(":") for each in line.split(",")]
    return [(host.strip("[]"), int(port)) for host, _, port in addresses]
