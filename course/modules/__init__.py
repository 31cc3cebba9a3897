"""The course's texts and how to read them: one MyST Markdown notebook a module.

A code or Markdown cell carries a *role*; what a role means is told in CONTRIBUTING.md. Reading
checks everything that can be checked without running the text, and names the line's remedy.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from course.errors import CourseError

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent

CODE_ROLES = {"lesson", "setup", "answer", "check", "also-right", "trap"}
TEXT_ROLES = {"lesson", "hint", "written", "rubric", "sample", "quiz"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def list_modules() -> list[str]:
    """The ids of all modules, in order, such as ``"02-identification"``."""
    return sorted(path.stem for path in FOLDER.glob("[0-9][0-9]-*.md"))


def find(name: str) -> str:
    """The id of the module that ``name`` means: ``"02"``, ``"2"`` or ``"02-identification"``.

    Raises
    ------
    CourseError
        If there is no such module; the message lists those there are.
    """
    known = list_modules()
    wanted = name.strip().removesuffix(".md").removesuffix("/")
    for module in known:
        if wanted == module or (wanted.isdigit() and int(wanted) == int(module[:2])):
            return module
    raise CourseError(
        f"There is no module {name!r}. The modules are: {', '.join(known) or 'none'}."
    )


@dataclass(frozen=True)
class Cell:
    """One cell of a text: ``kind`` is "code" or "markdown"; ``options`` are its header's rest."""

    kind: str
    source: str
    role: str = "lesson"
    exercise: str = ""
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """Another answer: one that is right too, or a trap with the sentence that explains it."""

    name: str
    source: str
    says: str = ""


@dataclass(frozen=True)
class Exercise:
    """A graded task, gathered from the cells that carry its name."""

    name: str
    title: str
    section: str
    points: float
    answer: str
    check: str
    sealed: bool = False
    also_right: tuple[Variant, ...] = ()
    traps: tuple[Variant, ...] = ()

    @property
    def starter(self) -> str:
        """The answer cell as the learner gets it."""
        return without_solution(self.answer)


@dataclass(frozen=True)
class Written:
    """A task that a person marks: the text, the points, the rubric and a sample for each band."""

    name: str
    title: str
    points: float
    task: str
    rubric: str
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Module:
    """A module's text, read and checked."""

    id: str
    path: Path
    front: dict
    cells: tuple[Cell, ...]

    @property
    def title(self) -> str:
        return self.front["title"]

    @cached_property
    def setup(self) -> tuple[str, ...]:
        return tuple(c.source for c in self.cells if c.role == "setup")

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        names = list(dict.fromkeys(c.exercise for c in self.cells if c.role == "answer"))
        return {name: self._exercise(name) for name in names}

    @cached_property
    def written(self) -> dict[str, Written]:
        return {
            c.exercise: Written(
                c.exercise,
                self._place(c)[1],
                float(c.options["points"]),
                c.source,
                self._one(c.exercise, "rubric").source,
                tuple((str(s.options["band"]), s.source) for s in self._all(c.exercise, "sample")),
            )
            for c in self.cells
            if c.role == "written"
        }

    @property
    def points(self) -> float:
        tasks = [*self.exercises.values(), *self.written.values()]
        return sum(task.points for task in tasks)

    def _all(self, exercise: str, role: str) -> list[Cell]:
        return [c for c in self.cells if c.exercise == exercise and c.role == role]

    def _one(self, exercise: str, role: str) -> Cell:
        cells = self._all(exercise, role)
        if len(cells) != 1:
            raise self.error(f"exercise `{exercise}` needs one `{role}` cell and has {len(cells)}")
        return cells[0]

    def _exercise(self, name: str) -> Exercise:
        answer, check = self._one(name, "answer"), self._one(name, "check")
        section, title = self._place(answer)
        return Exercise(
            name=name,
            title=title,
            section=section,
            points=float(check.options["points"]),
            answer=answer.source,
            check=check.source,
            sealed=bool(check.options.get("sealed", False)),
            also_right=self._variants(answer, "also-right"),
            traps=self._variants(answer, "trap"),
        )

    def _variants(self, answer: Cell, role: str) -> tuple[Variant, ...]:
        """Whole other answers, or the reference with some of its code replaced."""
        return tuple(
            Variant(
                f"{answer.exercise}-{role}-{i}",
                self._edited(answer, cell) if "instead_of" in cell.options else cell.source,
                " ".join(str(cell.options.get("says", "")).split()),
            )
            for i, cell in enumerate(self._all(answer.exercise, role), 1)
        )

    def _edited(self, answer: Cell, cell: Cell) -> str:
        """The reference's code with the lines of ``instead_of`` replaced by the cell's."""
        old = textwrap.dedent(str(cell.options["instead_of"])).strip("\n").splitlines()
        lines = answer.source.splitlines()
        places = [
            i for i in range(len(lines)) if _stripped(lines[i : i + len(old)]) == _stripped(old)
        ]
        if len(places) != 1:
            raise self.error(
                f"`instead_of: {old[0].strip()}` of `{cell.exercise}` stands {len(places)} times "
                "in its answer, not once"
            )
        indent = lines[places[0]][: -len(lines[places[0]].lstrip())]
        new = textwrap.indent(cell.source, indent).splitlines()
        lines[places[0] : places[0] + len(old)] = new
        return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))

    def _place(self, cell: Cell) -> tuple[str, str]:
        """The headings above a cell: the section that teaches it and the exercise's own title."""
        section, title = "", ""
        for other in self.cells:
            if other.kind == "markdown":
                for level, heading in re.findall(r"^(#{2,3}) (.+)$", other.source, re.MULTILINE):
                    if level == "##":
                        section = heading
                    title = heading
            if other is cell:
                break
        return section, title

    def error(self, problem: str) -> CourseError:
        return CourseError(f"{self.path.name}: {problem}.")


