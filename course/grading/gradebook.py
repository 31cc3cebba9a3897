"""nbgrader's gradebook: make it known which notebooks there are, and read the marks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.grading.run import release_notebook
from course.grading.settings import find_alembic, gradebook_url
from course.modules import ROOT, list_modules


@contextmanager
def open_gradebook(folder: Path) -> Iterator[Any]:
    """The class's gradebook; its folder is made if it is missing."""
    from nbgrader.api import Gradebook

    find_alembic()
    folder.mkdir(parents=True, exist_ok=True)
    with Gradebook(gradebook_url(folder)) as gradebook:
        yield gradebook


def register_all(folder: Path) -> None:
    """Register every module that has a students' notebook."""
    for module in list_modules():
        if (ROOT / "notebooks" / module / f"{module}.ipynb").exists():
            register(module, folder)


def register(module: str, folder: Path) -> None:
    """Tell the gradebook a module's cells and points, as generate_assignment would."""
    from nbgrader.preprocessors import SaveCells

    folder.mkdir(parents=True, exist_ok=True)
    saver = SaveCells()
    saver.log.setLevel(logging.ERROR)
    with open_gradebook(folder) as gradebook:
        gradebook.update_or_create_assignment(module)
    saver.preprocess(
        release_notebook(module),
        {
            "nbgrader": {
                "assignment": module,
                "notebook": module,
                "db_url": gradebook_url(folder),
            }
        },
    )


@dataclass(frozen=True)
class Mark:
    """What one student has for one graded cell; ``score`` is None until a person marked it."""

    grade_id: str
    score: float | None
    points: float
    comment: str = ""


def marks(module: str, student: str, folder: Path) -> list[Mark]:
    """A student's marks in the order of the notebook; empty if nothing was graded."""
    from nbgrader.api import MissingEntry

    with open_gradebook(folder) as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(module, module, student)
        except MissingEntry:
            return []
        comments = {c.name: c.comment or "" for c in notebook.comments}
        found = [
            Mark(
                grade.name,
                None if grade.needs_manual_grade and grade.manual_score is None else grade.score,
                grade.max_score,
                comments.get(grade.name, ""),
            )
            for grade in notebook.grades
        ]
    order = [
        cell.metadata.nbgrader.grade_id
        for cell in release_notebook(module).cells
        if "nbgrader" in cell.metadata
    ]
    return sorted(found, key=lambda mark: order.index(mark.grade_id))


def students(folder: Path, module: str) -> list[str]:
    """Who has submitted the module, by the folders in ``submitted/``."""
    submitted = folder / "submitted"
    if not submitted.is_dir():
        return []
    return sorted(p.name for p in submitted.iterdir() if (p / module).is_dir())
