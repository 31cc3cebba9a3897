"""Prove a module's graders: right answers earn all, mistakes are named, the starter earns nothing.

The tests run it on fresh draws of every module (`tests/test_graders.py`).
"""

from __future__ import annotations

from course.modules import Exercise, Module
from course.reference import Payloads
from crmlib.exercises.verdict import NOT_ATTEMPTED, judge

LEAST_ALSO_RIGHT = 2


def failures(module: Module, payloads: Payloads, known: dict[str, dict]) -> list[str]:
    """What is wrong with the graders on one draw; an empty list if nothing is.

    Parameters
    ----------
    payloads, known
        All variants' payloads and the exercises' records on that draw
        (:mod:`course.reference`).
    """
    found = []
    for name, exercise in module.exercises.items():
        found += [f"{name}: {f}" for f in _failures(exercise, payloads[name], known[name])]
    return found


def _failures(exercise: Exercise, variants: dict[str, dict], record: dict) -> list[str]:
    found = []
    if len(exercise.also_right) < LEAST_ALSO_RIGHT:
        found.append(f"needs {LEAST_ALSO_RIGHT} other right answers")
    if not exercise.traps:
        found.append("needs a trap")
    for variant in ["reference", *(v.name for v in exercise.also_right)]:
        verdict = judge(record, variants[variant])
        if verdict.score != exercise.points:
            found.append(f"{variant} is right but earns {verdict.score:g}:\n{verdict}")
    starter = judge(record, variants["starter"])
    if starter.score or starter.state != NOT_ATTEMPTED:
        found.append(f"the untouched starter is «{starter.headline()}»")
    for trap in exercise.traps:
        verdict = judge(record, variants[trap.name])
        if verdict.score >= exercise.points:
            found.append(f"{trap.name} is wrong but earns all points")
        elif verdict.mistake != trap.says:
            found.append(f"{trap.name} is taken for «{verdict.trap or 'no known mistake'}»")
    return found
