"""Decide whether an answer is right, and say in the learner's terms what is wrong.

A judge compares two plain values (see :mod:`crmlib.exercises.plain`). It never sees an object of
the learner's, so the same judge serves the notebook and the grader. An exercise picks one:
:class:`number`, :class:`text`, :class:`items`, :class:`values`, :class:`table`,
:class:`clusters` (a segmentation, judged against the truth) or :class:`decision` (whom to choose,
judged by the money it earns). A message never holds the reference's value.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from crmlib.exercises.plain import count, describe, show, to_plain


@dataclass(frozen=True)
class Outcome:
    """What a judge says of one case: right or not, and a sentence for the learner."""

    right: bool
    message: str = ""


RIGHT = Outcome(True)


class Judge:
    """What all judges share: they travel as plain data and compare plain values."""

    kind: ClassVar[str]

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        """Judge what the learner's code gave against the reference's value."""
        raise NotImplementedError

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        """Is this answer the same as another one (a known mistake's)?"""
        return self.compare(given, other, truth).right

    def needed(self, wanted: Any) -> Any:
        """The part of a reference's value that this judge looks at."""
        return wanted

    def thinned(self, other: Any, wanted: Any) -> Any:
        """A known mistake's value with no more rows than it takes to know it again."""
        return other

    def spec(self) -> dict:
        """The judge as plain data, for :func:`from_spec`."""
        return {"kind": self.kind, **dataclasses.asdict(self)}


def _is_number(plain: Any) -> bool:
    return isinstance(plain, int | float) and not isinstance(plain, bool)


def _is(plain: Any, *kinds: str) -> bool:
    """Is it one of these types of plain value?"""
    return isinstance(plain, dict) and plain["type"] in kinds


def _as_number(plain: Any) -> float | None:
    """The number in a plain value, also from a list, a Series or a table of exactly one."""
    if isinstance(plain, int | float):
        return float(plain)
    if _is(plain, "number"):
        return float(plain["value"])
    if _is(plain, "duration"):
        return _as_number(plain["days"])
    if _is(plain, "list", "series", "table"):
        inside = _members(plain) or []
        return _as_number(inside[0]) if len(inside) == 1 else None
    return None


def _missing(plain: Any) -> bool:
    """None and NaN both say that there is no value."""
    return plain is None or (_is(plain, "number") and plain["value"] == "nan")


def _near(given: float, wanted: float, tolerance: float) -> bool:
    if math.isnan(wanted) or math.isnan(given):
        return math.isnan(wanted) and math.isnan(given)
    if math.isinf(wanted) or math.isinf(given):
        return wanted == given
    # Sums that should be 0 come out as 1e-16.
    return abs(given - wanted) <= tolerance + 1e-9 * abs(wanted) + 1e-12


def _rounding(decimals: int | None, wanted: float) -> float:
    """How far a value rounded to ``decimals`` may lie from the exact one."""
    if decimals is None:
        return 1e-6 * abs(wanted) if math.isfinite(wanted) else 0.0
    return 0.5 * 10**-decimals


@dataclass(frozen=True, kw_only=True)
class number(Judge):
    """One number, exact or rounded to at least ``decimals`` places, or within ``tolerance``.

    Examples
    --------
    >>> number(decimals=1).compare(33.3, 100 / 3).right
    True
    >>> number(decimals=1, unit="points").compare(37.9, 33.3).message
    'Yours is 37.9 points, which is too high.'
    """

    decimals: int | None = None
    tolerance: float = 0.0
    unit: str = ""
    kind = "number"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        goal, value = _as_number(wanted), _as_number(given)
        if goal is None:
            return _unlike(given, wanted)
        if value is None:
            return Outcome(False, f"A single number is asked for; yours is {describe(given)}.")
        allowed = max(self.tolerance, _rounding(self.decimals, goal))
        if _near(value, goal, allowed):
            return RIGHT
        yours = f"Yours is {show(to_plain(value))}{' ' + self.unit if self.unit else ''}"
        if math.isnan(goal):
            return Outcome(False, f"{yours}, but it can't be known here: don't make up a number.")
        if math.isnan(value):
            return Outcome(
                False,
                f"{yours} (not a number), but it can be known here: "
                "is something missing, or divided by 0?",
            )
        return Outcome(False, f"{yours}{_slip(value, goal, allowed)}.")


def _unlike(given: Any, wanted: Any) -> Outcome:
    """Where the reference is no such thing (say, None), only the very same is right."""
    return Outcome(given == wanted, f"It should not be {describe(given)}.")


def _slip(value: float, goal: float, allowed: float) -> str:
    """Name the slips of scale that everybody makes; otherwise say only the direction."""
    close = min(allowed, 0.01 * abs(goal))
    if math.isfinite(value) and math.isfinite(goal) and goal:
        if _near(-value, goal, close):
            return ": the sign is the wrong way round"
        if abs(goal) <= 1 and _near(value / 100, goal, close):
            return ": that is a percentage where a share (0 to 1) is asked for"
        if abs(value) <= 1 and _near(value * 100, goal, close * 100):
            return ": that is a share (0 to 1) where a percentage is asked for"
    return ", which is too high" if value > goal else ", which is too low"


@dataclass(frozen=True, kw_only=True)
class text(Judge):
    """One text, a date or a yes/no; case and surrounding blanks don't matter.

    Where a date is meant, a date, a time stamp at midnight and a text such as "2026/1/31" are
    the same.

    Examples
    --------
    >>> text().compare(" Champions", "champions").right
    True
    """

    kind = "text"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        if isinstance(wanted, bool) and _is_number(given):
            given = bool(given) if given in (0, 1) else given
        if _folded(_as_meant([given], [wanted])[0]) == _folded(wanted):
            return RIGHT
        return Outcome(False, f"Yours is {describe(given)}, which is not right.")


@dataclass(frozen=True, kw_only=True)
class choice(Judge):
    """One of several ``options``, given by its letter or word; what stands behind it is ignored.

    Examples
    --------
    >>> judge = choice(options=["A", "B", "C"])
    >>> judge.compare("b: under conditions", "B").right
    True
    >>> judge.compare("D", "B").message
    "Choose one of 'A', 'B', 'C'; yours is the text 'D'."
    """

    options: list[str] | tuple[str, ...]
    kind = "choice"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        mine = self.chosen(given)
        if mine is None:
            listed = ", ".join(show(option) for option in self.options)
            return Outcome(False, f"Choose one of {listed}; yours is {describe(given)}.")
        if mine == self.chosen(wanted):
            return RIGHT
        return Outcome(False, f"Yours is {show(mine)}, which is not right.")

    def chosen(self, given: Any) -> str | None:
        """The option that is meant, or None."""
        inside = _members(given) if _is(given, "list", "series") else None
        said = _folded(inside[0] if inside and len(inside) == 1 else given)
        for option in self.options:
            if isinstance(said, str) and re.match(rf"{re.escape(_folded(option))}(?!\w)", said):
                return option
        return None


def _folded(plain: Any) -> Any:
    """One spelling for equal labels: 3, 3.0 and "3 " are the same; so are None and NaN."""
    if isinstance(plain, str):
        plain = plain if plain.isascii() else unicodedata.normalize("NFKC", plain)
        return plain.strip().casefold()
    if _missing(plain):
        return None
    if isinstance(plain, int):
        return str(plain).casefold()
    if isinstance(plain, float):
        return str(int(plain)) if plain.is_integer() else f"{plain:.9g}"
    if _is(plain, "date", "number"):
        return str(plain["value"]).casefold()
    if _is(plain, "list"):
        return tuple(_folded(item) for item in plain["items"])
    if _is(plain, "set"):
        return frozenset(_folded(item) for item in plain["items"])
    return repr(plain)


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})?日?)?(?:[T ](\d[\d:.]*))?")


