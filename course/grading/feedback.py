"""One self-contained page a student: what was asked, what came out, what to read again.

The page shows no reference answer. Everything a student wrote is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.grading.gradebook import Mark
from course.grading.run import VERDICT_MIME, exercise_of
from course.modules import Module
from crmlib.exercises.verdict import CaseResult, Verdict, with_code


@dataclass(frozen=True)
class ExerciseFeedback:
    """What the page says of one exercise with a check."""

    title: str
    section: str
    verdict: Verdict


@dataclass(frozen=True)
class WrittenFeedback:
    """What the page says of one written task; ``score`` is None until it is marked."""

    title: str
    text: str
    mark: Mark


def verdicts_in(notebook: Any, module: Module) -> dict[str, Verdict]:
    """The verdicts that grading left in an autograded notebook."""
    found = {}
    for cell in notebook.cells:
        name = exercise_of(cell, module)
        for output in cell.get("outputs", []):
            if name and VERDICT_MIME in output.get("data", {}):
                found[name] = _verdict(output.data[VERDICT_MIME])
    return found


def _verdict(plain: dict) -> Verdict:
    fields = dict(plain)
    fields["cases"] = tuple(CaseResult(**case) for case in fields["cases"])
    fields["notes"] = tuple(fields["notes"])
    return Verdict(**fields)


def page(
    module: Module, student: str, notebook: Any, marks: list[Mark], findings: tuple[str, ...]
) -> str:
    """The feedback page as HTML."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["names"] = lambda text: Markup(with_code(text))
    verdicts = verdicts_in(notebook, module)
    texts = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    by_id = {mark.grade_id: mark for mark in marks}
    exercises = [
        ExerciseFeedback(e.title, e.section, verdicts[name])
        for name, e in module.exercises.items()
        if name in verdicts
    ]
    written = [
        WrittenFeedback(task.title, texts.get(cell_id, ""), by_id[cell_id])
        for task in module.written.values()
        if (cell_id := f"{task.name}-answer".replace("_", "-")) in by_id
    ]
    return environment.get_template("feedback.html.j2").render(
        module=module,
        student=student,
        exercises=exercises,
        written=written,
        findings=findings,
        score=sum(mark.score or 0 for mark in marks),
        waiting=sum(mark.points for mark in marks if mark.score is None),
    )
