"""Text → solutions (executed) → students' notebooks, the same bytes every time.

For each module: run every answer once (the values become ``checks.json``), run the notebook,
clean its outputs, let nbgrader make the students' version, and put both in place at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from course.errors import CourseError
from course.folders import put_in_place
from course.modules import FOLDER, ROOT, find, list_modules

CELL_SECONDS = 120
MADE = ("solutions", "notebooks")


def build(modules: Iterable[str] = (), *, check: bool = False, force: bool = False) -> int:
    """Make the notebooks of ``modules`` (default: all) from their texts.

    With ``check``, nothing is written; the outcome is 1 if a remake would differ. What has not
    changed since the last build is left alone unless ``force``.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    names = [find(name) for name in modules] or list_modules()
    todo = [n for n in names if check or force or not _unchanged(n)]
    console = Console()
    for name in names:
        if name not in todo:
            console.print(f"{name}: nothing changed")
    differ = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    workers = max(1, min(len(todo), os.cpu_count() or 1))
    with Progress(*columns, console=console) as progress, ProcessPoolExecutor(workers) as pool:
        tasks = {pool.submit(_build_one, n, check): n for n in todo}
        bars = {n: progress.add_task(f"{n}: running answers and lesson", total=None) for n in todo}
        for task in as_completed(tasks):
            name = tasks[task]
            changed = task.result()
            progress.update(bars[name], description=f"{name}: {_outcome(changed, check)}", total=1)
            progress.advance(bars[name])
            differ += changed
    if check and differ:
        console.print(
            "These made files differ from what the texts make: "
            + ", ".join(differ)
            + ". Run `python3 -m course build` and commit them."
        )
        return 1
    return 0


def _outcome(changed: list[str], check: bool) -> str:
    if not changed:
        return "as it was"
    return ("differs: " if check else "made: ") + ", ".join(changed)


def _build_one(name: str, check: bool) -> list[str]:
    """Make one module's folders; return the files that differ from those in place."""
    with tempfile.TemporaryDirectory(prefix="course-build-") as folder:
        made = make(name, Path(folder))
        differ = [
            f"{part}/{name}/{file}"
            for part in MADE
            for file in sorted(_names(made / part / name) | _names(ROOT / part / name))
            if _bytes(made / part / name / file) != _bytes(ROOT / part / name / file)
        ]
        if not check:
            if differ:
                for part in MADE:
                    put_in_place(made / part / name, ROOT / part / name)
            _stamp_path(name).parent.mkdir(parents=True, exist_ok=True)
            _stamp_path(name).write_text(_state(name), encoding="utf-8")
    return differ


def make(name: str, folder: Path, *, text: Path | None = None) -> Path:
    """Make a module's ``solutions`` and ``notebooks`` under ``folder``; return ``folder``.

    ``text`` is another text file than the module's own (a teacher's copy, a test's).
    """
    import nbformat

    from course.build.notebook import source_notebook
    from course.build.outputs import keep_equal_figures, stabilise
    from course.modules import read_file
    from course.reference import records, run_variants
    from crmlib.exercises.records import CHECKS_FILE, write_checks

    module = read_file(text or FOLDER / f"{name}.md")
    notebook = source_notebook(module)
    solution = folder / "solutions" / name
    solution.mkdir(parents=True)
    payloads = run_variants(module, ROOT / "datasets", which="grading")
    known = records(module, payloads, public_truth(folder / "truth"))
    public = {n: record for n, record in known.items() if not record["sealed"]}
    (solution / CHECKS_FILE).write_text(
        write_checks(public), encoding="utf-8", newline="\n")
    _execute(notebook, solution)
    stabilise(notebook, module.path.name)
    committed = ROOT / "solutions" / name / f"{name}.ipynb"
    if committed.exists():
        keep_equal_figures(notebook, nbformat.read(committed, as_version=4))
    _write_notebook(notebook, solution / f"{name}.ipynb")
    _generate(name, folder)
    return folder


def public_truth(folder: Path) -> Path:
    """Write the truth of the public tables to ``folder``, for the build alone."""
    from course.company import PUBLIC_SEED, draw

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in draw(PUBLIC_SEED).truth.items():
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    return folder


def _execute(notebook: object, folder: Path) -> None:
    """Run the notebook in ``folder`` on the public tables, stopping at the first error."""
    from nbclient.exceptions import CellExecutionError

    from course.kernels import client

    env = {k: v for k, v in os.environ.items() if not k.startswith("CRMLIB_")}
    env |= {"PYTHONHASHSEED": "0", "CRMLIB_DATA": str(ROOT / "datasets")}
    env.pop("MPLBACKEND", None)
    try:
        client(notebook, folder, timeout=CELL_SECONDS).execute(env=env)
    except CellExecutionError as error:
        raise CourseError(f"{folder.name} stops with {error.ename}: {error.evalue}") from error


def _write_notebook(notebook: object, path: Path) -> None:
    import nbformat

    nbformat.validate(notebook)
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _generate(name: str, folder: Path) -> None:
    """Let nbgrader make the students' version, with a gradebook of its own."""
    import logging

    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from course.grading.settings import configure

    config = configure(
        Config(), folder / "class", source=folder / "solutions", release=folder / "notebooks"
    )
    (folder / "class").mkdir()
    config.CourseDirectory.db_url = f"sqlite:///{(folder / 'class' / 'gradebook.db').as_posix()}"
    config.CourseDirectory.assignment_id = name
    courses = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=courses, config=config)
    converter.log.setLevel(logging.CRITICAL)
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise CourseError(f"{name}: nbgrader could not make the students' notebook") from error
    made = folder / "notebooks" / name / f"{name}.ipynb"
    _write_notebook(_with_ids(made, folder / "solutions" / name / made.name), made)


def _with_ids(made: Path, source: Path) -> object:
    """The students' notebook with the source's cell ids, which nbgrader may drop."""
    import nbformat

    notebook = nbformat.read(made, as_version=4)
    for cell, original in zip(
        notebook.cells, nbformat.read(source, as_version=4).cells, strict=True
    ):
        cell.id = original.id
    return notebook


def _unchanged(name: str) -> bool:
    stamp = _stamp_path(name)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _state(name)


def _stamp_path(name: str) -> Path:
    return ROOT / "build" / "stamps" / name


def _state(name: str) -> str:
    """A digest of everything a module's notebooks are made from, and of the notebooks."""
    digest = hashlib.sha256(sys.version.encode())
    inputs = [
        FOLDER / f"{name}.md",
        FOLDER / "__init__.py",
        ROOT / "course" / "reference.py",
        ROOT / "constraints.txt",
        *sorted((ROOT / "course" / "build").glob("*.py")),
        *sorted((ROOT / "course" / "company").rglob("*.py")),
        *sorted((ROOT / "crmlib").rglob("*.py")),
        *sorted(p for p in (ROOT / "datasets").rglob("*") if p.is_file()),
    ]
    outputs = [p for part in MADE for p in sorted((ROOT / part / name).rglob("*")) if p.is_file()]
    for path in [*inputs, *outputs]:
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(_bytes(path) or b"")
    return digest.hexdigest()


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file() and ".ipynb_checkpoints" not in p.parts
    }


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