def _as_meant(given: list, wanted: list) -> list:
    """The given values, with texts read as dates where dates are meant."""
    if not any(_is(w, "date") for w in wanted):
        return given
    return [_read_date(g) if isinstance(g, str) else g for g in given]


def _read_date(words: str) -> Any:
    found = _DATE.fullmatch(words.strip())
    if not found:
        return words
    year, month, day, time = found.groups()
    try:
        day = datetime.datetime.fromisoformat(
            f"{year}-{month:0>2}-{day or 1:0>2} {time or '00:00'}"
        )
    except ValueError:
        return words
    return to_plain(day)


@dataclass(frozen=True, kw_only=True)
class items(Judge):
    """A collection of labels (ids, names); ``ordered`` if the order is part of the answer.

    ``what`` names them in messages, in the plural.

    Examples
    --------
    >>> wanted = to_plain(["C1", "C2", "C3"])
    >>> items().compare(to_plain({"C3", "C2", "C1"}), wanted).right
    True
    >>> items(what="customers").compare(to_plain(["C1", "C7"]), wanted).message
    "Your list of customers holds 2: 1 doesn't belong (for example 'C7'); 2 are missing."
    """

    ordered: bool = False
    what: str = "items"
    kind = "items"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        found, goal = _members(given), _members(wanted)
        if goal is None:
            return _unlike(given, wanted)
        if found is None:
            return Outcome(
                False, f"A list of {self.what} is asked for; yours is {describe(given)}."
            )
        if self.ordered and _is(given, "set"):
            return Outcome(False, "A set has no order; a list in the right order is asked for.")
        mine = [_folded(m) for m in _as_meant(found, goal)]
        goal = [_folded(g) for g in goal]
        if mine == goal or (not self.ordered and Counter(mine) == Counter(goal)):
            return RIGHT
        lacking = (Counter(goal) - Counter(mine)).total()
        spelled = dict(zip(mine, found, strict=True))
        extra, known = Counter(mine) - Counter(goal), set(goal)
        strangers = [spelled[m] for m in extra.elements() if m not in known]
        repeats = [spelled[m] for m in extra.elements() if m in known]
        if not extra and not lacking:
            return Outcome(False, f"All {self.what} are there, but their order is not right.")
        parts = [
            _some(strangers, "doesn't belong", "don't belong"),
            _some(repeats, "is there more than once", "are there more than once"),
            f"{lacking:,} {'is' if lacking == 1 else 'are'} missing" if lacking else "",
        ]
        listed = "; ".join(part for part in parts if part)
        return Outcome(False, f"Your list of {self.what} holds {len(mine):,}: {listed}.")


