"""The rules of `make release-check`: what it refuses, what it reports as missing, and what its lists hold."""

from __future__ import annotations

import json
import os
import stat
import sys
import tarfile
import tomllib
from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest
from packaging.metadata import Metadata
from tools.release import __main__ as command
from tools.release import licences, metadata, sbom, third_party
from tools.release.building import build_twice, compare
from tools.release.installing import expect, read_first_cell
from tools.release.interpreters import EXPECTED, find_interpreters
from tools.release.licences import DEVELOPS, RUNS, UNKNOWN, Package, find_refused, read_licence, read_lock
from tools.release.report import CheckFailed, NotPossible, Report, Shell, clean_environment

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INNER = """\
Name: OpenBLAS
Files: numpy.libs/libscipy_openblas*.so
Description: bundled as a dynamically linked library
License: BSD-3-Clause

Name: libevil
Files: numpy.libs/libevil*.so
License: GPL-3.0-or-later
"""
HEAD = """\
Metadata-Version: 2.4
Name: brentwatch
Version: 1.0
Summary: Watches.
License-Expression: Apache-2.0
License-File: LICENSE
License-File: NOTICE
Classifier: Development Status :: 3 - Alpha
Classifier: Programming Language :: Python :: 3.12
Requires-Python: >=3.11
Description-Content-Type: text/markdown

"""
MEMBERS = ("brentwatch-1.0.dist-info/licenses/LICENSE", "brentwatch-1.0.dist-info/licenses/NOTICE")


# Licences.


@pytest.mark.parametrize(
    ("fields", "classifiers", "expression"),
    [
        (["MIT AND PSF-2.0", ""], [], "MIT AND PSF-2.0"),
        (["", "3-Clause BSD License"], [], "BSD-3-Clause"),
        (["", "Copyright (c) 2001\nAll rights"], ["BSD License"], "LicenseRef-BSD"),
        (["", ""], ["MIT License", "Apache Software License"], "Apache-2.0 AND MIT"),
        (["", "Look at the web page"], [], UNKNOWN),
        (["", ""], ["Some Strange License"], UNKNOWN),
    ],
)
def test_a_licence_is_read_from_the_first_field_that_can_be_understood(
    fields: list[str], classifiers: list[str], expression: str
) -> None:
    assert read_licence(fields, classifiers) == expression


@pytest.mark.parametrize(
    ("name", "expression", "refused"),
    [
        ("any", "MIT", []),
        ("any", "GPL-3.0-or-later", ["GPL-3.0-or-later"]),
        ("any", UNKNOWN, [UNKNOWN]),
        ("any", "MIT AND AGPL-3.0-only", ["AGPL-3.0-only"]),
        ("any", "GPL-2.0-only OR MIT", []),
        ("any", "GPL-2.0-only OR LGPL-3.0-only AND MIT", ["GPL-2.0-only"]),
        ("any", "MIT AND (BSD-3-Clause OR GPL-2.0-only)", ["MIT AND (BSD-3-Clause OR GPL-2.0-only)"]),
        ("crc32c", "LGPL-2.1-or-later", []),
        ("another", "LGPL-2.1-or-later", ["LGPL-2.1-or-later"]),
        ("crc32c", "GPL-2.0-or-later", ["GPL-2.0-or-later"]),
    ],
)
def test_what_is_not_permissive_is_refused_unless_the_package_has_a_reason(
    name: str, expression: str, refused: list[str]
) -> None:
    assert find_refused(name, expression) == refused


def test_a_package_that_is_not_installed_and_not_stated_is_unknown_and_so_refused() -> None:
    package = Package("no-such-package", ("1.0",), licences.find_licence("no-such-package"))

    assert licences.list_faults([package]) == [f"no-such-package: {UNKNOWN} is not accepted"]


