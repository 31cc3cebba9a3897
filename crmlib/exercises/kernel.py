"""Run a learner's answer on the cases of a check, and show or hand over what came out.

In practice the values are judged at once, against the public values in ``checks.json`` beside the
notebook. While a notebook is graded they are only handed over, as plain data in the cell's
output, and judged outside this process.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import linecache
import math
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmlib.exercises.judges import Judge, choice, from_spec
from crmlib.exercises.plain import class_name, describe, show, to_plain
from crmlib.exercises.records import CHECKS_FILE, read_checks
from crmlib.exercises.verdict import NOT_ATTEMPTED, NOT_YET, RECORDED, Verdict, judge

MIME = "application/vnd.crmlib.payload+json"

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
    name: str, /, *args: Any, judge: Judge | None = None, weight: float = 1.0, **kwargs: Any
) -> Case:
    """One case of a check: something to try the answer on.

    Parameters
    ----------
    name
        What is tried, in the learner's words: ``"nobody answered"``.
    *args, **kwargs
        What the learner's function is called with; each run gets a copy of its own. A value or a
        table takes none.
    judge
        How the result is judged, if not as the whole check's ``judge`` says.
    weight
        The case's share of the points, relative to the other cases; more than 0.

    Raises
    ------
    ValueError
        If ``weight`` is not a positive number.

    Examples
    --------
    >>> case("five customers", [10, 9, 8, 6, 3]).args
    ([10, 9, 8, 6, 3],)
    >>> case("CDNOW, spring 1998", "orders", snapshot="1998-04-01", weight=2).kwargs
    {'snapshot': '1998-04-01'}
    """
    if not 0 < weight < math.inf:
        raise ValueError(f"case {name!r}: weight is {weight}; give it a number above 0.")
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

    The answer is looked up by its name among the names of the notebook that calls. Whatever it
    prints, shows or warns of is left out; whatever it raises is told in words.

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
        The full name of crmlib's own version (``"crmlib.value.rfm"``), if the learner is to write
        it anew.
    sealed
        True if only the grader knows the right answer.

    Returns
    -------
    Verdict or None
        None while a notebook is being graded: then the values are handed over instead.

    Raises
    ------
    ValueError
        If there is no case.

    Examples
    --------
    >>> budget = 250  # in a cell of the learner's
    >>> print(check("budget", [case("your number")], points=2, sealed=True))
    ● Recorded. This answer is marked when your notebook is graded.
      Your answer: 250.
    """
    if not cases:
        raise ValueError(f"check({exercise!r}) needs at least one case.")
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
        return _unjudged(payload)
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
    watch = _Watch(builds, run)
    stopped = False
    for one in cases:
        plain_case: dict = {"name": one.name}
        if stopped:
            plain_case |= in_words(KeyboardInterrupt())
        elif not missing:
            try:
                plain_case |= _try(answer, one, run, watch)
            except KeyboardInterrupt as error:  # the learner's stop button: it ends the whole check
                plain_case |= in_words(error, run)
                stopped = True
        payload["cases"].append(plain_case)
    payload["uses"] = watch.seen
    return payload


def _try(answer: Any, one: Case, run: Callable | None, watch: _Watch) -> dict:
    """Call the answer once, on copies."""
    try:
        args, kwargs = copy.deepcopy(one.args), copy.deepcopy(one.kwargs)
        with _quiet():
            with watch:
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
        return in_words(error, run)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the answer prints, shows, draws or warns of out of the check's own output."""
    with contextlib.ExitStack() as stack:
        nowhere = open(os.devnull, "w", encoding="utf-8", errors="backslashreplace")
        stack.enter_context(nowhere)
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        stack.enter_context(contextlib.redirect_stderr(nowhere))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        stack.enter_context(_no_new_figures())
        yield


@contextlib.contextmanager
def _no_new_figures() -> Iterator[None]:
    """Close the figures that are drawn within: a notebook would show them under the check."""

    def numbers() -> set:
        pyplot = sys.modules.get("matplotlib.pyplot")
        return set(pyplot.get_fignums()) if pyplot else set()

    before = numbers()
    try:
        yield
    finally:
        for number in numbers() - before:
            sys.modules["matplotlib.pyplot"].close(number)


# What an error's name and text leave open for a beginner.
_HINTS = {
    KeyError: "there is no column or key of that name",
    RecursionError: "the function calls itself without end",
    MemoryError: "it needs more memory than there is",
    SystemExit: "exit() and quit() end Python; use return",
    KeyboardInterrupt: "it was stopped before it had finished",
}


