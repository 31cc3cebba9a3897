"""Run one notebook on one set of tables, and read what its checks hand over.

This is the part that a faster, sandboxed engine will replace: a *runner* takes a notebook and a
folder of tables and returns the executed notebook. Whatever the notebook does, a runner returns.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.kernels import client
from course.modules import ROOT, Module
from crmlib.exercises.kernel import MIME

Runner = Callable[..., NotebookNode]  # (notebook, tables, *, figures) -> the executed notebook

CELL_SECONDS = 60
MOST_RESTARTS = 4


def run_in_kernel(notebook: NotebookNode, tables: Path, *, figures: bool = True) -> NotebookNode:
    """Run a copy of ``notebook`` in a Jupyter kernel, in an empty folder, and return it.

    Without ``figures`` they are not drawn into the outputs, which saves a fifth of the time.

    An error is kept as the cell's output. A cell that takes longer than ``CELL_SECONDS`` or ends
    the kernel is set aside with a note, and the notebook is run again without it, so that one bad
    cell costs the student no more than itself.
    """
    aside: dict[int, str] = {}
    for _ in range(MOST_RESTARTS + 1):
        done, stopped = _run_once(notebook, student_environment(tables, figures), aside)
        if stopped is None:
            return done
        index, why = stopped
        aside[index] = why
    return done


def _run_once(
    notebook: NotebookNode, environment: dict[str, str], aside: dict[int, str]
) -> tuple[NotebookNode, tuple[int, str] | None]:
    """One attempt; the second result says which cell stopped it and why, or None."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    notebook = copy.deepcopy(notebook)
    originals = {index: notebook.cells[index].source for index in aside}
    for index, why in aside.items():
        notebook.cells[index].source = f"raise RuntimeError({why!r})"
    current = [0]

    def note(cell: NotebookNode, cell_index: int) -> None:
        current[0] = cell_index

    stopped = None
    with tempfile.TemporaryDirectory(prefix="course-run-", ignore_cleanup_errors=True) as folder:
        options = {"timeout": CELL_SECONDS, "allow_errors": True, "on_cell_start": note}
        try:
            client(notebook, Path(folder), **options).execute(env=environment)
        except CellTimeoutError:
            stopped = current[0], f"This cell took longer than {CELL_SECONDS} seconds."
        except DeadKernelError:
            stopped = current[0], "This cell ended Python."
        except Exception as error:  # a channel that broke, an output nobody can read
            stopped = current[0], f"This cell could not be run ({type(error).__name__})."
    for index, source in originals.items():
        notebook.cells[index].source = source
    return notebook, stopped


def student_environment(tables: Path, figures: bool = True) -> dict[str, str]:
    """The environment of a student's process: nothing of ours but where the tables lie.

    One thread a process: two runs side by side would only get into each other's way.
    """
    keep = (
        "PATH",
        "HOME",
        "USERPROFILE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "LANG",
        "APPDATA",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "JUPYTER_PREFER_ENV_PATH",
        "LOCALAPPDATA",
    )
    return {
        **{name: os.environ[name] for name in keep if name in os.environ},
        "CRMLIB_DATA": str(tables),
        "CRMLIB_GRADING": "1",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **({} if figures else {"MPLBACKEND": "agg"}),
    }


def payloads(notebook: NotebookNode, module: Module) -> dict[str, dict | None]:
    """What each check handed over: exactly one well-formed payload of its own, else None."""
    found: dict[str, dict | None] = dict.fromkeys(module.exercises)
    for cell in notebook.cells:
        name = exercise_of(cell, module)
        if name is None:
            continue
        given = [o.data[MIME] for o in cell.get("outputs", []) if MIME in o.get("data", {})]
        if len(given) == 1 and _well_formed(given[0], name):
            found[name] = given[0]
    return found


def exercise_of(cell: NotebookNode, module: Module) -> str | None:
    """The exercise whose check this cell is, if any."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    for name in module.exercises:
        if grade_id == f"{name}-check".replace("_", "-"):
            return name
    return None


def _well_formed(payload: Any, name: str) -> bool:
    return (
        isinstance(payload, dict)
        and payload.get("exercise") == name
        and isinstance(payload.get("cases"), list)
        and all(isinstance(case, dict) for case in payload["cases"])
    )


def without_payloads(cell: NotebookNode) -> None:
    """Take what was handed over out of a cell's outputs: it is for the grader alone."""
    if cell.cell_type == "code":
        cell.outputs = [o for o in cell.outputs if MIME not in o.get("data", {})]


def verdict_output(verdict: Any) -> NotebookNode:
    """A verdict as the cell output that nbgrader reads the points from and people read."""
    from dataclasses import asdict

    from crmlib.exercises.verdict import card

    return new_output(
        "execute_result",
        execution_count=None,
        data={
            "text/plain": repr(verdict),
            "text/html": card(verdict, practice=False),
            VERDICT_MIME: asdict(verdict),
        },
    )


VERDICT_MIME = "application/vnd.crmlib.verdict+json"


def release_notebook(module_id: str) -> NotebookNode:
    """The students' notebook of a module, as it was released."""
    path = ROOT / "notebooks" / module_id / f"{module_id}.ipynb"
    return nbformat.read(path, as_version=4)