def _some(found: list, one: str, many: str) -> str:
    """How many are so, with an example; "" for none."""
    if not found:
        return ""
    return f"{len(found):,} {one if len(found) == 1 else many} (for example {show(found[0])})"


def _members(plain: Any) -> list | None:
    if _is(plain, "list", "set"):
        return plain["items"]
    if _is(plain, "series"):
        return plain["values"]
    if _is(plain, "table") and len(plain["columns"]) == 1:
        return plain["data"][0]
    return None


@dataclass(frozen=True, kw_only=True)
class values(Judge):
    """Named values (a dictionary, a Series), or a list of numbers: each is judged by its name.

    Numbers may be rounded to ``decimals``. A table of one row, or of two columns (name and value),
    counts as named values too.

    Examples
    --------
    >>> wanted = to_plain({"customers": 120, "share": 0.2514})
    >>> values(decimals=2).compare(to_plain({"share": 0.25, "customers": 120}), wanted).right
    True
    >>> values(decimals=2).compare(to_plain({"customer": 120, "share": 0.25}), wanted).message
    '`customers` is missing (you have `customer`).'
    """

    decimals: int | None = None
    tolerance: float = 0.0
    kind = "values"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        goal_pairs, pairs = _pairs(wanted), _pairs(given)
        if _is(wanted, "list"):
            return self._in_order(given, wanted)
        if goal_pairs is None:
            return _unlike(given, wanted)
        if pairs is None:
            return Outcome(
                False, f"Named values are asked for (a dictionary); yours is {describe(given)}."
            )
        goal, mine, problem = _matched(pairs, goal_pairs)
        if problem:
            return Outcome(False, problem)
        for key, (name, expected) in goal.items():
            outcome = self._one(mine[key][1], expected)
            if not outcome.right:
                return Outcome(False, f"`{_name(name)}`: {_lower(outcome.message)}")
        return RIGHT

    def _in_order(self, given: Any, wanted: Any) -> Outcome:
        goal, mine = _members(wanted), _members(given)
        if mine is None or _is(given, "set"):
            return Outcome(False, f"A list of values is asked for; yours is {describe(given)}.")
        if len(mine) != len(goal):
            few = "few" if len(mine) < len(goal) else "many"
            return Outcome(False, f"Your list has {count(len(mine), 'value')}: too {few}.")
        for i, expected in enumerate(goal):
            outcome = self._one(mine[i], expected)
            if not outcome.right:
                return Outcome(False, f"Value {i + 1} of your list: {_lower(outcome.message)}")
        return RIGHT

    def _one(self, given: Any, wanted: Any) -> Outcome:
        return _compare_cell(
            given, wanted, number(decimals=self.decimals, tolerance=self.tolerance)
        )