def test_every_library_that_a_wheel_lists_as_inside_it_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "numpy-1.0.dist-info"
    (folder / "licenses").mkdir(parents=True)
    (folder / "licenses" / "LICENSE.txt").write_text(INNER)
    (folder / "METADATA").write_text("Name: numpy\n")
    (folder / "RECORD").write_text("numpy-1.0.dist-info/licenses/LICENSE.txt,,\nnumpy/LICENSE.txt,,\n")

    found = list(licences.list_inner_libraries(PathDistribution(folder)))

    assert found == [("OpenBLAS", "BSD-3-Clause"), ("libevil", "GPL-3.0-or-later")]


def test_every_locked_package_has_a_licence_that_fits() -> None:
    assert [fault for group in third_party.group_packages() for fault in licences.list_faults(group)] == []


def test_no_reason_is_left_over() -> None:
    """Each exception is of a package that is locked with this licence, or of a library of NumPy."""
    packages = [package for group in third_party.group_packages() for package in group]
    used = {(each.name, part) for each in packages for part in each.licence.split(" AND ")}
    inner = set(licences.list_inner_libraries(distribution("numpy")))

    assert {(each.name, each.licence) for each in licences.EXCEPTIONS} <= used | inner | {
        ("libquadmath", "LGPL-2.1-or-later"),  # in the wheels for Linux
        ("GCC runtime library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("GCC runtime library libgfortran", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    }
    assert licences.STATED.keys() <= {package.name for package in packages}


def test_the_page_is_made_of_the_locks_and_lists_each_package_with_its_versions() -> None:
    page = (ROOT / "deploy" / "THIRD-PARTY.md").read_text(encoding="utf-8")
    entries = [*read_lock(RUNS), *read_lock(DEVELOPS)]
    locked = {(entry.name, str(entry.specifier).removeprefix("==")) for entry in entries}
    rows = [line.split(" | ") for line in page.split("## Runtime")[1].splitlines() if line.startswith("| ")]
    listed = {(name.removeprefix("| "), each) for name, versions, _ in rows for each in versions.split(", ")}

    assert page == third_party.write_page(), "run make licences"
    assert locked == listed - {("package", "version")}


# Builds.


def make_wheel(path: Path, content: bytes, *, year: int = 2020) -> Path:
    path.parent.mkdir()
    with ZipFile(path, "w") as archive:
        archive.writestr(ZipInfo("brentwatch/same.py", (2020, 2, 2, 0, 0, 0)), b"same")
        archive.writestr(ZipInfo("brentwatch/other.py", (year, 2, 2, 0, 0, 0)), content)
    return path


def test_two_archives_of_the_same_bytes_are_the_same(tmp_path: Path) -> None:
    first, second = (make_wheel(tmp_path / each / "a.whl", b"x = 1") for each in "ab")

    assert compare(first, second) is None


@pytest.mark.parametrize(("content", "year"), [(b"x = 2", 2020), (b"x = 1", 2021)])
def test_a_different_byte_or_time_is_found_and_its_member_named(
    content: bytes, year: int, tmp_path: Path
) -> None:
    first = make_wheel(tmp_path / "a" / "a.whl", b"x = 1")
    second = make_wheel(tmp_path / "b" / "a.whl", content, year=year)

    assert compare(first, second) == "a.whl and a.whl differ in 1 members: brentwatch/other.py"


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a release is built from a commit")
def test_two_builds_of_the_last_commit_give_the_same_bytes(tmp_path: Path) -> None:
    built = build_twice(ROOT, tmp_path)

    assert (built.wheel.suffix, built.sdist.suffix) == (".whl", ".gz")


def test_without_a_repository_a_release_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="no git repository"):
        build_twice(tmp_path, tmp_path / "out")


def test_a_different_mode_in_an_sdist_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    made = []
    for name, mode in (("a.tar.gz", 0o644), ("b.tar.gz", 0o600)):
        (tmp_path / "file").chmod(mode)
        with tarfile.open(tmp_path / name, "w:gz") as archive:
            archive.add(tmp_path / "file", "file")
        made.append(tmp_path / name)

    assert compare(*made) == "a.tar.gz and b.tar.gz differ in 1 members: file"


# Interpreters.


def make_program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_an_interpreter_that_is_missing_or_does_not_start_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(tmp_path, "python3.12", "echo 3.12.9")
    make_program(tmp_path, "python3.13", "echo not installed >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path))

    found, missing = find_interpreters([])

    assert {version: each.full for version, each in found.items()} == {"3.12": "3.12.9"}
    assert missing.keys() == set(EXPECTED) - {"3.12"}


def test_an_interpreter_that_is_given_must_start_and_be_of_a_version_that_is_expected(tmp_path: Path) -> None:
    current = f"{sys.version_info.major}.{sys.version_info.minor}"

    found, missing = find_interpreters([sys.executable])

    assert found.keys() == {current}
    assert missing.keys() == set(EXPECTED) - {current}
    for wrong in (str(tmp_path / "python"), make_program(tmp_path, "old", "echo 3.9.1")):
        with pytest.raises(ValueError, match="PYTHONS: expected programs of Python 3"):
            find_interpreters([wrong])


def test_what_is_expected_begins_with_the_oldest_python_of_the_project() -> None:
    assert PROJECT["requires-python"] == f">={EXPECTED[0]}"


# Metadata.


def read(text: str) -> Metadata:
    return Metadata.from_email(text.encode(), validate=True)


def test_good_metadata_have_no_fault() -> None:
    assert metadata.list_faults(read(HEAD), MEMBERS, "1.0") == []


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("Version: 1.0", "Version: 1.1", "version 1.1, expected 1.0"),
        ("Expression: Apache-2.0", "Expression: MIT", "licence MIT, expected Apache-2.0"),
        ("License-File: NOTICE\n", "", "licence files"),
        ("Classifier: Development Status :: 3 - Alpha\n", "", "one Development Status, got []"),
        ("text/markdown", "text/plain", "Markdown"),
        ("Summary: Watches.\n", "", "summary"),
    ],
)
def test_each_fault_of_metadata_is_found(was: str, now: str, fault: str) -> None:
    (said,) = metadata.list_faults(read(HEAD.replace(was, now)), MEMBERS, "1.0")

    assert fault in said


