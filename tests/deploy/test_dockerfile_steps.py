"""The steps of deploy/Dockerfile, run in an empty folder without a container, give a brentwatch that works.

Two steps have a stand-in. The download of the locked packages (500 MB) is replaced by a path file that shows
the packages of this environment, which `make` has installed by the same hashes (tests/test_locks.py compares
the locks). `useradd` is a script that makes the home folder. All others run as they are written, offline.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.deploy.dockerfile import Build, list_files, read_ignored, read_steps

from brentwatch import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SITE = sysconfig.get_path("purelib")
USERADD = """#!/bin/sh -e
while [ $# -gt 0 ]; do
  case "$1" in --home-dir) mkdir -p "$2"; exit 0;; esac
  shift
done
exit 1
"""
LOCKED = "--require-hashes -r requirements.lock"
SEEN = "/opt/brentwatch/bin/python -c 'import sysconfig; print(sysconfig.get_path(\"purelib\"))'"
"""Where the environment of the image has its packages."""


def make_base(folder: Path) -> dict[str, str]:
    """What the base image has: python, a shell with its tools, and useradd. Packages come from no index."""
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    (folder / "useradd").write_text(USERADD)
    (folder / "useradd").chmod(0o755)
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), **offline}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The image: what stands in its root, its environment and its start."""
    folder = tmp_path_factory.mktemp("image")
    before = os.umask(0o022)
    try:
        build = Build(
            ROOT,
            folder / "built",
            *read_ignored((DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")),
            base=make_base(folder / "base"),
            replaced={LOCKED: f'test -s requirements.lock && echo {SITE} > "$({SEEN})/locked.pth"'},
        )
        build.run(read_steps((DEPLOY / "Dockerfile").read_text(encoding="utf-8")))
    finally:
        os.umask(before)
    return build


def test_the_wheel_is_built_and_installed_by_the_steps_as_they_are_written(built: Build) -> None:
    program = built.place("/opt/brentwatch/bin/brentwatch")

    assert [part for part in built.ran if "pip wheel" in part or "dist/*.whl" in part] == built.ran[2:4]
    assert program.read_text(encoding="utf-8").startswith(f"#!{built.root}/opt/brentwatch/bin/python")
    assert list(built.place("/opt/brentwatch").rglob("brentwatch/_schemas/topics.toml"))


def test_the_last_stage_holds_no_source_and_no_tool_of_the_build(built: Build) -> None:
    assert sorted(path.name for path in built.root.iterdir()) == ["opt", "var"]
    assert not (built.folder / "stage-build").exists()


def test_the_image_holds_the_list_of_what_is_inside_and_the_licence_of_brentwatch(built: Build) -> None:
    folder = built.place("/opt/brentwatch/share/doc/brentwatch")

    assert sorted(path.name for path in folder.iterdir()) == ["LICENSE", "NOTICE", "THIRD-PARTY.md"]
    assert (folder / "THIRD-PARTY.md").read_bytes() == (DEPLOY / "THIRD-PARTY.md").read_bytes()


def test_the_image_starts_brentwatch_from_its_own_folder(built: Build) -> None:
    start = json.loads(built.noted["ENTRYPOINT"])

    version = built.call(["/usr/bin/env", *start, "--version"])
    used = built.call(["python", "-c", "import brentwatch; print(brentwatch.__file__)"])

    assert version.stdout == f"brentwatch {__version__}\n"
    assert used.stdout.startswith(str(built.root))
    assert "Usage: brentwatch" in built.call(["/usr/bin/env", *start, *json.loads(built.noted["CMD"])]).stdout


def test_the_image_replays_a_history(built: Build) -> None:
    told = built.call(["/usr/bin/env", "brentwatch", "replay", "vorukh-2021", "--since", "2021-04-28"])

    assert "Verdict" in told.stdout


def test_the_health_check_runs(built: Build) -> None:
    words = json.loads(built.noted["HEALTHCHECK"].partition("CMD ")[2])
    script = f'{shlex.join(words)} 2>&1 || test "$?" = 1'

    told = built.call(["sh", "-c", script]).stdout

    assert told in ("", "nothing answers\n") or told.startswith("port ")  # another service may run here


def test_any_user_can_read_what_is_installed_and_none_can_change_it(built: Build) -> None:
    modes = {path: path.stat().st_mode for path in list_files(built.place("/opt/brentwatch"))}

    assert [str(path) for path, mode in modes.items() if not mode & 0o004 or mode & 0o022] == []
    assert int(built.noted["USER"]) > 0