def _compare_cell(given: Any, wanted: Any, numeric: number) -> Outcome:
    """Judge one value among many, as a number or as a text; both missing is right."""
    if _missing(given) or _missing(wanted):
        if _missing(given) and _missing(wanted):
            return RIGHT
        if _missing(given):
            return Outcome(False, "Yours is missing (None or NaN), but it can be known.")
        return Outcome(
            False, f"Yours is {show(given)}, but it can't be known there: leave it missing (NaN)."
        )
    if _as_number(wanted) is not None and not isinstance(wanted, bool):
        return numeric.compare(given, wanted)
    return _TEXT.compare(given, wanted)


_TEXT = text()


def _pairs(plain: Any) -> list[tuple[Any, Any]] | None:
    """Names with their values."""
    if _is(plain, "mapping"):
        return list(zip(plain["keys"], plain["values"], strict=True))
    if _is(plain, "series"):
        return list(zip(plain["index"], plain["values"], strict=True))
    if _is(plain, "table"):
        columns, data = plain["columns"], plain["data"]
        if len(columns) == 2 and len(data[0]) > 1:
            return list(zip(data[0], data[1], strict=True))
        if data and len(data[0]) == 1:
            return [(name, column[0]) for name, column in zip(columns, data, strict=True)]
    return None


def _matched(pairs: list, goal_pairs: list) -> tuple[dict, dict, str]:
    """The reference's and the learner's (name, value) by folded name, and what is wrong if any."""
    goal = {_folded(name): (name, value) for name, value in goal_pairs}
    names = _as_meant([name for name, _ in pairs], [name for name, _ in goal_pairs])
    mine = {_folded(n): pair for n, pair in zip(names, pairs, strict=True)}
    if len(mine) < len(pairs):
        first = _repeated([_folded(n) for n in names])
        return goal, mine, f"`{_name(pairs[first][0])}` is there more than once."
    lacking = [name for key, (name, _) in goal.items() if key not in mine]
    if lacking:
        have = [name for name, _ in pairs]
        return goal, mine, f"{_quoted(lacking)} missing{_meant(lacking[0], have)}."
    extra = [name for key, (name, _) in mine.items() if key not in goal]
    if extra:
        doesnt = "doesn't belong" if len(extra) == 1 else "don't belong"
        return goal, mine, f"{_listed(extra)} {doesnt}."
    return goal, mine, ""


def _repeated(names: list) -> int:
    """The position of the first name that was there before."""
    seen: set = set()
    for position, name in enumerate(names):
        if name in seen:
            return position
        seen.add(name)
    return -1


def _name(plain: Any) -> str:
    """A name as the learner wrote it, cut if it is long."""
    words = plain if isinstance(plain, str) else str(plain) if _is_number(plain) else show(plain)
    return words if len(words) <= 40 else words[:37] + "..."


def _listed(names: list) -> str:
    return ", ".join(f"`{_name(n)}`" for n in names[:4]) + (" and others" if len(names) > 4 else "")


def _quoted(names: list) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"


def _meant(name: Any, there: list) -> str:
    """A close spelling among what is there, as a hint."""
    close = difflib.get_close_matches(_name(name), [_name(t) for t in there[:200]], n=1, cutoff=0.7)
    return f" (you have `{close[0]}`)" if close else ""


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


