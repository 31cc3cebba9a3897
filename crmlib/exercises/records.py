"""The records on the public tables as a file beside the notebook: the build writes, checks read.

The truth that several cases share is stored once.
"""

from __future__ import annotations

import json
from pathlib import Path

CHECKS_FILE = "checks.json"


def write_checks(records: dict[str, dict]) -> str:
    """The text of ``checks.json`` for these records (exercise name to record)."""
    truth: dict[str, dict] = {}
    exercises = {}
    for name, record in records.items():
        cases = []
        for case in record["cases"]:
            case = dict(case)
            if "truth" in case:
                shared = f"{case['judge']['truth']}.{case['judge']['column']}"
                truth[shared] = case.pop("truth")
                case["truth_of"] = shared
            cases.append(case)
        exercises[name] = {**record, "cases": cases}
    note = "What the checks of this notebook compare with. Made by the course's build."
    body = {"note": note, "truth": truth, "exercises": exercises}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def read_checks(path: Path) -> dict[str, dict]:
    """The records in a ``checks.json``, by exercise.

    Raises
    ------
    OSError, ValueError, KeyError
        If the file is missing or is not what the build wrote.
    """
    body = json.loads(path.read_text(encoding="utf-8"))
    for record in body["exercises"].values():
        for case in record["cases"]:
            if "truth_of" in case:
                case["truth"] = body["truth"][case.pop("truth_of")]
    return body["exercises"]
