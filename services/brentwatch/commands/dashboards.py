"""`brentwatch dashboards`: writes Grafana's boards, checks them and the alert rules, draws them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import click

from brentwatch.commands.options import Group
from brentwatch.commands.process import ExitCode
from brentwatch.core.errors import SettingsError

_FOLDER = "deploy/grafana/dashboards"
_RULES = "deploy/prometheus/rules/*.yml"
_LIBRARIES = ("grafana_foundation_sdk", "promql_parser", "yaml")
_READABLE = 0o644
"""Mode of the written files: Grafana runs as another user, and a dashboard contains no secret."""


@contextmanager
def _need_extra() -> Iterator[None]:
    """Say which extra lacks where one of its libraries cannot be imported."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        raise SettingsError(
            f"{library}, which this command needs, cannot be imported ({error}); expected the extra "
            '"dashboards": run pip install "brentwatch[dashboards]"'
        ) from None


@click.group("dashboards", cls=Group)
def command() -> None:
    """Build, check and draw the Grafana dashboards Desk, Health and Calibration.

    This needs an extra: pip install "brentwatch[dashboards]".
    """


@command.command("build")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=_FOLDER,
    help=f"Folder for desk.json, health.json and calibration.json [{_FOLDER}].",
)
def build(out: Path) -> None:
    """Write the JSON files that Grafana imports."""
    with _need_extra():
        from brentwatch.dashboards.boards import BOARDS
        from brentwatch.dashboards.grafana import render_board
    from brentwatch.history.regular_files import write_whole

    out.mkdir(parents=True, exist_ok=True)
    for name, board in BOARDS.items():
        path = out / f"{name}.json"
        write_whole(path, render_board(board).encode())
        path.chmod(_READABLE)
        click.echo(f"{path}: {len(board.panels)} panels")


@command.command("check")
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=_FOLDER)
@click.option("--rules", metavar="GLOB", help=f"Files with alert rules [{_RULES}].")
@click.option(
    "--prometheus", "url", metavar="URL", help="Also run every query of the dashboards on this Prometheus."
)
def check(folder: Path, rules: str | None, url: str | None) -> ExitCode:
    """Check the dashboards in DIR and the alert rules, and list all faults.

    The files must equal the output of build. Each query must be valid PromQL on existing metrics, labels
    and values. With --prometheus, each query of a dashboard must return data there, and no NaN.
    """
    with _need_extra():
        from brentwatch.dashboards.checking import check_all
        from brentwatch.dashboards.prometheus import PrometheusServer

    files = sorted(map(Path, glob(rules or _RULES)))
    if rules is not None and not files:
        raise click.BadParameter(f"no file matches {rules}; expected at least one, such as {_RULES}")
    report = check_all(folder, files, None if url is None else PrometheusServer(url))
    for fault in report.faults:
        click.echo(fault)
    asked = "" if url is None else f", {report.asked} run on Prometheus"
    click.echo(
        f"{report.boards} dashboards, {report.rules} rules, {report.queries} queries{asked}: "
        f"{len(report.faults) or 'no'} {'fault' if len(report.faults) == 1 else 'faults'}"
    )
    return ExitCode.FAILED if report.faults else ExitCode.OK


@command.command("preview")
@click.option("--prometheus", "url", metavar="URL", required=True, help="Address of Prometheus.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for desk.png, health.png and calibration.png.",
)
@click.option(
    "--last", metavar="SPAN", default="", help="How far back, such as 15m [the range of each dashboard]."
)
def preview(url: str, out: Path, last: str) -> None:
    """Draw the dashboards from a running Prometheus, without Grafana.

    It also needs matplotlib: pip install "brentwatch[chart]".
    """
    from brentwatch.message.chart import load_library

    load_library()
    with _need_extra():
        from brentwatch.dashboards.boards import BOARDS
        from brentwatch.dashboards.preview import draw_board
        from brentwatch.dashboards.prometheus import PrometheusServer
    from brentwatch.history.regular_files import write_whole

    server = PrometheusServer(url)
    out.mkdir(parents=True, exist_ok=True)
    for name, board in BOARDS.items():
        picture = draw_board(board, server, last)
        write_whole(out / f"{name}.png", picture)
        click.echo(f"{out / f'{name}.png'}: {len(picture) / 1000:.0f} kB")