@dataclass(frozen=True, kw_only=True)
class table(Judge):
    """A table whose rows are known by the key column(s) ``by``; row and column order are free.

    Without ``by``, rows are known by their position. ``columns`` are judged (default: all of the
    reference's); more columns are allowed. Numbers may be rounded to ``decimals``; texts of the
    columns ``exact`` must be right to the letter, with capitals and blanks. The key may stand in
    the index; a Series or dictionary by the key serves for a table of one more column.

    Examples
    --------
    >>> import pandas as pd
    >>> wanted = pd.DataFrame({"customer_id": ["C1", "C2"], "frequency": [3, 1]})
    >>> mine = pd.DataFrame({"frequency": [1, 2], "customer_id": ["C2", "C1"]})
    >>> table(by="customer_id").compare(to_plain(mine), to_plain(wanted)).message
    'The column `frequency` is not right in 1 of 2 rows. For C1: yours is 2, which is too low.'
    """

    by: str | list[str] | tuple[str, ...] = ()
    columns: list[str] | tuple[str, ...] | None = None
    decimals: int | None = None
    tolerance: float = 0.0
    exact: list[str] | tuple[str, ...] = ()
    kind = "table"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        if not _is(wanted, "table"):
            return _unlike(given, wanted)
        keys = self._keys()
        given = _pairs_as_table(given, keys, wanted)
        if not _is(given, "table"):
            return Outcome(False, f"A table (DataFrame) is asked for; yours is {describe(given)}.")
        mine, goal = _columns(given), _columns(wanted)
        judged = [c for c in (self.columns or wanted["columns"]) if c not in keys]
        lacking = [c for c in [*keys, *judged] if c not in mine]
        if lacking:
            column = "column" if len(lacking) == 1 else "columns"
            have = f"your table has {_listed(list(mine))}" if mine else "your table has no columns"
            return Outcome(
                False,
                f"The {column} {_quoted(lacking)} missing{_meant(lacking[0], list(mine))}; {have}.",
            )
        mine = {c: _as_meant(mine[c], goal[c]) for c in [*keys, *judged]}
        return self._rows(mine, goal, keys, judged)

    def needed(self, wanted: Any) -> Any:
        keys = self._keys()
        if _is(wanted, "table") and self.columns is not None:
            wanted = _only(wanted, columns=[*keys, *(c for c in self.columns if c not in keys)])
        return _in_order(wanted, keys)

    def thinned(self, other: Any, wanted: Any) -> Any:
        """Some rows that differ from the reference's and some that don't, and how many there are.

        ``same`` then looks at these rows alone.
        """
        keys = self._keys()
        if not keys or not _is(wanted, "table") or not _has(other, keys):
            return other
        wanted = self.needed(wanted)
        mine = self.needed(other) if _has(other, wanted["columns"]) else _in_order(other, keys)
        names = _row_keys(_columns(mine), keys)
        known = dict(zip(_row_keys(_columns(wanted), keys), _as_rows(wanted, mine), strict=True))
        differ = [i for i, row in enumerate(_as_rows(mine, mine)) if row != known.get(names[i])]
        agree = sorted(set(range(len(names))) - set(differ))
        kept = {names[i] for i in _spread(differ, MOST_DIFFERENT) + _spread(agree, MOST_ALIKE)}
        return {**_only(mine, rows=_rows_of(kept, names)), "rows": len(names)}

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        if not (_is(other, "table") and "rows" in other):
            return super().same(given, other, truth)
        keys = self._keys()
        given = _pairs_as_table(given, keys, other)
        if not _has(given, other["columns"]):
            return False
        names, known = _row_keys(_columns(given), keys), _row_keys(_columns(other), keys)
        if len(names) != other["rows"]:
            return False
        # In one order and by position, for a mistake may be that a key is there twice.
        mine = _only(given, columns=other["columns"], rows=_rows_of(set(known), names))
        theirs = _only(other, rows=_rows_of(set(known), known))
        return dataclasses.replace(self, by=(), columns=None).compare(mine, theirs).right

    def _keys(self) -> list[str]:
        return [self.by] if isinstance(self.by, str) else list(self.by)

    def _rows(self, mine: dict, goal: dict, keys: list[str], judged: list[str]) -> Outcome:
        my_keys, goal_keys = _row_keys(mine, keys), _row_keys(goal, keys)
        again = _repeated(my_keys)
        if again >= 0:
            return Outcome(
                False,
                f"{_row_name(mine, keys, again)} stands in your table more than once; "
                f"one row for each {_listed(keys)} is asked for.",
            )
        my_rows = {key: row for row, key in enumerate(my_keys)}
        extra = [my_rows[key] for key in my_rows.keys() - set(goal_keys)]
        lacking = [row for row, key in enumerate(goal_keys) if key not in my_rows]
        if extra or lacking:
            parts = [_rows_that(goal, keys, lacking, "missing")] if lacking else []
            parts += [_rows_that(mine, keys, sorted(extra), "too many")] if extra else []
            return Outcome(
                False, f"Your table has {count(len(my_keys), 'row')}: {' and '.join(parts)}."
            )
        for column in judged:
            aligned = [mine[column][my_rows[key]] for key in goal_keys]
            wrong, message = self._cells(aligned, goal[column], column in self.exact)
            if wrong:
                where = f"For {_row_name(goal, keys, wrong[0])}: {_lower(message)}"
                return Outcome(
                    False,
                    f"The column `{_name(column)}` is not right in {len(wrong):,} of "
                    f"{count(len(goal_keys), 'row')}. {where}",
                )
        return RIGHT

    def _cells(self, given: list, wanted: list, exact: bool) -> tuple[list[int], str]:
        """Which cells of a column are wrong, and what to say of the first."""
        numeric = number(decimals=self.decimals, tolerance=self.tolerance)
        wrong, message = [], ""
        for row, (mine, goal) in enumerate(zip(given, wanted, strict=True)):
            if mine == goal:  # most cells of most answers
                continue
            outcome = _compare_cell(mine, goal, numeric)
            if exact and outcome.right and not (_missing(mine) and _missing(goal)):
                outcome = Outcome(
                    False, f"Yours is {show(mine)}, which is not right to the letter."
                )
            if not outcome.right:
                wrong.append(row)
                message = message or outcome.message
        return wrong, message