def in_words(error: BaseException, run: Callable | None = None) -> dict:
    """An error in a learner's terms: its kind and text, and the line of their code it came from.

    ``run`` is the check's own function, none of whose lines are the learner's.
    """
    try:
        text = to_plain(str(error)).strip().splitlines()
    except BaseException:  # an error whose text can't be had
        text = []
    words = class_name(error) + (f": {text[0][:200]}" if text else "")
    hint = next((hint for kind, hint in _HINTS.items() if isinstance(error, kind)), "")
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if _is_theirs(code.co_filename) and code is not getattr(run, "__code__", None):
            line = linecache.getline(code.co_filename, number).strip()[:120]
    return {"error": f"{words} ({hint})" if hint else words, "line": to_plain(line)}


def _is_theirs(filename: str) -> bool:
    """Is this a notebook cell, not a library?"""
    if filename.startswith("<"):  # <ipython-input-…>, <answer>; but not <frozen importlib>
        return not filename.startswith(("<frozen", "<__array_function__"))
    return re.search(r"ipykernel_\d+", filename) is not None


class _Watch:
    """Sees whether crmlib's own version of a *builds* exercise is called, changing nothing.

    It counts whoever calls it and however it was imported, but not crmlib's own functions, which
    may be built on it, nor the check's ``run``.
    """

    def __init__(self, builds: str, run: Callable | None = None) -> None:
        self.seen = False
        self._code = None
        self._run = getattr(run, "__code__", None)
        if builds:
            module, name = builds.rsplit(".", 1)
            self._code = inspect.unwrap(getattr(importlib.import_module(module), name)).__code__

    def __enter__(self) -> None:
        self._before = sys.getprofile()
        if self._code is not None:
            sys.setprofile(self._look)

    def __exit__(self, *error: object) -> None:
        if self._code is not None:
            sys.setprofile(self._before)

    def _look(self, frame: Any, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code is self._code and not self._is_ours(frame.f_back):
            self.seen = True

    def _is_ours(self, caller: Any) -> bool:
        module = str(caller.f_globals.get("__name__"))
        within = module.startswith("crmlib.") and module != __name__
        return within or caller.f_code is self._run


def _hand_over(payload: dict) -> None:
    from IPython.display import display

    display({MIME: payload}, raw=True)


def _practice(payload: dict) -> Verdict:
    """Judge against the public values beside the notebook."""
    try:
        return judge(_records()[payload["exercise"]], payload)
    except Exception:  # missing, not JSON, of another module or of another version: all one to them
        return _unjudged(
            payload,
            f"{CHECKS_FILE} belongs beside this notebook and is missing, damaged or of another "
            "module. Copy it there again from the course's folder; your answer is not lost.",
        )


def _records() -> dict:
    path = Path(os.environ.get("CRMLIB_CHECKS", CHECKS_FILE))
    return read_checks(path)


def _unjudged(payload: dict, *notes: str) -> Verdict:
    """Here nobody knows the right answer; say only whether there is one."""
    name, points = payload["exercise"], float(payload["points"])
    values = [case.get("value") for case in payload["cases"]]
    errors = [case["error"] for case in payload["cases"] if "error" in case]
    refused = [v for v in values if isinstance(v, dict) and v["type"] in {"refused", "other"}]
    if errors:
        return Verdict(
            name, points, 0.0, NOT_YET, notes=(f"Your code stopped: {errors[0]}", *notes)
        )
    if payload["missing"] or all(value is None for value in values):
        return Verdict(name, points, 0.0, NOT_ATTEMPTED, notes=notes)
    if refused:
        says = f"This can't be marked: it is {describe(refused[0])}."
        return Verdict(name, points, 0.0, NOT_YET, notes=(says, *notes))
    for case in payload["cases"]:
        said = _misread(case)
        if said:
            return Verdict(name, points, 0.0, NOT_YET, notes=(said, *notes))
    recorded = tuple(f"Your answer: {show(value)}." for value in values[:1])
    return Verdict(name, points, 0.0, RECORDED, notes=(*recorded, *notes))


def _misread(case: dict) -> str:
    """What is wrong with an answer that is none of the options, whichever is right."""
    judge = from_spec(case["judge"]) if case.get("judge") else None
    if isinstance(judge, choice) and judge.chosen(case.get("value")) is None:
        return judge.compare(case.get("value"), None).message
    return ""
