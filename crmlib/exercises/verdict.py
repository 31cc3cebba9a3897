"""What an answer is worth: judge each case, name the mistake, show it as a card.

A *record* is what is known of an exercise on one draw of the tables: for each case the judge and
the reference's value, and what the untouched starter and each known mistake (trap) give there.
A *payload* is what the learner's code gave. Both are plain data, so the same function judges in
the notebook and in the grader.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from crmlib.exercises.judges import from_spec
from crmlib.exercises.plain import describe, to_plain

NOT_ATTEMPTED, NOT_YET, PASSED, RECORDED = "not attempted", "not yet", "passed", "recorded"


@dataclass(frozen=True)
class CaseResult:
    """One case: its name, whether it is right, and what to tell the learner."""

    name: str
    right: bool
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """The outcome of one exercise.

    Attributes
    ----------
    exercise : str
        The exercise's name.
    points, score : float
        The most that can be had, and what was earned (0 to ``points``).
    state : str
        ``"not attempted"``, ``"not yet"``, ``"passed"`` or ``"recorded"`` (sealed).
    cases : tuple of CaseResult
    mistake : str
        The sentence of the known mistake that this looks like, or "".
    trap : str
        That mistake's name, or "".
    notes : tuple of str
        Anything else worth telling, such as "this calls crmlib's own version".

    In a notebook it shows as a card; its ``repr`` is the score, which is what nbgrader reads.
    """

    exercise: str
    points: float
    score: float
    state: str
    cases: tuple[CaseResult, ...] = ()
    mistake: str = ""
    trap: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        score = self.score if math.isfinite(self.score) else 0.0
        # Rounding comes first: 0.666 points must not become 0.67.
        score = min(round(max(score, 0.0), 2), self.points) if score < self.points else self.points
        object.__setattr__(self, "score", score)

    def __repr__(self) -> str:
        return f"{self.score:g}"

    def __str__(self) -> str:
        lines = [f"{_MARKS[self.state]} {self.headline()}"]
        lines += [
            f"  {'✓' if c.right else '✗'} {c.name}: {c.message or 'right'}" for c in self.cases
        ]
        lines += [f"  → {self.mistake}"] if self.mistake else []
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def headline(self) -> str:
        """The outcome in one line."""
        if self.state == RECORDED:
            return "Recorded. This answer is marked when your notebook is graded."
        words = {NOT_ATTEMPTED: "Not attempted yet", NOT_YET: "Not yet", PASSED: "Passed"}
        return f"{words[self.state]}: {self.score:g} of {self.points:g} points"

    def _repr_html_(self) -> str:
        return card(self)


_MARKS = {NOT_ATTEMPTED: "○", NOT_YET: "✗", PASSED: "✓", RECORDED: "●"}
_COLOURS = {NOT_ATTEMPTED: "#5f6b7a", NOT_YET: "#b3541e", PASSED: "#00694e", RECORDED: "#004b87"}
GRADING_NOTE = "Grading runs this same check on other data."


def card(verdict: Verdict, *, practice: bool = True) -> str:
    """The verdict as a self-contained HTML fragment; every text in it is escaped."""
    colour = _COLOURS[verdict.state]
    rows = "".join(_row(result) for result in verdict.cases)
    parts = [
        f'<p style="margin:0;color:{colour}"><b>{_MARKS[verdict.state]} '
        f"{html.escape(verdict.headline())}</b></p>"
    ]
    if verdict.mistake:
        parts.append(
            f'<p style="margin:.5em 0"><b>What it looks like:</b> {with_code(verdict.mistake)}</p>'
        )
    if rows:
        parts.append(f'<ul style="margin:.5em 0;padding-left:1.2em;list-style:none">{rows}</ul>')
    notes = [*verdict.notes]
    if practice and verdict.state in (NOT_YET, PASSED):
        notes.append(GRADING_NOTE)
    parts += [f'<p style="margin:.3em 0;font-size:.9em">{with_code(note)}</p>' for note in notes]
    return (
        f'<div role="status" style="border-left:5px solid {colour};padding:.5em 1em;'
        f'margin:.5em 0;overflow-wrap:anywhere;background:#fff;color:#1d2724">'
        f"{''.join(parts)}</div>"
    )


def with_code(text: str) -> str:
    """The text escaped for HTML, with names between backticks set as code.

    >>> with_code("`a` < 3")
    '<code>a</code> &lt; 3'
    """
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text))


def _row(result: CaseResult) -> str:
    """One case as an item of the card's list."""
    colour = _COLOURS[PASSED if result.right else NOT_YET]
    outcome = "✓ right" if result.right else "✗ not yet"
    message = f"<br>{with_code(result.message)}" if result.message else ""
    return (
        f'<li style="margin:.25em 0"><span style="color:{colour}"><b>{outcome}</b></span>'
        f" · {with_code(result.name)}{message}</li>"
    )


