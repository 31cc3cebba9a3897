"""``doctor FILE``: what grading would find in a notebook, and a mended copy of it.

It compares with the notebooks handed out and mends by the same rules as grading does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.commands.doctor import Finding
from course.errors import CourseError
from course.grading.intake import mend, read_notebook
from course.grading.run import release_notebook
from course.modules import list_modules

TO_INSTRUCTOR = "Open it in JupyterLab; if it does not open there, go back to your last good copy."


def look_at(path: Path) -> Iterator[Finding]:
    """What is wrong with the notebook at ``path``; a mended copy is written if it needs one."""
    notebook, problem = read_notebook(path)
    if notebook is None:
        yield Finding("problem", problem, TO_INSTRUCTOR)
        return
    module = module_of(notebook)
    if module is None:
        known = ", ".join(list_modules())
        remedy = f"Look whether it is the right file. The modules are: {known}."
        yield Finding("problem", f"{path.name} holds no exercise of this course", remedy)
        return
    release = release_notebook(module)
    yield Finding("ok", f"{path.name} holds {module}")
    others = [name for name in list_modules() if name != module and path.stem.startswith(name)]
    if others:
        remedy = f"Rename it to {module}.ipynb, or look for the notebook of {others[0]}."
        yield Finding("problem", f"It is called like {others[0]} but holds {module}", remedy)
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    odd_kernel = kernel not in (None, release.metadata.kernelspec.name)
    if odd_kernel:
        yield Finding("problem", f"It asks for the kernel {kernel!r}, which others do not have")
    if untouched(notebook, release):
        yield Finding("note", "No answer has been written in it: all is as it was handed out")
    mended, findings = mend(notebook, release)
    for text in findings:
        yield Finding("problem", text)
    if findings or odd_kernel:
        copy = write_beside(path, mended)
        yield Finding("note", f"A mended copy is in {copy}: read it through and hand that in")


def module_of(notebook: NotebookNode) -> str | None:
    """The module whose graded cells the notebook has most of; None if it has none."""
    here = names_in(notebook) | {cell.get("id", "") for cell in notebook.cells}
    shared = {}
    for module in list_modules():
        try:
            shared[module] = len(here & names_in(release_notebook(module)))
        except (CourseError, OSError):
            continue  # this module's notebook is not built
    best = max(shared, key=shared.get, default=None)
    return best if best and shared[best] else None


def names_in(notebook: NotebookNode) -> set[str]:
    """The names of a notebook's graded cells."""
    graders = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return {grader["grade_id"] for grader in graders if "grade_id" in grader} - {"setup"}


def untouched(notebook: NotebookNode, release: NotebookNode) -> bool:
    """Whether every answer still reads as it was handed out."""
    handed_out = {cell.source.strip() for cell in answers(release)}
    return all(cell.source.strip() in handed_out for cell in answers(notebook))


def answers(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that a student writes in."""
    return [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]


def write_beside(path: Path, notebook: NotebookNode) -> Path:
    """Write the mended notebook next to ``path``, never over another file."""
    copy = path.with_name(f"{path.stem}.mended.ipynb")
    if copy.exists():
        raise CourseError(f"{copy} is there already: rename or delete it, then run doctor again.")
    nbformat.write(notebook, copy)
    return copy
