"""Turn a module's text into nbgrader's source notebook, with ids that stay the same.

Authors write roles; nbgrader's metadata, the cells' ids, folded hints, quizzes and the points in
the check's source are made here and nowhere else.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.modules import BEGIN, END, Cell, Module, quiz_question

ANSWER_STUB = "# your code here"
TEXT_STUB = "*Write your answer here, in at most 250 words.*"
INSTRUCTORS_ONLY = {"also-right", "trap", "sample"}


def source_notebook(module: Module) -> nbformat.NotebookNode:
    """The module as nbgrader's source: the lesson, the answers, the locked checks.

    Sealed answers are left out, so that nothing made from this notebook can hold them.
    """
    cells, hints, questions = [], Counter(), 0
    for cell in module.cells:
        if cell.role in INSTRUCTORS_ONLY:
            continue
        if cell.role == "hint":
            hints[cell.exercise] += 1
        questions += cell.role == "quiz"
        cells += _make(module, cell, hints[cell.exercise], questions)
    _name(cells)
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
            "title": module.title,
        },
    )


def _make(module: Module, cell: Cell, hint: int, question: int) -> list:
    """The notebook cells that one cell of the text becomes."""
    role = cell.role
    if role == "hint":
        return [_markdown(cell, _folded(f"Hint {hint}", cell.source))]
    if role == "quiz":
        return [_markdown(cell, _quiz(cell.source, question))]
    if role == "rubric":
        answer = _markdown(cell, TEXT_STUB, role="answer")
        task = module.written[cell.exercise]
        answer.metadata["nbgrader"] = _nbgrader(f"{cell.exercise}-answer", points=task.points)
        return [_markdown(cell, _folded("How it is marked", cell.source)), answer]
    if cell.kind == "markdown":
        return [_markdown(cell, cell.source)]
    made = new_code_cell(cell.source, metadata=_metadata(cell))
    if role == "answer":
        if module.exercises[cell.exercise].sealed:
            made.source = _without_sealed(cell.source)
        made.metadata["nbgrader"] = _nbgrader(f"{cell.exercise}-answer")
    elif role == "check":
        exercise = module.exercises[cell.exercise]
        made.source = _with_points(cell.source, exercise.points, exercise.sealed)
        made.metadata["nbgrader"] = _nbgrader(
            f"{cell.exercise}-check", points=exercise.points, solution=False
        )
    elif role == "setup":
        made.metadata["nbgrader"] = _nbgrader("setup", solution=False)
    return [made]


def _markdown(cell: Cell, source: str, role: str = "") -> nbformat.NotebookNode:
    return new_markdown_cell(source, metadata=_metadata(cell, role))


def _metadata(cell: Cell, role: str = "") -> dict:
    """What later steps need to know of a cell: its role, and a figure's alt text."""
    metadata: dict = {"course": {"role": role or cell.role}}
    if cell.exercise:
        metadata["course"]["exercise"] = cell.exercise
    if "alt" in cell.options:
        metadata["mystnb"] = {"image": {"alt": " ".join(str(cell.options["alt"]).split())}}
    if "tags" in cell.options:
        metadata["tags"] = list(cell.options["tags"])
    return metadata


def _nbgrader(grade_id: str, *, points: float | None = None, solution: bool = True) -> dict:
    metadata = {
        "grade": points is not None,
        "grade_id": grade_id.replace("_", "-"),
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return metadata if points is None else {**metadata, "points": points}


def _folded(summary: str, body: str) -> str:
    return f"<details>\n<summary>{_inline(summary)}</summary>\n\n{body}\n\n</details>"


def _inline(text: str) -> str:
    """Markdown as HTML: inside a summary no front end reads Markdown."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").renderInline(text)


def _quiz(source: str, number: int) -> str:
    """A question whose options open to say why they are right or not; works everywhere."""
    question = quiz_question(source)
    options = [
        _folded(f"{letter}. {option.text}", f"{'✓ Right.' if option.right else '✗ No.'} {option.why}")
        for letter, option in zip("ABCDEFGH", question.options, strict=False)
    ]
    return "\n\n".join([f"**Question {number}.** {question.text}", *options])


def _without_sealed(source: str) -> str:
    """The sealed answer's cell with an empty solution."""
    return re.sub(f"{BEGIN}.*?{END}", f"{BEGIN}\n{END}", source, flags=re.DOTALL)


def _with_points(source: str, points: float, sealed: bool) -> str:
    """The check with its points as an argument, so that it shows them without nbgrader."""
    more = [f"points={points:g}"] + (["sealed=True"] if sealed else [])
    body = source.rstrip().removesuffix(")").rstrip().rstrip(",")
    made = f"{body}, {', '.join(more)})"
    ast.parse(made)
    return made


def _name(cells: list) -> None:
    """Give each cell an id that depends on nothing but its role and text."""
    seen: Counter = Counter()
    for cell in cells:
        grader = cell.metadata.get("nbgrader")
        if grader:
            name = grader["grade_id"]
        else:
            digest = hashlib.sha256(cell.source.encode()).hexdigest()[:10]
            name = f"{cell.metadata['course']['role']}-{digest}"
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
        if grader and seen[name] > 1:
            grader["grade_id"] = cell.id
