"""What the reference answer, the starter and each known mistake yield on one draw of the tables.

Answers run in a process of their own that sees one folder of tables; every answer starts anew
from the set-up cells, so that none can depend on a lesson cell or on another answer. The truth
(true segments, what a call is worth) is added here, outside that process.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.modules import ROOT, Exercise, Module, read_file

# Sets in one order and sums in one order, whatever the machine: the values are committed.
ALWAYS_THE_SAME = {
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

Payloads = dict[str, dict[str, dict]]


def run_variants(module: Module, data: Path, *, which: str = "all") -> Payloads:
    """Run every answer of ``module`` on the tables in ``data``.

    Parameters
    ----------
    module
        The module whose answers are run.
    data
        A folder laid out like ``datasets/``.
    which
        "all"; "grading" leaves out the answers that are right too; "reference" runs it alone.

    Returns
    -------
    dict of exercise name to dict of variant name to payload
        The variants are ``"reference"``, ``"starter"``, each trap and each other right answer.

    Raises
    ------
    CourseError
        If the reference or another right answer stops with an error, or set-up does.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "payloads.json"
        command = [sys.executable, "-m", "course.reference", str(module.path), str(out)]
        done = subprocess.run(
            [*command, which],
            cwd=ROOT,
            env={**os.environ, **ALWAYS_THE_SAME, "CRMLIB_DATA": str(data)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise CourseError(f"{module.path.name}: running the answers failed: {last[0]}")
        return json.loads(out.read_text(encoding="utf-8"))


def records(module: Module, payloads: Payloads, truth: Path) -> dict[str, dict]:
    """Make each exercise's record (see :func:`crmlib.exercises.verdict.judge`) from payloads.

    ``truth`` is the folder of the draw's truth tables.
    """
    return {
        name: _record(exercise, payloads[name], truth)
        for name, exercise in module.exercises.items()
    }


def _record(exercise: Exercise, variants: dict[str, dict], truth: Path) -> dict:
    from crmlib.exercises.judges import default_for, from_spec

    reference = variants["reference"]
    cases = []
    for given in reference["cases"]:
        if "error" in given:
            raise CourseError(
                f"The reference of `{exercise.name}` stops on «{given['name']}»: {given['error']}."
            )
        spec = given["judge"] or default_for(given["value"]).spec()
        case = {"name": given["name"], "weight": given["weight"], "judge": spec}
        case["wanted"] = from_spec(spec).needed(given["value"])
        if "truth" in spec:
            case["truth"] = _truth(truth / f"{spec['truth']}.csv", spec["by"], spec["column"])
        cases.append(case)
    return {
        "exercise": exercise.name,
        "points": exercise.points,
        "sealed": exercise.sealed,
        "callable": reference["callable"],
        "builds": reference["builds"],
        "section": exercise.section,
        "cases": cases,
        "starter": _values(variants["starter"]),
        "traps": [
            {"name": t.name, "says": t.says, "cases": _differing(variants[t.name], cases)}
            for t in exercise.traps
        ],
    }


def _values(payload: dict) -> list[dict]:
    return [{k: v for k, v in c.items() if k in ("value", "error")} for c in payload["cases"]]


def _differing(payload: dict, cases: list[dict]) -> list[dict | None]:
    """A trap's values; where it gives the reference's value it explains nothing: None."""
    from crmlib.exercises.judges import from_spec

    found: list[dict | None] = []
    for given, case in zip(_values(payload), cases, strict=True):
        judge, wanted = from_spec(case["judge"]), case["wanted"]
        if "error" in given:
            found.append(given)
        elif judge.compare(given["value"], wanted, case.get("truth")).right:
            found.append(None)
        else:
            found.append({"value": judge.thinned(given["value"], wanted)})
    return found


def _truth(path: Path, by: str, column: str) -> dict:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [row[by] for row in rows]
    values: list[Any] = [row[column] for row in rows]
    try:
        values = [float(v) for v in values]
    except ValueError:
        pass  # names of segments, not numbers
    return {"type": "mapping", "keys": keys, "values": values}


def _main(path: str, out: str, which: str) -> None:
    """In the process of its own: run all variants, write their payloads."""
    module = read_file(Path(path))
    payloads = {
        name: {
            variant: _run(module, exercise, source) for variant, source in _sources(exercise, which)
        }
        for name, exercise in module.exercises.items()
    }
    Path(out).write_text(json.dumps(payloads, allow_nan=False), encoding="utf-8")


def _sources(exercise: Exercise, which: str) -> list[tuple[str, str]]:
    sources = [("reference", exercise.answer)]
    if which != "reference":
        sources += [("starter", exercise.starter)]
        sources += [(trap.name, trap.source) for trap in exercise.traps]
    if which == "all":
        sources += [(other.name, other.source) for other in exercise.also_right]
    return sources


def _run(module: Module, exercise: Exercise, source: str) -> dict:
    """One answer, from the set-up cells to its check's payload."""
    from crmlib.exercises.kernel import in_words, receiving

    names: dict[str, Any] = {"__name__": "__main__"}
    for setup in module.setup:
        exec(compile(setup, "<set-up>", "exec"), names)
    received: list[dict] = []
    try:
        exec(compile(source, "<answer>", "exec"), names)
    except Exception as error:
        if "BEGIN SOLUTION" in source:
            raise CourseError(f"`{exercise.name}`: {in_words(error)['error']}") from error
    with receiving(received.append):
        exec(compile(exercise.check, "<check>", "exec"), names)
    if len(received) != 1:
        raise CourseError(f"The check of `{exercise.name}` calls check() {len(received)} times.")
    return received[0]


if __name__ == "__main__":
    _main(*sys.argv[1:])
