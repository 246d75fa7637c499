"""Checks a release before it is published: `make release-check`.

    python -m tools.release                     # everything
    python -m tools.release sbom licences       # the builds, and some parts
    python -m tools.release --pythons "python3.12 /opt/python3.13/bin/python3"

It builds the last commit in a temporary folder and prints one line a check. What this machine cannot check is
listed at the end, with what only the person who publishes can do. If nothing failed and no part was left out,
wheel, sdist and SBOM are copied to dist/. Exit code 1 if a check failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.release import metadata
from tools.release.checks import (
    ROOT,
    Installed,
    Release,
    check_licences,
    check_metadata,
    check_sbom,
    check_tests,
    fail_on,
    prepare,
)
from tools.release.interpreters import Interpreter, find_interpreters
from tools.release.report import Report

DIST = ROOT / "dist"
ONCE = {"metadata": check_metadata, "licences": check_licences, "sbom": check_sbom}
"""Parts that are the same for every Python."""
PARTS = (*ONCE, "install", "tests")


def check_everything(report: Report, folder: Path, parts: Sequence[str], given: Sequence[str]) -> None:
    """Check the parts of a release in this folder, and copy it to dist/ if nothing failed or was left out."""
    interpreters, missing = find_interpreters(given)
    release = prepare(report, folder)
    if release is None:
        return
    for part, check in ONCE.items():
        if part in parts:
            check(report, release)
    report_missing(report, release, missing)
    fine = [each for each in interpreters.values() if check_python(report, release, each, parts)]
    left_out = [part for part in PARTS if part not in parts]
    if not {"install", "tests"} & set(left_out):
        compare_classifiers(report, release, [each.version for each in fine])
    for part in left_out:
        report.leave_out(part, "not asked for")
    if not report.failed and not left_out:
        publish(release)


def check_python(report: Report, release: Release, interpreter: Interpreter, parts: Sequence[str]) -> bool:
    """All that is checked on one Python; True if nothing failed."""
    fine = True
    if "install" in parts:
        results = [Installed(release, interpreter, kind).check(report) for kind in ("locked", "newest")]
        fine = all(results)
    if "tests" in parts:
        fine = check_tests(report, release, interpreter) and fine
    return fine


def report_missing(report: Report, release: Release, missing: Mapping[str, str]) -> None:
    """List the expected Pythons that are not here; a classifier of one is an unproved claim."""
    named = metadata.list_pythons(metadata.read_metadata(release.built.wheel)[0])
    for version, reason in missing.items():
        report.leave_out(
            f"Python {version}{', which has its classifier' if version in named else ''}", reason
        )


def compare_classifiers(report: Report, release: Release, checked: Sequence[str]) -> None:
    """Every Python on which all was checked has its classifier."""
    described, _ = metadata.read_metadata(release.built.wheel)
    title = f"Python {', '.join(checked) or 'none'} in the classifiers and in Requires-Python"
    report.take(title, lambda: fail_on(lambda: metadata.compare_pythons(described, checked)))


def publish(release: Release) -> None:
    """Copy what was checked to dist/, in place of what was there."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for path in (release.built.wheel, release.built.sdist, release.bill):
        shutil.copy(path, DIST)
    print(f"\n{DIST.name}/ holds what was checked: {', '.join(sorted(path.name for path in DIST.iterdir()))}")


def main(words: Sequence[str]) -> int:
    """Check what the command line names, by default everything."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description="Checks a release.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to check: {', '.join(PARTS)}")
    parser.add_argument("--pythons", default="", help="interpreters, by name or path, separated by spaces")
    asked = parser.parse_args(words)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"expected parts of {', '.join(PARTS)}, got {' '.join(sorted(unknown))}")
    report = Report()
    with tempfile.TemporaryDirectory(prefix="release-check-") as folder:
        try:
            check_everything(report, Path(folder), asked.parts or PARTS, asked.pythons.split())
        except ValueError as error:
            parser.error(str(error))
    return report.summarise()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
