"""Decide whether an answer is right, and say in the learner's terms what is wrong.

A judge compares two plain values (see :mod:`crmlib.exercises.plain`). It never sees an object of
the learner's, so the same judge serves the notebook and the grader. An exercise picks one:
:class:`number`, :class:`table`, :class:`items`, :class:`values`, :class:`text`,
:class:`clusters` (a segmentation, judged against the truth) or :class:`decision` (whom to choose,
judged by the money it earns).
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from crmlib.exercises.plain import describe, show


@dataclass(frozen=True)
class Outcome:
    """What a judge says of one case: right or not, and a sentence for the learner."""

    right: bool
    message: str = ""


class Judge:
    """What all judges share: they travel as plain data and compare plain values."""

    kind: ClassVar[str]

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        """Judge what the learner's code gave against the reference's value."""
        raise NotImplementedError

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        """Is this answer the same as another one (a known mistake's)?"""
        return self.compare(given, other, truth).right

    def spec(self) -> dict:
        """The judge as plain data, for :func:`from_spec`."""
        return {"kind": self.kind, **dataclasses.asdict(self)}


def _finite(plain: Any) -> bool:
    return isinstance(plain, int | float) and not isinstance(plain, bool)


def _as_number(plain: Any) -> float | None:
    """The number in a plain value, also from a list, a Series or a table of exactly one."""
    if _finite(plain) or isinstance(plain, bool):
        return float(plain)
    if isinstance(plain, dict):
        if plain["type"] == "number":
            return float(plain["value"])
        if plain["type"] == "duration":
            return _as_number(plain["days"])
        inside = plain.get("values") or plain.get("items") or []
        if plain["type"] in {"series", "list"} and len(inside) == 1:
            return _as_number(inside[0])
    return None


def _near(given: float, wanted: float, tolerance: float) -> bool:
    if math.isnan(wanted) or math.isnan(given):
        return math.isnan(wanted) and math.isnan(given)
    if math.isinf(wanted) or math.isinf(given):
        return wanted == given
    return abs(given - wanted) <= tolerance + 1e-9 * abs(wanted)


def _rounding(decimals: int | None, wanted: float) -> float:
    """How far a value rounded to ``decimals`` may lie from the exact one."""
    if decimals is None:
        return 1e-6 * abs(wanted) if math.isfinite(wanted) else 0.0
    return 0.5 * 10**-decimals


@dataclass(frozen=True, kw_only=True)
class number(Judge):
    """One number, exact or rounded to at least ``decimals`` places, or within ``tolerance``."""

    decimals: int | None = None
    tolerance: float = 0.0
    unit: str = ""
    kind = "number"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        goal = _as_number(wanted)
        value = _as_number(given)
        if goal is None:
            return Outcome(given == wanted, f"It should not be {describe(given)}.")
        if value is None:
            return Outcome(False, f"A single number is asked for; yours is {describe(given)}.")
        allowed = max(self.tolerance, _rounding(self.decimals, goal))
        if _near(value, goal, allowed):
            return Outcome(True)
        yours = f"Yours is {show(given)}{' ' + self.unit if self.unit else ''}"
        if math.isnan(goal):
            return Outcome(False, f"{yours}; here the honest answer is NaN: it can't be known.")
        if math.isnan(value):
            return Outcome(False, f"{yours}: something divides by zero or is missing.")
        return Outcome(False, f"{yours}{_scale_hint(value, goal, allowed)}.")


def _scale_hint(value: float, goal: float, allowed: float) -> str:
    """Name the slips of scale that everybody makes; otherwise say only the direction."""
    if math.isinf(value) or math.isinf(goal) or goal == 0:
        return ", which is not right"
    if _near(-value, goal, allowed):
        return ": the sign is the wrong way round"
    if _near(value / 100, goal, allowed):
        return ": that is a percentage where a share (0 to 1) is asked"
    if _near(value * 100, goal, allowed * 100):
        return ": that is a share (0 to 1) where a percentage is asked"
    return ", which is too high" if value > goal else ", which is too low"


@dataclass(frozen=True, kw_only=True)
class text(Judge):
    """One text, a date or a yes/no; case and surrounding blanks don't matter."""

    kind = "text"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        if _folded(given) == _folded(wanted):
            return Outcome(True)
        return Outcome(False, f"Yours is {describe(given)}, which is not right.")


def _folded(plain: Any) -> Any:
    """One spelling for equal labels: 3, 3.0 and "3 " are the same label."""
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    if isinstance(plain, str):
        return plain.strip().casefold()
    if isinstance(plain, dict) and plain["type"] in {"date", "number"}:
        return str(plain["value"])
    return repr(plain) if isinstance(plain, dict) else plain


@dataclass(frozen=True, kw_only=True)
class items(Judge):
    """A collection of labels (ids, names); ``ordered`` if the order is part of the answer."""

    ordered: bool = False
    what: str = "items"
    kind = "items"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        mine, goal = _members(given), _members(wanted)
        if goal is None:
            return Outcome(given == wanted, f"It should not be {describe(given)}.")
        if mine is None:
            return Outcome(
                False, f"A list of {self.what} is asked for; yours is {describe(given)}."
            )
        mine, goal = [_folded(m) for m in mine], [_folded(g) for g in goal]
        if mine == goal or (not self.ordered and Counter(mine) == Counter(goal)):
            return Outcome(True)
        extra, lacking = Counter(mine) - Counter(goal), Counter(goal) - Counter(mine)
        if not extra and not lacking:
            return Outcome(False, f"All {self.what} are there, but their order is not right.")
        words = f"Yours has {len(mine):,} {self.what}: {sum(extra.values()):,} don't belong"
        words += f" and {sum(lacking.values()):,} are missing."
        if extra:
            words += f" For example, {show(next(iter(extra)))} doesn't belong."
        return Outcome(False, words)


def _members(plain: Any) -> list | None:
    if isinstance(plain, dict):
        if plain["type"] in {"list", "set"}:
            return plain["items"]
        if plain["type"] == "series":
            return plain["values"]
        if plain["type"] == "table" and len(plain["columns"]) == 1:
            return plain["data"][0]
    return None


@dataclass(frozen=True, kw_only=True)
class values(Judge):
    """Named values (a dictionary, a Series): each is judged by its name."""

    decimals: int | None = None
    tolerance: float = 0.0
    kind = "values"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        goal, mine = _named(wanted), _named(given)
        if goal is None:
            return Outcome(given == wanted, f"It should not be {describe(given)}.")
        if mine is None:
            return Outcome(
                False, f"Named values are asked for (a dictionary); yours is {describe(given)}."
            )
        lacking = [k for k in goal if k not in mine]
        if lacking:
            return Outcome(False, f"{_quote(lacking)} is missing{_meant(lacking[0], mine)}.")
        extra = [k for k in mine if k not in goal]
        if extra:
            return Outcome(False, f"{_quote(extra)} doesn't belong.")
        judge = number(decimals=self.decimals, tolerance=self.tolerance)
        for name, expected in goal.items():
            one = judge if _as_number(expected) is not None else text()
            outcome = one.compare(mine[name], expected)
            if not outcome.right:
                return Outcome(False, f"`{name}`: {outcome.message}")
        return Outcome(True)


def _named(plain: Any) -> dict | None:
    if not isinstance(plain, dict):
        return None
    if plain["type"] == "mapping":
        return {str(_folded(k)): v for k, v in zip(plain["keys"], plain["values"], strict=True)}
    if plain["type"] == "series":
        return {str(_folded(k)): v for k, v in zip(plain["index"], plain["values"], strict=True)}
    if plain["type"] == "table":  # a one-row table, or two columns: name and value
        columns, data = plain["columns"], plain["data"]
        if data and len(data[0]) == 1:
            return {
                c.strip().casefold(): column[0] for c, column in zip(columns, data, strict=True)
            }
        if len(columns) == 2:
            return {str(_folded(k)): v for k, v in zip(data[0], data[1], strict=True)}
    return None


def _quote(names: list) -> str:
    listed = ", ".join(f"`{n}`" for n in names[:4])
    return listed + (" and others" if len(names) > 4 else "")


def _meant(name: str, there: Any) -> str:
    """A close spelling among what is there, as a hint."""
    close = difflib.get_close_matches(str(name), [str(t) for t in there], n=1, cutoff=0.7)
    return f" (you have `{close[0]}`)" if close else ""


@dataclass(frozen=True, kw_only=True)
class table(Judge):
    """A table whose rows are known by the key column(s) ``by``; row and column order are free.

    ``columns`` are judged (default: all of the reference's); more columns are allowed. Numbers
    may be rounded to ``decimals``.
    """

    by: str | list[str] | tuple[str, ...] = ()
    columns: list[str] | tuple[str, ...] | None = None
    decimals: int | None = None
    tolerance: float = 0.0
    kind = "table"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        if not (isinstance(wanted, dict) and wanted["type"] == "table"):
            return Outcome(given == wanted, f"It should not be {describe(given)}.")
        keys = [self.by] if isinstance(self.by, str) else list(self.by)
        given = _series_as_table(given, keys, wanted)
        if not (isinstance(given, dict) and given["type"] == "table"):
            return Outcome(False, f"A table (DataFrame) is asked for; yours is {describe(given)}.")
        mine, goal = _columns(given), _columns(wanted)
        judged = [c for c in (self.columns or wanted["columns"]) if c not in keys]
        lacking = [c for c in [*keys, *judged] if c not in mine]
        if lacking:
            return Outcome(
                False,
                f"The column {_quote(lacking)} is missing{_meant(lacking[0], mine)}; "
                f"your table has {_quote(list(mine))}.",
            )
        return self._rows(mine, goal, keys, judged)

    def _rows(self, mine: dict, goal: dict, keys: list[str], judged: list[str]) -> Outcome:
        my_rows, problem = _by_key(mine, keys)
        goal_rows, _ = _by_key(goal, keys)
        if problem:
            return Outcome(False, problem)
        extra = [k for k in my_rows if k not in goal_rows]
        lacking = [k for k in goal_rows if k not in my_rows]
        if extra or lacking:
            parts = []
            if lacking:
                parts.append(f"{len(lacking):,} rows are missing (e.g. {_key_text(lacking[0])})")
            if extra:
                parts.append(f"{len(extra):,} rows don't belong (e.g. {_key_text(extra[0])})")
            return Outcome(
                False, f"Of {len(my_rows):,} rows in your table, " + "; ".join(parts) + "."
            )
        for column in judged:
            wrong, hint = [], ""
            for key, row in goal_rows.items():
                outcome = self._cell(mine[column][my_rows[key]], goal[column][row])
                if not outcome.right:
                    wrong.append(key)
                    hint = hint or outcome.message
            if wrong:
                where = f" For {_key_text(wrong[0])}: {_lower(hint)}" if keys else f" {hint}"
                return Outcome(
                    False,
                    f"The column `{column}` is not right in {len(wrong):,} of "
                    f"{len(goal_rows):,} rows.{where}",
                )
        return Outcome(True)

    def _cell(self, given: Any, wanted: Any) -> Outcome:
        if _as_number(wanted) is not None and not isinstance(wanted, bool):
            return number(decimals=self.decimals, tolerance=self.tolerance).compare(given, wanted)
        return text().compare(given, wanted)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _series_as_table(given: Any, keys: list[str], wanted: dict) -> Any:
    """A Series indexed by the key is the same answer as a two-column table."""
    values_columns = [c for c in wanted["columns"] if c not in keys]
    if (
        isinstance(given, dict)
        and given["type"] == "series"
        and len(keys) == 1
        and len(values_columns) == 1
    ):
        columns = [keys[0], values_columns[0]]
        return {"type": "table", "columns": columns, "data": [given["index"], given["values"]]}
    return given


def _columns(plain: dict) -> dict[str, list]:
    return dict(zip(plain["columns"], plain["data"], strict=True))


def _by_key(columns: dict[str, list], keys: list[str]) -> tuple[dict, str]:
    """Row number by key; without keys, rows are known by their position."""
    length = len(next(iter(columns.values()), []))
    if not keys:
        return {(i,): i for i in range(length)}, ""
    rows: dict[tuple, int] = {}
    for i in range(length):
        key = tuple(_folded(columns[k][i]) for k in keys)
        if key in rows:
            return {}, (
                f"{_key_text(key)} stands in your table more than once; "
                f"one row for each {_quote(keys)} is asked for."
            )
        rows[key] = i
    return rows, ""


def _key_text(key: tuple) -> str:
    words = [
        str(k).upper() if isinstance(k, str) and any(map(str.isdigit, k)) else str(k) for k in key
    ]
    return (
        "row " + str(key[0] + 1) if len(key) == 1 and isinstance(key[0], int) else "/".join(words)
    )


@dataclass(frozen=True, kw_only=True)
class clusters(Judge):
    """A segmentation: one label a customer, judged by how well it finds the true segments.

    The measure is the adjusted Rand index (Hubert & Arabie 1985) with the true segments; it must
    reach ``within`` of the reference's. Names and numbers of the labels don't matter. ``truth``
    names the table of true segments, which only the grader holds.
    """

    truth: str
    column: str
    by: str = "customer_id"
    within: float = 0.9
    kind = "clusters"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        labels, goal, real = _named(given), _named(wanted), _named(truth)
        if labels is None:
            return Outcome(
                False,
                "A label for each customer is asked for (a Series indexed by customer); "
                f"yours is {describe(given)}.",
            )
        if set(labels) != set(goal):
            return Outcome(
                False, f"Every customer needs one label: {len(labels):,} came, not {len(goal):,}."
            )
        if any(_as_number(v) is not None and math.isnan(_as_number(v)) for v in labels.values()):
            return Outcome(False, "Some customers have no label (NaN).")
        mine, best = _ari(labels, real), _ari(goal, real)
        groups = len({repr(v) for v in labels.values()})
        words = f"{groups} segments; agreement with the true ones (adjusted Rand index) {mine:.2f}"
        if mine >= self.within * best:
            return Outcome(True, words.capitalize() + ".")
        return Outcome(False, f"Your pipeline finds {words}, where 1 is perfect and 0 is chance.")

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        mine, theirs = _named(given), _named(other)
        if not mine or not theirs or set(mine) != set(theirs):
            return False
        return _ari(mine, theirs) > 0.8


def _ari(labels: dict, truth: dict) -> float:
    from sklearn.metrics import adjusted_rand_score

    names = sorted(set(labels) & set(truth))
    return float(
        adjusted_rand_score([repr(truth[n]) for n in names], [repr(labels[n]) for n in names])
    )


@dataclass(frozen=True, kw_only=True)
class decision(Judge):
    """Whom to choose: a list of at most ``most`` ids, judged by the yuan it earns.

    The grader alone knows what each choice is worth (the table named by ``truth``). The list must
    earn at least ``within`` of what the reference's earns. The message gives the *regret*: the
    difference to the best list that the truth allows.
    """

    truth: str
    column: str
    most: int
    by: str = "customer_id"
    within: float = 0.9
    kind = "decision"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        chosen = _members(given)
        if chosen is None:
            return Outcome(False, f"A list of {self.by}s is asked for; yours is {describe(given)}.")
        worth = {k: _as_number(v) or 0.0 for k, v in _named(truth).items()}
        ids = [_folded(c) for c in chosen]
        if len(set(ids)) < len(ids):
            return Outcome(False, f"{show(chosen[_first_repeat(ids)])} is in your list twice.")
        if len(ids) > self.most:
            return Outcome(False, f"Your list has {len(ids):,}; at most {self.most:,} are allowed.")
        unknown = [c for c, i in zip(chosen, ids, strict=True) if str(i) not in worth]
        if unknown:
            return Outcome(False, f"{show(unknown[0])} is not a `{self.by}` of these tables.")
        mine = sum(worth[str(i)] for i in ids)
        goal = sum(worth[str(_folded(i))] for i in _members(wanted))
        best = sum(v for v in sorted(worth.values(), reverse=True)[: self.most] if v > 0)
        words = (
            f"Your list earns {mine:,.0f} yuan; the best one possible {best:,.0f}. "
            f"You leave {best - mine:,.0f} yuan on the table."
        )
        return Outcome(mine >= self.within * goal, words)

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        mine, theirs = _members(given), _members(other)
        if not mine or not theirs:
            return mine == theirs
        shared = {_folded(m) for m in mine} & {_folded(t) for t in theirs}
        return len(shared) >= 0.8 * max(len(mine), len(theirs))


def _first_repeat(ids: list) -> int:
    seen: set = set()
    for i, name in enumerate(ids):
        if name in seen:
            return i
        seen.add(name)
    return 0


JUDGES: dict[str, type[Judge]] = {
    judge.kind: judge for judge in (number, text, items, values, table, clusters, decision)
}


def from_spec(spec: dict) -> Judge:
    """Make the judge that :meth:`Judge.spec` described."""
    options = dict(spec)
    return JUDGES[options.pop("kind")](**options)


def default_for(wanted: Any) -> Judge:
    """The natural judge of a reference value."""
    if isinstance(wanted, dict):
        kind = wanted["type"]
        if kind == "table":
            return table(by=wanted["columns"][0]) if wanted["columns"] else table()
        if kind in {"mapping", "series"}:
            return values()
        if kind in {"list", "set"}:
            return items(ordered=kind == "list")
        if kind in {"number", "duration"}:
            return number()
    return number() if _finite(wanted) else text()
