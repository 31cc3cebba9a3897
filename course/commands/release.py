"""``release``: the students' archive, with what a learner needs and nothing else.

Notebooks, tables with their cards, crmlib's wheel, pinned versions and how to start. It is
searched for answers and secrets before it is finished.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from course.commands.lab import available
from course.errors import CourseError
from course.modules import ROOT

SAME_DATE = (2026, 1, 1, 0, 0, 0)  # so that the same course makes the same archive
START_HERE = """\
# Start here

This folder holds the notebooks of the course *Customer Relationship Management: strategy,
analytics and practice*, the tables they use (in `datasets/`, each with a card that describes
it), and crmlib, the package they import. You need Python 3.11, 3.12 or 3.13.

Open a terminal in this folder. Once, to install (a few minutes):

| Windows | macOS and Linux |
|---|---|
| `py -m venv .venv` | `python3 -m venv .venv` |
| `.venv\\Scripts\\python -m pip install -r requirements.txt` | \
`.venv/bin/python -m pip install -r requirements.txt` |

Each time, to work:

| Windows | macOS and Linux |
|---|---|
| `.venv\\Scripts\\jupyter lab notebooks` | `.venv/bin/jupyter lab notebooks` |

Every exercise has a cell to write in and, below it, a cell that checks your answer: run it as
often as you like. Grading runs the same checks on other tables of the same shape, so write answers
that work on any table, not numbers that fit this one.

Hand in the notebook itself (the file that ends in `.ipynb`), under the name it has now. Save it
first, and do not delete or copy the cells that check.

Notebooks, tables and text: CC BY 4.0. Code: BSD-3-Clause. Real data sets: see their cards.
"""


def release(*, output: Path) -> int:
    """Write ``crm-course-VERSION.zip`` into the folder ``output``, or nothing at all."""
    from rich.console import Console

    console = Console()
    modules = available(ROOT / "notebooks")
    name = f"crm-course-{version()}"
    with (
        tempfile.TemporaryDirectory(prefix="course-release-") as scratch,
        console.status("") as now,
    ):
        folder = Path(scratch) / name
        now.update("Copying notebooks and tables")
        for part in ("notebooks", "datasets"):
            copy_made(ROOT / part, folder / part)
        now.update("Making crmlib's wheel")
        wheel = make_wheel(folder)
        pins = [f"./{wheel.name}", *learners_pins((ROOT / "constraints.txt").read_text("utf-8"))]
        (folder / "requirements.txt").write_text("\n".join(pins) + "\n", "utf-8", newline="\n")
        (folder / "START-HERE.md").write_text(START_HERE, "utf-8", newline="\n")
        now.update("Searching it for answers and secrets")
        search(folder)
        now.update("Packing")
        archive = pack(folder, output / f"{name}.zip")
    size = archive.stat().st_size / 1e6
    print(f"{archive} ({size:.1f} MB) holds {', '.join(modules)}, the tables and crmlib.")
    return 0


def version() -> str:
    """The version of crmlib, which is the course's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project["version"]


def copy_made(source: Path, target: Path) -> None:
    """Copy a folder without what Jupyter, Python or an editor leaves in it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*", "__pycache__", "*~"))


def make_wheel(folder: Path) -> Path:
    """Build crmlib's wheel into ``folder``, without the network."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise CourseError(f"crmlib's wheel could not be made: {last_line(done.stderr)}")
    return wheels[0]


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "pip gave no reason."


def learners_pins(constraints: str) -> list[str]:
    """The lines of ``constraints`` that crmlib needs, directly or through others, without tools.

    What only some systems need (``pexpect`` is not for Windows) keeps its condition.
    """
    from packaging.utils import canonicalize_name

    pins = {canonicalize_name(line.split("==")[0]): line for line in constraints.split()}
    conditions = conditions_of_needs("crmlib")
    return [
        pin + (f"; {conditions[name]}" if conditions[name] else "")
        for name, pin in pins.items()
        if name in conditions
    ]


def conditions_of_needs(root: str) -> dict[str, str]:
    """All that ``root`` needs here, each with the condition under which ("" for always)."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    waiting = [(root, frozenset(), "")]
    seen = set()
    while waiting:
        name, extras, condition = waiting.pop()
        if (name, extras, condition) in seen:
            continue
        seen.add((name, extras, condition))
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue  # needed on other systems only
        for need in needs:
            environments = [{"extra": extra} for extra in extras | {""}]
            if need.marker and not any(need.marker.evaluate(e) for e in environments):
                continue
            child = canonicalize_name(need.name)
            own = str(need.marker) if need.marker and "extra" not in str(need.marker) else ""
            under = condition or own
            if child not in found or not under:
                found[child] = under
            waiting.append((child, frozenset(need.extras), found[child]))
    return found


def search(folder: Path) -> None:
    """Stop if the archive would hold an answer or a secret; wheels are opened and searched too."""
    from course.secrets import scan

    found = scan([folder])
    if found:
        more = f" ({len(found)} places in all)" if len(found) > 1 else ""
        raise CourseError(f"Nothing was released, for it would give away: {found[0]}{more}")


def pack(folder: Path, archive: Path) -> Path:
    """Zip ``folder`` under its own name, the same bytes every time; whole or not at all."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    half = archive.with_name(archive.name + ".part")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), SAME_DATE)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, path.read_bytes())
        os.replace(half, archive)
    finally:
        half.unlink(missing_ok=True)
    return archive
