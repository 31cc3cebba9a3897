"""Run a learner's answer on the cases of a check, and show or hand over what came out.

In practice the values are judged at once, against the public values in ``checks.json`` beside the
notebook. While a notebook is graded they are only handed over, as plain data in the cell's
output, and judged outside this process.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmlib.exercises.judges import Judge
from crmlib.exercises.plain import to_plain
from crmlib.exercises.verdict import RECORDED, Verdict, judge

MIME = "application/vnd.crmlib.payload+json"
CHECKS_FILE = "checks.json"


_receivers: list[Callable[[dict], None]] = []


@contextlib.contextmanager
def receiving(receiver: Callable[[dict], None]) -> Iterator[None]:
    """Within this, checks give their payloads to ``receiver`` instead of judging them."""
    _receivers.append(receiver)
    try:
        yield
    finally:
        _receivers.pop()


@dataclass(frozen=True)
class Case:
    """One call of the answer: a name the learner understands, and the arguments."""

    name: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    judge: Judge | None = None
    weight: float = 1.0


def case(
    name: str, *args: Any, judge: Judge | None = None, weight: float = 1.0, **kwargs: Any
) -> Case:
    """One case of a check.

    Parameters
    ----------
    name
        What is tried, in the learner's words: ``"nobody answered"``.
    *args, **kwargs
        What the learner's function is called with. A value or a table takes none.
    judge
        How the result is judged, if not as the whole check's ``judge`` says.
    weight
        The case's share of the points, relative to the other cases.

    Examples
    --------
    >>> case("five customers", [10, 9, 8, 6, 3]).args
    ([10, 9, 8, 6, 3],)
    """
    return Case(name, args, kwargs, judge, weight)


def check(
    exercise: str,
    cases: list[Case],
    *,
    points: float = 1.0,
    judge: Judge | None = None,
    run: Callable | None = None,
    builds: str = "",
    sealed: bool = False,
) -> Verdict | None:
    """Check the learner's answer to an exercise.

    Parameters
    ----------
    exercise
        The exercise's name, which is also the name that the learner's cell defines.
    cases
        What to try; each is worth its weight's share of the points.
    points
        The most that can be earned. The build writes it here from the cell's header.
    judge
        How results are judged; by default as fits the reference's value.
    run
        ``run(answer, *args)`` makes the value that is judged; by default ``answer(*args)`` for a
        function and the answer itself for a value.
    builds
        The full name of crmlib's own version, if the learner is to write it anew.
    sealed
        True if only the grader knows the right answer.

    Returns
    -------
    Verdict or None
        None while a notebook is being graded: then the values are handed over instead.
    """
    names = sys._getframe(1).f_globals
    payload = collect(exercise, names, cases, run=run, builds=builds)
    payload["points"] = points
    payload["sealed"] = sealed
    for plain_case, one in zip(payload["cases"], cases, strict=True):
        chosen = one.judge or judge
        plain_case["judge"] = chosen.spec() if chosen else None
        plain_case["weight"] = one.weight
    if _receivers:
        _receivers[-1](payload)
        return None
    if os.environ.get("CRMLIB_GRADING"):
        _hand_over(payload)
        return None
    if sealed:
        return _sealed_verdict(payload)
    return _practice(payload)


def collect(
    exercise: str,
    names: dict,
    cases: list[Case],
    *,
    run: Callable | None = None,
    builds: str = "",
) -> dict:
    """Run the answer called ``exercise`` among ``names`` on every case; return a payload."""
    answer = names.get(exercise)
    missing = exercise not in names
    payload: dict = {
        "exercise": exercise,
        "missing": missing,
        "callable": callable(answer),
        "builds": builds,
        "cases": [],
    }
    watch = _Watch(builds)
    for one in cases:
        plain_case: dict = {"name": one.name}
        if not missing:
            plain_case |= _try(answer, one, run, watch)
        payload["cases"].append(plain_case)
    payload["uses"] = watch.seen
    return payload


def _try(answer: Any, one: Case, run: Callable | None, watch: _Watch) -> dict:
    """Call the answer once, on copies, with its printing and warnings kept apart."""
    silence = io.StringIO()
    try:
        args, kwargs = copy.deepcopy(one.args), copy.deepcopy(one.kwargs)
        with (
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
            warnings.catch_warnings(),
            watch,
        ):
            warnings.simplefilter("ignore")
            if run is not None:
                value = None if answer is Ellipsis else run(answer, *args, **kwargs)
            elif callable(answer):
                value = answer(*args, **kwargs)
            else:
                value = answer
            return {"value": to_plain(value)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a learner's `exit()` ends only this case
        return in_words(error)


def in_words(error: BaseException) -> dict:
    """An error in a learner's terms: its kind and text, and the line of their code it came from."""
    try:
        text = str(error).strip().splitlines()
    except Exception:
        text = []
    words = type(error).__name__ + (f": {text[0][:200]}" if text else "")
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_theirs(f.filename)]
    line = (frames[-1].line or "").strip()[:120] if frames else ""
    return {"error": to_plain(words), "line": to_plain(line)}


def _is_theirs(filename: str) -> bool:
    """Is this a notebook cell, not a library?"""
    return ("ipykernel" in filename and "site-packages" not in filename) or filename.startswith("<")


class _Watch:
    """Sees whether crmlib's own version of a *builds* exercise is called, changing nothing."""

    def __init__(self, builds: str) -> None:
        self.seen = False
        self._code = None
        if builds:
            module, name = builds.rsplit(".", 1)
            self._code = getattr(importlib.import_module(module), name).__code__

    def __enter__(self) -> None:
        self._before = sys.getprofile()
        if self._code is not None:
            sys.setprofile(self._look)

    def __exit__(self, *error: object) -> None:
        if self._code is not None:
            sys.setprofile(self._before)

    def _look(self, frame: Any, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code is self._code:
            self.seen = True


def _hand_over(payload: dict) -> None:
    from IPython.display import display

    display({MIME: payload}, raw=True)


def _practice(payload: dict) -> Verdict:
    """Judge against the public values beside the notebook."""
    try:
        record = _records()[payload["exercise"]]
    except (OSError, ValueError, KeyError):
        says = (
            f"{CHECKS_FILE} belongs beside this notebook and is missing, damaged or of another "
            "module. Copy it there again from the course's folder; your answer is not lost."
        )
        points = float(payload["points"])
        return Verdict(payload["exercise"], points, 0.0, RECORDED, notes=(says,))
    return judge(record, payload)


def _records() -> dict:
    path = Path(os.environ.get("CRMLIB_CHECKS", CHECKS_FILE))
    return json.loads(path.read_text(encoding="utf-8"))["exercises"]


def _sealed_verdict(payload: dict) -> Verdict:
    """Nobody but the grader knows the answer; say only whether there is one."""
    name, points = payload["exercise"], float(payload["points"])
    values = [case.get("value") for case in payload["cases"]]
    errors = [case["error"] for case in payload["cases"] if "error" in case]
    if errors:
        return Verdict(name, points, 0.0, RECORDED, notes=(f"Your code stops: {errors[0]}",))
    if payload["missing"] or all(v is None for v in values):
        return Verdict(name, points, 0.0, "not attempted")
    return Verdict(name, points, 0.0, RECORDED)