MOST_DIFFERENT, MOST_ALIKE = 60, 20  # rows of a known mistake that are kept


def _only(plain: dict, *, columns: list[str] | None = None, rows: list[int] | None = None) -> dict:
    """Some columns or rows of a table."""
    names = [c for c in (columns or plain["columns"]) if c in plain["columns"]]
    data = [plain["data"][plain["columns"].index(c)] for c in names]
    if rows is not None:
        data = [[column[i] for i in rows] for column in data]
    return {"type": "table", "columns": names, "data": data}


def _in_order(plain: Any, keys: list[str]) -> Any:
    """The table's rows by key, where it has the keys: how ties were sorted differs by machine."""
    if not keys or not _has(plain, keys):
        return plain
    names = _row_keys(_columns(plain), keys)
    rows = _as_rows(plain, plain)
    return _only(plain, rows=sorted(range(len(rows)), key=lambda i: repr((names[i], rows[i]))))


def _has(plain: Any, columns: list[str]) -> bool:
    """Is it a table with all these columns?"""
    return _is(plain, "table") and set(columns) <= set(plain["columns"])


def _rows_of(kept: set, names: list[tuple]) -> list[int]:
    """The rows that are known by the names in ``kept``, ordered by name."""
    return sorted((i for i, name in enumerate(names) if name in kept), key=lambda i: repr(names[i]))


def _as_rows(plain: dict, model: dict) -> list[tuple]:
    """The table's rows, in the model's columns."""
    columns = _columns(plain)
    return list(zip(*(columns[c] for c in model["columns"] if c in columns), strict=True))


