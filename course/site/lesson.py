"""A module's page: its executed notebook, with answers folded and common mistakes told.

What a reader sees in a cell follows from the role that the build noted in it. Sample answers and
sealed answers are not in the notebook, and nothing here adds them.
"""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from course.modules import BEGIN, END, Exercise, Module


def lesson_page(module: Module, solution: Any) -> Any:
    """The page of ``module`` as a notebook for MyST-NB, from its executed ``solution``."""
    cells, answers = [], {}
    for cell in solution.cells:
        noted = cell.metadata.get("course", {})
        exercise = module.exercises.get(noted.get("exercise", ""))
        role = noted.get("role", "lesson")
        if role == "answer" and exercise:
            answers[exercise.name] = [] if exercise.sealed else [_folded_answer(cell)]
            cells.append(new_code_cell(exercise.starter))
        elif role == "check":
            # The answer comes after the hints, so that nobody meets it first.
            cells += answers.pop(exercise.name)
            cells += [_folded(cell, "hide-input", "the check"), *_mistakes(exercise)]
        else:
            cells += _shown(cell, role)
    _add_face(module, cells[0])
    page = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": _kernel(solution)})
    page.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for number, cell in enumerate(page.cells):
        cell.id = f"cell-{number}"
    return page


def _kernel(solution: Any) -> dict:
    return dict(solution.metadata.get("kernelspec", {"name": "python3", "display_name": "Python"}))


def _shown(cell: Any, role: str) -> list:
    """A cell of the lesson; none for the empty place where a learner writes a text."""
    if cell.cell_type == "markdown":
        return [] if role == "answer" else [new_markdown_cell(with_rich_summaries(cell.source))]
    return [_code(cell, cell.source)]


def _code(cell: Any, source: str, **metadata: Any) -> Any:
    """A code cell with the same outputs and the same alt text."""
    mystnb = {**cell.metadata.get("mystnb", {}), **metadata.pop("mystnb", {})}
    made = new_code_cell(source, outputs=cell.outputs, execution_count=None, metadata=metadata)
    if mystnb:
        made.metadata["mystnb"] = mystnb
    return made


def _folded(cell: Any, tag: str, what: str, source: str | None = None) -> Any:
    prompts = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}
    return _code(cell, source or cell.source, tags=[tag], mystnb=prompts)


def _folded_answer(cell: Any) -> Any:
    return _folded(cell, "hide-cell", "an answer", without_markers(cell.source))


def without_markers(source: str) -> str:
    """An answer as a reader should see it: without nbgrader's marks.

    >>> print(without_markers('a = ...\\n### BEGIN SOLUTION\\na = 2\\n### END SOLUTION'))
    a = 2
    """
    kept = [line for line in source.splitlines() if line.strip() not in (BEGIN, END)]
    # A value's starter (`a = ...`) is no part of the answer.
    return "\n".join(line for line in kept if not re.fullmatch(r"\w+ = \.\.\.", line)).strip("\n")


def _mistakes(exercise: Exercise) -> list:
    """The traps of an exercise, folded; of a sealed one none, for they would give it away."""
    if exercise.sealed or not exercise.traps:
        return []
    parts = [
        f"{trap.says}\n\n```python\n{without_markers(trap.source).strip()}\n```"
        for trap in exercise.traps
    ]
    text = "\n\n".join(["<details>", "<summary>Common mistakes</summary>", *parts, "</details>"])
    return [new_markdown_cell(text.replace("<details>\n\n", "<details class='mistakes'>\n", 1))]


def with_rich_summaries(source: str) -> str:
    """Markdown in ``<summary>``, which is HTML to Markdown's readers, made into HTML.

    >>> with_rich_summaries("<summary>A. `nunique`, x < 3</summary>")
    '<summary>A. <code>nunique</code>, x &lt; 3</summary>'
    """
    from markdown_it import MarkdownIt

    inline = MarkdownIt("commonmark", {"html": True}).renderInline
    return re.sub(
        r"(<summary>)(.*?)(</summary>)",
        lambda found: found[1] + _formulas(inline(found[2])) + found[3],
        source,
    )


def _formulas(html: str) -> str:
    """``$…$`` in HTML as MathML."""
    from html import unescape

    from course.site.mathml import to_mathml

    return re.sub(
        r"(?<![\\\w])\$(?=\S)([^$\n]+?)(?<=\S)\$(?!\d)",
        lambda found: re.sub(r"\s*\n\s*", "", to_mathml(unescape(found[1]))),
        html,
    )


def _add_face(module: Module, first: Any) -> None:
    """The title in both languages and, below it, what the module takes and the download."""
    rest = first.source.partition("\n")[2]
    title = f"# {module.id[:2]} {module.title} · {module.front['title_zh']}"
    first.source = "\n".join([title, "", face(module), rest])


def face(module: Module) -> str:
    """What the module takes, and where to get the notebook, in Markdown."""
    auto, manual = len(module.exercises), len(module.written)
    tasks = f"{_count(auto, 'exercise')} marked by the check"
    tasks += f" and {manual} by a person" if manual else ""
    needs = ", ".join(f"module {name[:2]}" for name in module.front.get("needs") or [])
    longer = module.front.get("minutes_beginner")
    minutes = f"{module.front['minutes']} minutes"
    minutes += f" planned, about {longer} for a beginner who does everything" if longer else ""
    lines = [
        f"**What it takes.** {minutes} · {tasks} · "
        f"{module.points:g} points" + (f" · after {needs}" if needs else ""),
        f"**To work on it yourself.** Download [the notebook]({module.id}.zip), a zip file that "
        "also holds the values its checks compare with, and see [](../how-to-use.md).",
    ]
    return ":::{container} face\n" + "\n\n".join(lines) + "\n:::\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
