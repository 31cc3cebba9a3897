"""``lab``: a learner's own copy of the notebooks, and JupyterLab on it.

What a learner has written is never touched: a file that is there stays as it is, and when the
course has a newer version of it, one line says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from course.errors import CourseError
from course.modules import ROOT, find


def lab(names: list[str], *, folder: Path | None, copy_only: bool, options: list[str]) -> int:
    """Copy the modules' notebooks (all, if none is named) and open JupyterLab on the copy."""
    folder = folder or ROOT / "work"
    modules = [find(name) for name in names] or available(ROOT / "notebooks")
    for module in modules:
        source = ROOT / "notebooks" / module
        if not source.is_dir():
            raise CourseError(f"There is no notebook of {module} yet: run the build command first.")
        copied, newer = copy(source, folder / module)
        print(f"{module}: {copied} files copied to {folder / module}")
        for path in newer:
            print(f"  kept yours: {path} (the course's is different; rename yours to get it)")
    if copy_only:
        return 0
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    if len(modules) == 1:
        command.append(f"--LabApp.default_url=/lab/tree/{modules[0]}/{modules[0]}.ipynb")
    # Our settings keep news and the instructor's tools of nbgrader out of a learner's way.
    paths = [str(ROOT / "course" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    env = {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run([*command, *options], env=env).returncode


def available(notebooks: Path) -> list[str]:
    """The modules whose notebooks are built."""
    modules = sorted(path.name for path in notebooks.glob("[0-9][0-9]-*") if path.is_dir())
    if not modules:
        raise CourseError("There are no notebooks yet: run the build command first.")
    return modules


def copy(source: Path, target: Path) -> tuple[int, list[Path]]:
    """Copy what is not there yet; return how many files, and those kept that differ."""
    copied, kept = 0, []
    for path in sorted(source.rglob("*")):
        mine = target / path.relative_to(source)
        if path.is_dir() or ".ipynb_checkpoints" in path.parts:
            continue
        if mine.exists():
            if mine.read_bytes() != path.read_bytes():
                kept.append(mine)
            continue
        mine.parent.mkdir(parents=True, exist_ok=True)
        half = mine.with_name(mine.name + ".part")  # a full disk leaves no half notebook
        try:
            shutil.copyfile(path, half)
            half.rename(mine)
        finally:
            half.unlink(missing_ok=True)
        copied += 1
    return copied, kept
