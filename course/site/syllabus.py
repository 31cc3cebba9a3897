"""The syllabus page: what each module asks and gives, counted from the modules' texts."""

from __future__ import annotations

import re

from course.modules import Module


def syllabus_page(modules: list[Module]) -> str:
    """The page in MyST Markdown: an overview of all modules, then the exercises of each."""
    minutes = sum(module.front["minutes"] for module in modules)
    parts = [
        "# Syllabus · 教学大纲",
        "Counted by code from the modules' own texts: minutes are what a learner should plan, "
        "points are what the exercises sum to.",
        _overview(modules),
        f"In all {minutes} minutes, about {minutes / 60:.0f} hours.",
        *(_module(module) for module in modules),
    ]
    return "\n\n".join(parts) + "\n"


def _overview(modules: list[Module]) -> str:
    rows = [
        f"| [{m.id[:2]} {m.title}](modules/{m.id}.ipynb) · {m.front['title_zh']} "
        f"| {m.front['minutes']} | {len(m.exercises) + len(m.written)} | {m.points:g} |"
        for m in modules
    ]
    head = ["| Module | Minutes | Exercises | Points |", "|---|---:|---:|---:|"]
    return "\n".join(head + rows)


def _module(module: Module) -> str:
    needs = module.front.get("needs") or []
    lines = [f"## {module.id[:2]} {module.title} · {module.front['title_zh']}"]
    if module.front.get("question"):
        lines.append(f"*{module.front['question']}*")
    lines.append(
        "Before it: " + (", ".join(f"module {name[:2]}" for name in needs) or "nothing") + "."
    )
    sections = [s for s in _sections(module) if not s.lower().startswith("quiz")]
    if sections:
        lines.append("**You will read about:** " + " · ".join(sections))
    return "\n\n".join([*lines, _exercises(module)])


def _sections(module: Module) -> list[str]:
    text = "\n".join(cell.source for cell in module.cells if cell.kind == "markdown")
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def _exercises(module: Module) -> str:
    order = {cell.exercise: i for i, cell in reversed(list(enumerate(module.cells)))}
    tasks = sorted(
        [*module.exercises.values(), *module.written.values()], key=lambda t: order[t.name]
    )
    rows = [
        f"| {task.title} | {'a person' if task.name in module.written else 'the check'} "
        f"| {task.points:g} |"
        for task in tasks
    ]
    rows.append(f"| **Together** | | **{module.points:g}** |")
    return "\n".join(["| Exercise | Marked by | Points |", "|---|---|---:|", *rows])