def read(name: str) -> Module:
    """Read a module's text and check its form.

    Raises
    ------
    CourseError
        If the module is unknown or its text breaks a rule of the form.
    """
    return read_file(FOLDER / f"{find(name)}.md")


def read_file(path: Path) -> Module:
    """Read the text at ``path``; see :func:`read`."""
    import jupytext

    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst")
    front = notebook.metadata.get("course")
    cells = tuple(_cell(raw) for raw in notebook.cells)
    module = Module(path.stem, path, dict(front or {}), cells)
    _check_form(module)
    return module


def _cell(raw: Any) -> Cell:
    options = dict(raw.metadata)
    role = options.pop("role", "lesson")
    return Cell(raw.cell_type, raw.source, role, options.pop("exercise", ""), options)


def _check_form(module: Module) -> None:
    for key in ("title", "title_zh", "minutes"):
        if key not in module.front:
            raise module.error(f"the front matter lacks `course: {key}`")
    for cell in module.cells:
        allowed = CODE_ROLES if cell.kind == "code" else TEXT_ROLES
        start = cell.source.strip().splitlines()[0][:40] if cell.source.strip() else "(empty)"
        if cell.role not in allowed:
            known = ", ".join(sorted(allowed))
            raise module.error(
                f"the {cell.kind} cell `{start}` has the role `{cell.role}`; known are {known}"
            )
        if cell.role not in {"lesson", "setup", "quiz", "hint"} and not cell.exercise:
            raise module.error(f"the {cell.role} cell `{start}` lacks `exercise:`")
        if cell.role in {"check", "written"} and "points" not in cell.options:
            raise module.error(f"the {cell.role} cell of `{cell.exercise}` lacks `points:`")
        if cell.role == "trap" and not str(cell.options.get("says", "")).strip():
            raise module.error(f"a trap of `{cell.exercise}` lacks `says:`")
        if cell.role == "sample" and "band" not in cell.options:
            raise module.error(f"a sample of `{cell.exercise}` lacks `band:`")
        if cell.role == "answer" and (BEGIN not in cell.source or END not in cell.source):
            raise module.error(f"the answer of `{cell.exercise}` lacks {BEGIN} … {END}")
        if cell.role == "check" and re.search(r"\b(points|sealed)\s*=", cell.source):
            raise module.error(
                f"the check of `{cell.exercise}` sets points or sealed in its code; they belong in "
                "the cell's header"
            )
        calls = rf'check\(\s*"{re.escape(cell.exercise)}"'
        if cell.role == "check" and not re.search(calls, cell.source):
            raise module.error(f'the check of `{cell.exercise}` lacks check("{cell.exercise}"')
    known = set(module.exercises) | set(module.written)
    for cell in module.cells:
        if cell.exercise and cell.exercise not in known:
            raise module.error(f"`{cell.exercise}` has a {cell.role} cell but no answer")
    for cell in module.cells:
        if cell.role == "quiz":
            quiz_question(cell.source)


def without_solution(source: str, stub: str = "# your code here") -> str:
    """The answer cell's code with each solution replaced by a stub, as nbgrader does it."""
    lines, inside = [], False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + stub)
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def _stripped(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines]


@dataclass(frozen=True)
class Option:
    """One option of a quiz question and why it is right or not."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Question:
    """A quiz question: some text, and options of which each is explained."""

    text: str
    options: tuple[Option, ...]


def quiz_question(source: str) -> Question:
    """Read a quiz cell: a question, then ``- [ ]`` or ``- [x]`` options, each with an
    explanation indented below it.

    >>> question = quiz_question('''How many?
    ...
    ... - [ ] one
    ...   Too few.
    ... - [x] two
    ...   One for each of us.''')
    >>> [(o.text, o.right, o.why) for o in question.options]
    [('one', False, 'Too few.'), ('two', True, 'One for each of us.')]
    """
    head, *rest = re.split(r"^- \[([ x])\] ", source, flags=re.MULTILINE)
    options = []
    for mark, body in zip(rest[::2], rest[1::2], strict=True):
        text, *why = body.strip().splitlines()
        options.append(Option(text.strip(), mark == "x", " ".join(w.strip() for w in why)))
    question = Question(head.strip(), tuple(options))
    start = question.text[:40]
    if len(options) < 2 or not any(o.right for o in options):
        raise CourseError(f"The quiz question `{start}` needs two options and a right one.")
    if not all(o.why for o in options):
        raise CourseError(f"The quiz question `{start}` has an option without an explanation.")
    return question