def test_a_licence_file_that_the_wheel_lacks_is_found() -> None:
    assert metadata.list_faults(read(HEAD), MEMBERS[:1], "1.0") == ["a licence file is missing in the wheel"]


def test_a_python_that_was_checked_needs_its_classifier_and_must_be_allowed() -> None:
    described = read(HEAD)

    assert metadata.compare_pythons(described, ["3.12"]) == []
    assert metadata.compare_pythons(described, ["3.13"]) == ["add the classifier of Python 3.13"]
    assert "Requires-Python excludes 3.10" in metadata.compare_pythons(described, ["3.10"])


def test_what_only_the_publisher_can_do_is_listed() -> None:
    page = "[a](docs/a.md) ![b](docs/b.svg) [c](https://example.org/c) [d](#d)\n```\n[e](e.md)\n```\n"

    points = metadata.list_open_points(read(HEAD + page))

    assert [point.split()[0] for point in points] == ["[project.urls]", "2", "Development"]
    assert metadata.find_relative_links(page) == ["docs/a.md", "docs/b.svg"]


# SBOM.


def test_the_sbom_of_the_lock_is_valid_and_names_each_package_its_licence_and_no_address(
    tmp_path: Path,
) -> None:
    sbom.write_sbom(ROOT, tmp_path / "sbom.json")

    document = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    found = {(each["name"], each["version"]): each for each in document["components"]}
    assert found.keys() == {(e.name, str(e.specifier).removeprefix("==")) for e in read_lock(RUNS)}
    assert found["crc32c", "2.9.post0"]["licenses"][0]["expression"] == "LGPL-2.1-or-later"
    (entry,) = document["dependencies"]
    assert len(entry["dependsOn"]) >= len(PROJECT["dependencies"])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"bomFormat": "Other"}, "not valid"),
        ({"serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"}, "serialNumber"),
        ({"metadata": {"timestamp": "2026-01-01T00:00:00Z"}}, "timestamp"),
        ({"externalReferences": [{"type": "website", "url": "https://example.org"}]}, "://"),
    ],
)
def test_an_sbom_with_an_address_or_a_random_part_is_refused(change: dict[str, object], fault: str) -> None:
    good = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
    }

    assert sbom.find_fault(json.dumps(good)) is None
    assert fault in (sbom.find_fault(json.dumps(good | change)) or "")


