"""nbgrader's settings, in one place: for the commands here and for nbgrader's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from course.modules import ROOT

CLASS_VARIABLE = "CRM_CLASS_FOLDER"
GRADEBOOK_VARIABLE = "CRM_GRADEBOOK"


def class_folder() -> Path:
    """Where students' work and the gradebook lie: ``class/`` unless CRM_CLASS_FOLDER says so."""
    return Path(os.environ.get(CLASS_VARIABLE, ROOT / "class")).resolve()


def gradebook_url(folder: Path) -> str:
    """The gradebook's address: SQLite in the class's folder unless CRM_GRADEBOOK names another."""
    return os.environ.get(GRADEBOOK_VARIABLE) or f"sqlite:///{(folder / 'gradebook.db').as_posix()}"


def find_alembic() -> None:
    """nbgrader starts ``alembic`` by name: let it find the one of this environment."""
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])


def configure(c: Any, folder: Path, *, source: Path, release: Path) -> Any:
    """Fill a traitlets config: folders, the gradebook, stubs, and how notebooks are run."""
    from course.build.notebook import ANSWER_STUB, TEXT_STUB

    find_alembic()
    c.CourseDirectory.root = str(ROOT)
    c.CourseDirectory.source_directory = str(source)
    c.CourseDirectory.release_directory = str(release)
    c.CourseDirectory.submitted_directory = str(folder / "submitted")
    c.CourseDirectory.autograded_directory = str(folder / "autograded")
    c.CourseDirectory.feedback_directory = str(folder / "feedback")
    c.CourseDirectory.db_url = gradebook_url(folder)
    c.ClearSolutions.code_stub = {"python": ANSWER_STUB}
    c.ClearSolutions.text_stub = TEXT_STUB
    c.ClearSolutions.begin_solution_delimeter = "BEGIN SOLUTION"
    c.ClearSolutions.end_solution_delimeter = "END SOLUTION"
    return c


def grading_config(c: Any, folder: Path) -> Any:
    """The settings of a class: as :func:`configure`, and notebooks run and judged our way."""
    configure(c, folder, source=ROOT / "solutions", release=ROOT / "notebooks")
    c.Autograde.autograde_preprocessors = [
        "course.grading.plugin.RunAndJudge",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    return c


def for_nbgrader(c: Any) -> None:
    """What ``nbgrader_config.py`` does: the settings, and a class's folder with its gradebook.

    The made notebooks are registered once, because nbgrader grades nothing it doesn't know.
    """
    folder = class_folder()
    grading_config(c, folder)
    if not (folder / "gradebook.db").exists():
        from course.grading.gradebook import register_all

        register_all(folder)
