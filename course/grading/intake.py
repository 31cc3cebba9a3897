"""Take in one submitted notebook: whatever lies there, a notebook that can be graded comes out.

Locked cells, their order and their points come from the release; the answers come from the
student. What had to be mended is told to the student in words.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.grading.run import release_notebook

MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Submission:
    """A notebook fit to be run, and what was found on the way."""

    notebook: NotebookNode
    findings: tuple[str, ...] = field(default=())


def take_in(folder: Path, module: str) -> Submission:
    """Read a student's folder; never raises for anything that a student can hand in."""
    release = release_notebook(module)
    path = folder / f"{module}.ipynb"
    submitted, problem = read_notebook(path)
    if submitted is None:
        return Submission(release, (f"{problem} No answer could be graded.",))
    mended, findings = mend(submitted, release)
    return Submission(mended, tuple(findings))


def read_notebook(path: Path) -> tuple[NotebookNode | None, str]:
    """The notebook at ``path``, or None and the reason in a sentence."""
    if path.is_symlink():
        return None, f"{path.name} is a link, not a file."
    if not path.is_file():
        return None, f"There is no file called {path.name}."
    if path.stat().st_size > MOST_BYTES:
        return None, f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB."
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
        notebook = nbformat.from_dict(raw)
        if notebook.get("nbformat") != 4:
            notebook = nbformat.convert(notebook, 4)
        notebook.cells = [_sound(cell) for cell in notebook.cells]
        nbformat.validate(notebook)
    except RecursionError:
        return None, f"{path.name} is nested too deeply to be a notebook."
    except Exception:
        return None, (
            f"{path.name} is not a whole notebook: the file is empty, cut off or damaged. Open it "
            "in Jupyter; if it doesn't open there, hand in your last good copy."
        )
    return notebook, ""


def _sound(cell: NotebookNode) -> NotebookNode:
    """A cell without outputs and with text that every file and database accepts."""
    source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
    cell.source = source.encode("utf-8", "replace").decode().replace("\x00", "")
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.pop("attachments", None)
    if not isinstance(cell.get("metadata"), dict):
        cell.metadata = NotebookNode()
    return cell


def mend(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The submitted notebook with the release's graded cells, each once and in its place."""
    findings: list[str] = []
    graded = {_grade_id(c): c for c in release.cells if _grade_id(c)}
    known = {c.id: _grade_id(c) for c in release.cells if _grade_id(c)}
    cells, seen = [], set()
    for cell in submitted.cells:
        name = _grade_id(cell) or known.get(cell.get("id", ""))
        if name is None or name not in graded:
            cells.append(_plain(cell))
        elif name in seen:
            findings.append(f"The cell `{name}` was there twice; the first one counts.")
        else:
            seen.add(name)
            cells.append(_restored(cell, graded[name], findings))
    for name, original in graded.items():
        if name not in seen:
            findings.append(f"The cell `{name}` was missing and has been put back.")
            cells.insert(_place(cells, name, list(graded)), copy.deepcopy(original))
    mended = copy.deepcopy(release)
    mended.cells = _unique_ids(_in_order(cells, list(graded), findings))
    return mended, findings


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _plain(cell: NotebookNode) -> NotebookNode:
    """A cell that isn't graded, without metadata that claims it is."""
    cell.metadata.pop("nbgrader", None)
    return cell


def _restored(cell: NotebookNode, original: NotebookNode, findings: list[str]) -> NotebookNode:
    """The release's cell; if it is an answer, with the student's text in it."""
    restored = copy.deepcopy(original)
    grader = original.metadata.nbgrader
    if cell.cell_type != original.cell_type:
        findings.append(f"The cell `{grader.grade_id}` had another type; it has been mended.")
    if grader.solution:
        restored.source = cell.source
    elif cell.source.strip() != original.source.strip():
        findings.append(f"The locked cell `{grader.grade_id}` was changed; the original counts.")
    return restored


def _place(cells: list, name: str, order: list[str]) -> int:
    """Where a missing cell belongs: behind the nearest graded cell before it."""
    before = set(order[: order.index(name)])
    places = [i for i, cell in enumerate(cells) if _grade_id(cell) in before]
    return places[-1] + 1 if places else 0


def _in_order(cells: list, order: list[str], findings: list[str]) -> list:
    """Graded cells that were moved go back to the release's order."""
    places = [i for i, cell in enumerate(cells) if _grade_id(cell)]
    graded = [cells[i] for i in places]
    sorted_cells = sorted(graded, key=lambda cell: order.index(_grade_id(cell)))
    if [_grade_id(c) for c in graded] != [_grade_id(c) for c in sorted_cells]:
        findings.append("Graded cells had been moved; they stand in their order again.")
        for i, cell in zip(places, sorted_cells, strict=True):
            cells[i] = cell
    return cells


def _unique_ids(cells: list) -> list:
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if cell.get("id") in seen or not cell.get("id"):
            cell.id = f"cell-{number}"
        seen.add(cell.id)
    return cells