# The report.


def test_each_check_has_a_line_and_the_summary_leaves_nothing_out(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()

    def fail() -> None:
        raise CheckFailed("two lines\nof reason")

    def miss() -> None:
        raise NotPossible("no git")

    assert report.take("holds", lambda: "a remark")
    assert not report.take("breaks", fail)
    assert not report.take("lacks", miss)
    report.leave_out("Python 3.14", "not found")
    report.ask("[project.urls]")
    assert report.summarise() == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[:2]] == ["ok", "FAILED"]
    assert lines[0].endswith("holds: a remark")
    end = lines[lines.index("Failed: 1") :]
    assert [line.strip() for line in end if line] == [
        *("Failed: 1", "breaks", "Not checked: 2", "lacks: no git", "Python 3.14: not found"),
        *("Left to the person who publishes: 1", "[project.urls]"),
    ]


def test_without_a_failure_the_exit_code_is_0_whatever_was_not_possible() -> None:
    report = Report()
    report.leave_out("Python 3.14", "not found")

    assert report.summarise() == 0


def test_a_program_that_fails_or_is_missing_fails_the_check_with_what_it_said(tmp_path: Path) -> None:
    shell = Shell(folder=tmp_path, environment=os.environ)

    with pytest.raises(CheckFailed, match="ended with 3:\nbroken"):
        shell.run(sys.executable, "-c", "import sys; print('broken'); sys.exit(3)")
    with pytest.raises(CheckFailed, match="No such file"):
        shell.run(tmp_path / "missing")


def test_a_program_is_not_influenced_by_the_shell_of_the_maintainer() -> None:
    values = {"PYTHONPATH": "x", "BRENTWATCH_KAFKA": "x", "VIRTUAL_ENV": "x", "SOURCE_DATE_EPOCH": "1"}

    assert clean_environment(values | {"PATH": "/bin"}).keys() & (values.keys() | {"PATH"}) == {"PATH"}


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["builds"])

    assert "expected parts of metadata, licences, sbom, install, tests, got builds" in capsys.readouterr().err


# What is used after the install.


def test_the_first_cell_of_each_notebook_is_code() -> None:
    notebooks = sorted((ROOT / "examples").glob("*.ipynb"))

    assert len(notebooks) >= 3
    assert all("brentwatch" in read_first_cell(path) for path in notebooks)


def test_what_is_expected_in_an_output_must_be_there() -> None:
    expect("one\ntwo", "^two$")
    with pytest.raises(CheckFailed, match="expected 'three', got:\none"):
        expect("one", "three")


def test_a_warning_about_deprecated_use_in_our_files_fails_and_one_elsewhere_does_not(tmp_path: Path) -> None:
    package = tmp_path / "brentwatch"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "old.py").write_text("import warnings\nwarnings.warn('gone soon', DeprecationWarning)\n")
    (tmp_path / "ours.py").write_text("import brentwatch.old\n")
    (tmp_path / "theirs.py").write_text("import warnings\nwarnings.warn('gone soon', DeprecationWarning)\n")
    probe = ROOT / "tools" / "release" / "probe.py"
    shell = Shell(folder=tmp_path, environment=clean_environment(os.environ) | {"PYTHONPATH": str(tmp_path)})

    shell.run(sys.executable, probe, tmp_path / "theirs.py")
    with pytest.raises(CheckFailed, match=r"old\.py:2: DeprecationWarning: gone soon"):
        shell.run(sys.executable, probe, tmp_path / "ours.py")
