"""Grade a class: take in, run twice, judge outside the student's process, record, give feedback."""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
from pathlib import Path
from typing import Any

import nbformat

from course.errors import CourseError
from course.modules import ROOT, find, read

UNSAFE = (
    "Students' code runs here with your rights: there is no sandbox yet. Grade on a machine or in "
    "an account that holds nothing you would not show them."
)


def grade(
    module: str,
    *,
    class_folder: Path | None = None,
    students: list[str] | None = None,
    feedback_only: bool = False,
) -> int:
    """Grade a module's submissions and print the gradebook.

    Parameters
    ----------
    module
        The module's number or id.
    class_folder
        Where ``submitted/STUDENT/MODULE/MODULE.ipynb`` lie; the gradebook and the feedback are
        made there. Default: the class's folder of the settings.
    students
        Only these; default: everybody who submitted.
    feedback_only
        Run nothing: write the feedback pages again, with the marks that were given by hand since.

    Returns
    -------
    int
        0, also where notebooks were broken: they have marks and a reason.
    """
    from rich.console import Console
    from rich.progress import track

    from course.grading.gradebook import register
    from course.grading.gradebook import students as everybody
    from course.grading.plugin import this_runs_draw
    from course.grading.settings import class_folder as default_folder

    name = find(module)
    folder = Path(class_folder or default_folder()).resolve()
    names = _chosen(students, everybody(folder, name), folder, name)
    if not (ROOT / "notebooks" / name / f"{name}.ipynb").exists():
        raise CourseError(f"The notebooks of {name} are not made yet: run `build {name}` first.")
    console = Console()
    register(name, folder)
    if not feedback_only:
        console.print(UNSAFE, style="bold yellow")
        with console.status("Drawing fresh tables and running the reference answers on them"):
            this_runs_draw(name)
    findings = {}
    for student in track(names, "Feedback" if feedback_only else "Grading", console=console):
        findings[student] = (findings_in if feedback_only else grade_one)(name, student, folder)
        write_feedback(name, student, folder, findings[student])
    guide = write_marking_guide(name, folder)
    print_gradebook(name, names, folder, console)
    for student, found in findings.items():
        for finding in found:
            console.print(f"{student}: {finding}", highlight=False)
    console.print(f"Marking guide for the written answers: {_short(guide)}", highlight=False)
    return 0


def _chosen(wanted: list[str] | None, there: list[str], folder: Path, module: str) -> list[str]:
    place = _short(folder / "submitted")
    if not there:
        raise CourseError(
            f"Nothing to grade: put notebooks into {place}/STUDENT/{module}/{module}.ipynb."
        )
    unknown = sorted(set(wanted or []) - set(there))
    if unknown:
        raise CourseError(f"No submission of {', '.join(unknown)} in {place}.")
    return sorted(wanted) if wanted else there


def findings_in(module: str, student: str, folder: Path) -> tuple[str, ...]:
    """What intake finds in a student's file, without running it."""
    from course.grading.intake import take_in

    return take_in(folder / "submitted" / student / module, module).findings


def grade_one(module: str, student: str, folder: Path) -> tuple[str, ...]:
    """Take in and autograde one submission; return what was found in the file."""
    from course.grading.intake import take_in

    submission = take_in(folder / "submitted" / student / module, module)
    clean = folder / "intake" / student / module
    shutil.rmtree(clean, ignore_errors=True)
    clean.mkdir(parents=True)
    nbformat.write(submission.notebook, clean / f"{module}.ipynb")
    stamp = folder / "submitted" / student / module / "timestamp.txt"
    if stamp.is_file() and not stamp.is_symlink():
        shutil.copyfile(stamp, clean / stamp.name)
    problem = _autograde(module, student, folder)
    return (*submission.findings, *([problem] if problem else []))


def _autograde(module: str, student: str, folder: Path) -> str:
    """nbgrader's own autograde with our run in it, on the notebook that was taken in."""
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from course.grading.settings import grading_config

    config = grading_config(Config(), folder)
    config.CourseDirectory.submitted_directory = str(folder / "intake")
    config.CourseDirectory.assignment_id = module
    config.CourseDirectory.student_id = student
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.log.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            converter.start()
    except (Exception, SystemExit) as error:  # one bad notebook must not stop the others
        return f"Grading could not finish ({type(error).__name__}); an instructor needs to look."
    return ""


def write_feedback(module: str, student: str, folder: Path, findings: tuple[str, ...]) -> Path:
    """Write a student's page to where nbgrader keeps feedback; return its path."""
    from course.grading.feedback import page
    from course.grading.gradebook import marks

    done = folder / "autograded" / student / module / f"{module}.ipynb"
    notebook = nbformat.read(done, as_version=4) if done.exists() else nbformat.v4.new_notebook()
    path = feedback_path(module, student, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = page(read(module), student, notebook, marks(module, student, folder), findings)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def feedback_path(module: str, student: str, folder: Path) -> Path:
    return folder / "feedback" / student / module / f"{module}.html"


def write_marking_guide(module: str, folder: Path) -> Path:
    """The written tasks with rubric and a sample for each band: for markers, never released."""
    text = read(module)
    parts = [f"# Marking guide · {text.title}\n"]
    for task in text.written.values():
        parts += [task.task, f"\nPoints: {task.points:g}\n", task.rubric]
        parts += [f"\n#### Sample answer: {band}\n\n{sample}\n" for band, sample in task.samples]
    path = folder / "marking" / f"{module}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8", newline="\n")
    return path


def print_gradebook(module: str, names: list[str], folder: Path, console: Any) -> None:
    """A row a student: the marks, what waits for a person, and the feedback's path."""
    from rich.table import Table

    from course.grading.gradebook import marks

    table = Table(title=f"Gradebook · {module}")
    table.add_column("student")
    for heading in ("auto", "written", "total"):
        table.add_column(heading, justify="right")
    manual = {f"{n}-answer".replace("_", "-") for n in read(module).written}
    for student in names:
        found = marks(module, student, folder)
        auto = sum(m.score or 0 for m in found if m.grade_id not in manual)
        written = [m.score for m in found if m.grade_id in manual]
        waiting = any(score is None for score in written)
        by_hand = "to mark" if waiting else f"{sum(written):g}"
        total = auto + sum(score or 0 for score in written)
        table.add_row(student, f"{auto:g}", by_hand, f"{total:g}")
    console.print(table)
    console.print("Feedback:")
    for student in names:
        console.print(f"  {_short(feedback_path(module, student, folder))}", soft_wrap=True)


def _short(path: Path) -> str:
    """A path as a user would type it from the project's folder."""
    try:
        return path.relative_to(ROOT).as_posix()
    except ValueError:
        return str(path)