def _spread(rows: list[int], most: int) -> list[int]:
    """At most so many of the rows, from all over the table."""
    step = max(1, -(-len(rows) // most))
    return rows[::step]


def _pairs_as_table(given: Any, keys: list[str], wanted: dict) -> Any:
    """A Series or dictionary by the key is the same answer as a table of key and value."""
    others = [c for c in wanted["columns"] if c not in keys]
    if _is(given, "series", "mapping") and len(keys) == 1 and len(others) == 1:
        names, found = zip(*_pairs(given), strict=True) if _pairs(given) else ((), ())
        return {
            "type": "table",
            "columns": [keys[0], others[0]],
            "data": [list(names), list(found)],
        }
    return given


def _columns(plain: dict) -> dict[str, list]:
    return dict(zip(plain["columns"], plain["data"], strict=True))


def _row_keys(columns: dict[str, list], keys: list[str]) -> list[tuple]:
    """What each row is known by; without key columns, its position."""
    if not keys:
        return [(position,) for position in range(len(next(iter(columns.values()), [])))]
    return list(zip(*(map(_folded, columns[k]) for k in keys), strict=True))


def _row_name(columns: dict[str, list], keys: list[str], row: int) -> str:
    if not keys:
        return f"row {row + 1}"
    return "/".join(_name(columns[k][row]) for k in keys)


def _rows_that(columns: dict[str, list], keys: list[str], rows: list[int], are: str) -> str:
    """How many rows are missing or too many, with an example."""
    example = _row_name(columns, keys, rows[0])
    return f"{len(rows):,} {'is' if len(rows) == 1 else 'are'} {are} (for example {example})"


@dataclass(frozen=True, kw_only=True)
class clusters(Judge):
    """A segmentation: one label a customer, judged by how well it finds the true segments.

    The measure is the adjusted Rand index (Hubert & Arabie 1985) with the true segments; it must
    reach ``within`` of the reference's. Names and numbers of the labels don't matter. ``truth``
    names the table of true segments, which only the grader holds; ``by`` and ``column`` are its
    columns of customers and segments.

    Examples
    --------
    >>> segments = to_plain({"C1": "gift givers", "C2": "gift givers", "C3": "explorers"})
    >>> judge = clusters(truth="customer_segments", column="segment")
    >>> judge.compare(to_plain({"C1": 7, "C2": 7, "C3": 0}), segments, segments).right
    True
    """

    truth: str
    column: str
    by: str = "customer_id"
    within: float = 0.9
    kind = "clusters"

    def compare(self, given: Any, wanted: Any, truth: Any = None) -> Outcome:
        pairs = _pairs(given)
        if pairs is None:
            return Outcome(
                False,
                f"A label for each `{self.by}` is asked for (a Series indexed by `{self.by}`); "
                f"yours is {describe(given)}.",
            )
        goal, mine, problem = _matched(pairs, _pairs(wanted))
        if problem:
            return Outcome(False, f"Each `{self.by}` needs one label: {problem}")
        if any(_missing(label) for _, label in mine.values()):
            return Outcome(False, "Some have no label (NaN).")
        real = {_folded(name): (name, segment) for name, segment in _pairs(truth)}
        found, best = _rand_index(mine, real), _rand_index(goal, real)
        groups = count(len({_folded(label) for _, label in mine.values()}), "segment")
        agreement = (
            f"{groups}, whose agreement with the true ones (adjusted Rand index) is {found:.2f}"
        )
        if _enough(found, best, self.within):
            return Outcome(True, f"You find {agreement}.")
        return Outcome(False, f"You find {agreement}; 1 is perfect, 0 is chance.")

    def thinned(self, other: Any, wanted: Any) -> Any:
        """The labels of some: enough to see whether another labelling is the same."""
        pairs = _pairs(other)
        if not pairs:
            return other
        names, labels = zip(*(pairs[i] for i in _spread(range(len(pairs)), 400)), strict=True)
        some = {"type": "mapping", "keys": list(names), "values": list(labels)}
        return {**some, "rows": len(pairs)}

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        mine = {_folded(name): (name, label) for name, label in _pairs(given) or []}
        theirs = {_folded(name): (name, label) for name, label in _pairs(other) or []}
        if not theirs or len(mine) != other.get("rows", len(theirs)):
            return False
        return theirs.keys() <= mine.keys() and _rand_index(mine, theirs) > 0.8


def _rand_index(labels: dict, truth: dict) -> float:
    """Adjusted Rand index of two labellings, over the names that both hold."""
    from sklearn.metrics import adjusted_rand_score

    names = [name for name in truth if name in labels]
    return float(
        adjusted_rand_score(
            [repr(_folded(truth[name][1])) for name in names],
            [repr(_folded(labels[name][1])) for name in names],
        )
    )


def _enough(found: float, goal: float, within: float) -> bool:
    """Does it come near the reference's? Also of a loss, only that share more may be lost."""
    return found >= goal - (1 - within) * abs(goal) - 1e-9


@dataclass(frozen=True, kw_only=True)
class decision(Judge):
    """Whom to choose: a list of at most ``most`` ids, judged by the yuan it earns.

    The grader alone knows what each choice is worth (the table named by ``truth``, with the
    columns ``by`` and ``column``, the latter in yuan). The list must earn at least ``within`` of
    what the reference's earns. The message gives the *regret*: the difference to the best list
    that the truth allows.

    Examples
    --------
    >>> worth = to_plain({"C1": 30.0, "C2": 20.0, "C3": -12.0})
    >>> judge = decision(truth="call_value", column="call_value", most=1)
    >>> judge.compare(to_plain(["C1"]), to_plain(["C1"]), worth).message
    'Your list earns 30 yuan; the best one possible earns 30. You leave 0 yuan on the table.'
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
            return Outcome(
                False, f"A list of `{self.by}` is asked for; yours is {describe(given)}."
            )
        worth = {_folded(name): _as_number(value) for name, value in _pairs(truth)}
        ids = [_folded(c) for c in chosen]
        again = _repeated(ids)
        if again >= 0:
            return Outcome(False, f"{show(chosen[again])} is in your list more than once.")
        if len(ids) > self.most:
            return Outcome(False, f"Your list has {len(ids):,}; at most {self.most:,} are allowed.")
        unknown = [c for c, i in zip(chosen, ids, strict=True) if i not in worth]
        if unknown:
            return Outcome(
                False,
                f"{show(unknown[0])} can't be chosen here: it is not a `{self.by}` of the tables "
                "that you were given.",
            )
        mine = sum(worth[i] for i in ids)
        goal = sum(worth[_folded(i)] for i in _members(wanted))
        best = sum(v for v in sorted(worth.values(), reverse=True)[: self.most] if v > 0)
        words = (
            f"Your list earns {_yuan(mine)} yuan; the best one possible earns {_yuan(best)}. "
            f"You leave {_yuan(best - mine)} yuan on the table."
        )
        if _enough(mine, goal, self.within):
            return Outcome(True, words)
        needed = goal - (1 - self.within) * abs(goal)
        return Outcome(False, f"{words} Here {_yuan(needed)} yuan are asked for.")

    def same(self, given: Any, other: Any, truth: Any = None) -> bool:
        mine, theirs = _members(given), _members(other)
        if not mine or not theirs:
            return mine == theirs
        shared = {_folded(m) for m in mine} & {_folded(t) for t in theirs}
        return len(shared) >= 0.8 * max(len(mine), len(theirs))


def _yuan(amount: float) -> str:
    return f"{round(amount) + 0:,}"  # + 0: never "-0"


JUDGES: dict[str, type[Judge]] = {
    judge.kind: judge for judge in (number, text, choice, items, values, table, clusters, decision)
}


def from_spec(spec: dict) -> Judge:
    """Make the judge that :meth:`Judge.spec` described."""
    options = dict(spec)
    return JUDGES[options.pop("kind")](**options)


def default_for(wanted: Any) -> Judge:
    """The natural judge of a reference value.

    >>> default_for(to_plain([0.5, 0.25])).kind, default_for(to_plain(["C1", "C2"])).kind
    ('values', 'items')
    """
    if _is(wanted, "table"):
        first = wanted["columns"][:1]
        unique = first and _repeated(_row_keys(_columns(wanted), first)) < 0
        return table(by=first if unique else ())
    if _is(wanted, "mapping", "series"):
        return values()
    if _is(wanted, "list") and any(isinstance(item, float) for item in wanted["items"]):
        return values()
    if _is(wanted, "list", "set"):
        return items(ordered=wanted["type"] == "list")
    return number() if _is_number(wanted) or _is(wanted, "number", "duration") else text()
