"""The whole system in a few minutes: a small class hands in a real module and is graded."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.modules import ROOT, Module, list_modules, read

MODULE = "02"
FOLDER = ROOT / "build" / "demo"
MISTAKES = 3


def demo() -> int:
    """Build what is missing, grade a class made for the purpose, print its gradebook."""
    from rich.console import Console

    from course.build import build
    from course.grading import grade

    console = Console()
    missing = [m for m in list_modules() if not (ROOT / "notebooks" / m / f"{m}.ipynb").exists()]
    if missing:
        console.print(f"Building {', '.join(missing)}")
        build(missing)
    module = read(MODULE)
    shutil.rmtree(FOLDER, ignore_errors=True)
    students = make_class(module, FOLDER)
    console.print(f"A class of {len(students)} hands in {module.id}:", highlight=False)
    for student, story in students.items():
        console.print(f"  {student}: {story}", highlight=False)
    code = grade(module.id, class_folder=FOLDER)
    console.print("Open a feedback page in a browser to see what a student sees.")
    return code


def make_class(module: Module, folder: Path) -> dict[str, str]:
    """Write a class's submissions under ``folder``; return what each student did."""
    from course.grading.run import release_notebook

    release = release_notebook(module.id)
    references = {name: e.answer for name, e in module.exercises.items()}
    stories: dict[str, str] = {}

    def hand_in(student: str, story: str, answers: dict[str, str], *, band: int = 0) -> None:
        stories[student] = story
        notebook = filled(release, module, answers, band=band)
        _write(notebook, folder, student, module.id)

    hand_in("ana", "everything right", references)
    others = {n: e.also_right[0].source for n, e in module.exercises.items() if e.also_right}
    hand_in("bela", "everything right, by other methods", references | others, band=1)
    half = dict(list(references.items())[: len(references) // 2])
    hand_in("chen", "the first half of the tasks, all of it right", half, band=2)
    for student, name in zip(("dora", "emil", "fang"), _with_traps(module), strict=True):
        trap = module.exercises[name].traps[0]
        story = f"right but for a mistake in {name}: {trap.says}"
        hand_in(student, story, references | {name: trap.source}, band=2)
    hand_in("goran", "nothing: the notebook as it was handed out", {}, band=-1)
    stories["hana"] = "a file that was cut off while it was being saved"
    _write(filled(release, module, references), folder, "hana", module.id, cut=True)
    ended = references | {_with_traps(module)[0]: 'raise SystemExit("stop here")'}
    hand_in("ivan", "one answer ends with an error", ended, band=3)
    return stories


def _with_traps(module: Module) -> list[str]:
    names = [n for n, e in module.exercises.items() if e.traps and not e.sealed]
    return names[:: max(1, len(names) // MISTAKES)][:MISTAKES]


def filled(
    release: NotebookNode, module: Module, answers: dict[str, str], *, band: int = 0
) -> NotebookNode:
    """The students' notebook with ``answers`` (code by exercise) and a written answer in it.

    ``band`` chooses the sample answer of the written tasks; -1 leaves them as they were.
    """
    notebook = copy.deepcopy(release)
    sources = {f"{name}-answer".replace("_", "-"): code for name, code in answers.items()}
    if band >= 0:
        for task in module.written.values():
            if task.samples:
                _, text = task.samples[min(band, len(task.samples) - 1)]
                sources[f"{task.name}-answer".replace("_", "-")] = text
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in sources:
            cell.source = sources[grade_id]
    return notebook


def _write(
    notebook: NotebookNode, folder: Path, student: str, module: str, *, cut: bool = False
) -> None:
    path = folder / "submitted" / student / module / f"{module}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(notebook)
    path.write_text(text[: len(text) // 2] if cut else text, encoding="utf-8")