def judge(record: dict, payload: dict) -> Verdict:
    """Judge a learner's payload against a record. Whatever the payload is, this doesn't raise.

    Parameters
    ----------
    record : dict
        ``exercise``, ``points``, ``callable``, ``cases`` (``name``, ``weight``, ``judge``,
        ``wanted``, ``truth``), ``starter`` and ``traps`` (``name``, ``says``, ``cases``; a case
        on which the trap gives the reference's value is None).
    payload : dict
        ``exercise``, ``missing``, ``callable``, ``cases`` (each with ``value`` or ``error``),
        ``uses`` (names of crmlib's own versions that were called).

    Returns
    -------
    Verdict

    Examples
    --------
    >>> spec = {"kind": "number", "decimals": 1}
    >>> given = {"name": "five customers", "value": 20.0}
    >>> record = {
    ...     "exercise": "nps", "points": 4, "callable": True, "traps": [], "starter": [{}],
    ...     "cases": [{"name": "five customers", "weight": 1, "judge": spec, "wanted": 33.3}],
    ... }
    >>> print(judge(record, {"exercise": "nps", "callable": True, "cases": [given]}))
    ✗ Not yet: 0 of 4 points
      ✗ five customers: Yours is 20, which is too low.
    """
    name, points = record["exercise"], float(record["points"])
    payload = payload if isinstance(payload, dict) else {}
    if payload.get("missing"):
        says = f"There is no `{name}` yet: run the cell that defines it, then this one."
        return Verdict(name, points, 0.0, NOT_ATTEMPTED, notes=(says,))
    cases = payload.get("cases")
    given = [_GivenCase.read(case) for case in cases] if isinstance(cases, list) else []
    if len(given) != len(record["cases"]):
        says = "This check's cell was changed. Copy it again from the course's notebook."
        return Verdict(name, points, 0.0, NOT_YET, notes=(says,))
    if _same_as_starter(record, given):
        empty = all(not g.error and g.value is None for g in given)
        says = (
            f"`{name}` gives nothing back yet. If you have written code, does it end in `return`?"
            if record.get("callable") and empty
            else "Write your answer in the cell above, run it, then run this one."
        )
        return Verdict(name, points, 0.0, NOT_ATTEMPTED, notes=(says,))
    if bool(record.get("callable")) != bool(payload.get("callable")):
        says = (
            f"`{name}` should be a function (`def {name}(...)`), but it is a value now."
            if record.get("callable")
            else f"`{name}` should be a value (`{name} = ...`), but it is a function now."
        )
        return Verdict(name, points, 0.0, NOT_YET, notes=(says,))
    results = tuple(
        _judge_case(case, one, bool(record.get("callable")))
        for case, one in zip(record["cases"], given, strict=True)
    )
    total = sum(case["weight"] for case in record["cases"])
    earned = sum(
        case["weight"] for case, r in zip(record["cases"], results, strict=True) if r.right
    )
    passed = all(r.right for r in results)
    results = _said_once(results)
    trap = None if passed else _nearest_trap(record, given, results)
    return Verdict(
        name,
        points,
        points * earned / total,
        PASSED if passed else NOT_YET,
        results,
        mistake=trap["says"] if trap else "",
        trap=trap["name"] if trap else "",
        notes=_notes(record, payload),
    )


