"""Reads a Dockerfile, and runs its steps without a container: a folder stands for the root of each stage.

    COPY             copies from the build context, without what the .dockerignore file leaves out
    COPY --from      copies from the root of an earlier stage
    RUN              runs in a shell; absolute paths of the image are paths below the folder
    ENV, WORKDIR     hold for the following steps
    USER, EXPOSE, HEALTHCHECK, ENTRYPOINT, CMD are noted

Only the paths in `MOVED` are redirected. The final root stands where the roots of the stages before stood, so
that paths which a stage wrote into its files hold in the next one too; the other roots are deleted at the
end.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOVED = ("/opt/brentwatch", "/build", "/var/lib/brentwatch")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its word, and what stands behind it with continuation lines joined."""

    word: str
    rest: str


def read_steps(text: str) -> list[Step]:
    """Every instruction of a Dockerfile, in its order."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [Step(word, rest) for word, rest in pairs]


def read_ignored(text: str) -> tuple[list[str], list[str]]:
    """What a .dockerignore file that begins with `*` lets through, and what it leaves out of that."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    return [line[1:] for line in lines if line[0] == "!"], [line for line in lines[1:] if line[0] != "!"]


@dataclass(slots=True)
class Build:
    """The steps as they are run, one stage after the other; `root` is that of the stage at hand."""

    context: Path
    folder: Path
    allowed: list[str]
    left_out: list[str]
    base: Mapping[str, str]
    """The environment of the base image."""
    replaced: Mapping[str, str]
    """Part of a command to the command that is run in its place."""
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    stage: str = ""
    noted: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The root of the stage."""
        return self.folder / "root"

    def run(self, steps: list[Step]) -> None:
        """Run every step, and forget all stages but the last."""
        for step in steps:
            self._take(step)
        for earlier in self.folder.glob("stage-*"):
            shutil.rmtree(earlier)

    def _take(self, step: Step) -> None:
        match step.word:
            case "FROM":
                self._begin_stage(step.rest)
            case "ENV":
                self._set(step.rest)
            case "WORKDIR":
                self.workdir = step.rest
                self.place(step.rest).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(step.rest.split())
            case "RUN":
                self._run(step.rest)
            case _:
                self.noted[step.word] = step.rest

    def _begin_stage(self, rest: str) -> None:
        if self.root.exists():
            self.root.rename(self.folder / f"stage-{self.stage}")
        self.root.mkdir(parents=True)
        self.stage = rest.rpartition(" AS ")[2]
        self.env, self.workdir = dict(self.base), "/"
        self.noted = {"FROM": rest}

    def _set(self, rest: str) -> None:
        for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', rest):
            expanded = re.sub(r"\$\{(\w+)\}", lambda found: self.env.get(found[1], ""), value.strip('"'))
            self.env[name] = self.move(expanded)

    def _copy(self, words: list[str]) -> None:
        *sources, target = words
        if sources[0].startswith("--from="):
            earlier = self.folder / f"stage-{sources.pop(0).removeprefix('--from=')}"
            shutil.copytree(earlier / sources[0].lstrip("/"), self.place(target), symlinks=True)
            return
        for source in sources:
            assert source in self.allowed, f"{source} does not reach the builder: see .dockerignore"
            into = self.place(target)
            if target.endswith("/"):
                into.mkdir(parents=True, exist_ok=True)
            if (self.context / source).is_dir():
                shutil.copytree(self.context / source, into, ignore=self._find_left_out)
            else:
                shutil.copy(self.context / source, into)

    def _find_left_out(self, _: str, names: list[str]) -> set[str]:
        patterns = [line.removeprefix("**/") for line in self.left_out]
        return {name for name in names for pattern in patterns if fnmatch.fnmatch(name, pattern)}

    def _run(self, rest: str) -> None:
        for part in rest.split(" && "):
            stand_in = [command for piece, command in self.replaced.items() if piece in part]
            command = self.move(stand_in[0] if stand_in else part)
            self.ran.append(part.strip())
            self.call(["sh", "-ec", command])

    def call(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in the working folder of the stage, with its environment."""
        done = subprocess.run(
            command, cwd=self.place(self.workdir), env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
        return done

    def place(self, path: str) -> Path:
        """Where a path of the image is; a relative one is below the working folder."""
        return self.root / os.path.join(self.workdir, path).lstrip("/")

    def move(self, text: str) -> str:
        """The text with the paths of the image below the root of the stage."""
        for path in MOVED:
            text = re.sub(rf"(?<![\w.]){re.escape(path)}(?![\w.-])", str(self.root) + path, text)
        return text


def list_files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links left out."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