def _said_once(results: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    """The same sentence under every case is noise: say it at the first."""
    seen: set[str] = set()
    shown = []
    for result in results:
        again = bool(result.message) and not result.right and result.message in seen
        seen.add(result.message)
        shown.append(replace(result, message="As above.") if again else result)
    return tuple(shown)


@dataclass(frozen=True)
class _GivenCase:
    """What the learner's code gave on one case: a plain value, or an error in words."""

    value: Any = None
    error: str = ""
    line: str = ""

    @classmethod
    def read(cls, case: Any) -> _GivenCase:
        case = case if isinstance(case, dict) else {}
        error, line = case.get("error") or "", case.get("line") or ""
        error = error if isinstance(error, str) else "an error that can't be read"
        return cls(case.get("value"), error, line if isinstance(line, str) else "")


def _judge_case(case: dict, given: _GivenCase, is_function: bool) -> CaseResult:
    right, message = _compare(case, given, is_function)
    # What comes out of a learner's process may be endless, or hold what no file accepts.
    return CaseResult(case["name"], right, to_plain(message[:MAX_MESSAGE]))


MAX_MESSAGE = 600


def _compare(case: dict, given: _GivenCase, is_function: bool) -> tuple[bool, str]:
    if given.error:
        where = f" (in the line `{given.line[:120]}`)" if given.line else ""
        return False, f"Your code stopped: {given.error[:300]}{where}"
    if given.value is None and case["wanted"] is not None:
        missing = " Is a `return` missing?" if is_function else ""
        return False, f"Nothing came back (None).{missing}"
    chosen = from_spec(case["judge"])
    try:
        if isinstance(given.value, dict) and given.value["type"] == "refused":
            return False, f"Yours is {describe(given.value)}."
        outcome = chosen.compare(given.value, case["wanted"], case.get("truth"))
        return outcome.right, outcome.message
    except Exception:  # a malformed value is a wrong answer, never a crash
        return False, "Yours can't be read."


def _same_case(case: dict, given: _GivenCase, other: _GivenCase) -> bool:
    if given.error or other.error:
        return bool(given.error) and given.error == other.error
    if given.value == other.value:
        return True
    if given.value is None or other.value is None:
        return False
    try:
        return from_spec(case["judge"]).same(given.value, other.value, case.get("truth"))
    except Exception:
        return False


def _same_as_starter(record: dict, given: list[_GivenCase]) -> bool:
    starter = [_GivenCase.read(case) for case in record["starter"]]
    return all(
        (g.error or None, g.value) == (s.error or None, s.value)
        for g, s in zip(given, starter, strict=True)
    )


def _nearest_trap(record: dict, given: list[_GivenCase], results: tuple) -> dict | None:
    """The known mistake that explains most of the cases that are not right.

    A mistake explains a case if it gives the learner's value there. Of two that explain as many,
    it is the one that would have shown in fewer of the other cases.
    """
    best, most = None, (0, 0)
    for trap in record["traps"]:
        explained = elsewhere = 0
        for case, one, other, result in zip(
            record["cases"], given, trap["cases"], results, strict=True
        ):
            if other is None:
                continue
            if result.right:
                elsewhere += 1  # the mistake would have shown here too
            else:
                explained += _same_case(case, one, _GivenCase.read(other))
        if explained and (explained, -elsewhere) > most:
            best, most = trap, (explained, -elsewhere)
    return best


def _notes(record: dict, payload: dict) -> tuple[str, ...]:
    if record.get("builds") and payload.get("uses"):
        return (
            f"Your code calls `{record['builds']}`. Here the point is to write it yourself. "
            "It costs no points, but your instructor sees it.",
        )
    return ()
