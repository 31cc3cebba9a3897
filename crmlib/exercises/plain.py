"""Turn whatever a learner's code yields into plain values that can be compared safely.

A *plain* value holds nothing but what JSON holds. It is made in the learner's process and judged
in another one, so nothing here is ever pickled or evaluated, and size and depth are limited.
"""

from __future__ import annotations

import datetime
import math
import numbers
from collections import deque
from collections.abc import ItemsView, Iterable, KeysView, Mapping, Set, ValuesView
from decimal import Decimal
from itertools import islice
from typing import Any

MAX_ITEMS = 400_000
MAX_DEPTH = 6
MAX_TEXT = 20_000
MAX_WHOLE = 2**63  # larger whole numbers are kept as floats, as every JSON reader takes them


class TooLarge(ValueError):
    """The value is larger or deeper than any answer needs to be."""


def to_plain(value: Any) -> Any:
    """Encode a value as plain JSON data.

    Numbers, texts, booleans and None stand for themselves; everything else becomes a mapping with
    a ``"type"``: ``number`` (NaN and infinities), ``date``, ``duration`` (days), ``list``, ``set``,
    ``mapping``, ``series``, ``table`` (with its index turned into columns unless it only numbers
    the rows), ``refused`` (too large or too deep) or ``other``. Ranges and a dictionary's keys,
    values and items are lists; a generator is ``other``, for looking at it would use it up.

    Parameters
    ----------
    value
        Any Python object, such as a number, a list, a pandas Series or DataFrame.

    Returns
    -------
    None, bool, int, float, str or dict
        JSON data; ``json.dumps(..., allow_nan=False)`` always accepts it.

    Examples
    --------
    >>> to_plain(float("nan"))
    {'type': 'number', 'value': 'nan'}
    >>> to_plain((1, 2))
    {'type': 'list', 'items': [1, 2]}
    """
    try:
        return _Encoder().encode(value, 0)
    except TooLarge as error:
        return {"type": "refused", "why": str(error)}
    except Exception:  # a hostile or half-broken object: say what it is, no more
        return _other(value)


class _Encoder:
    """Counts what it has encoded, so that a value of hostile size is refused and not copied."""

    def __init__(self) -> None:
        self.items = 0

    def encode(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise TooLarge(f"it is nested more than {MAX_DEPTH} levels deep")
        simple = _scalar(value)
        return self.container(value, depth) if simple is _NOT_SIMPLE else simple

    def container(self, value: Any, depth: int) -> Any:
        if hasattr(value, "to_pandas"):  # Polars, Arrow, DuckDB results
            value = value.to_pandas()
        kinds = {kind.__name__ for kind in type(value).__mro__}
        if "DataFrame" in kinds and hasattr(value, "columns"):
            return self.table(value, depth)
        if "Series" in kinds and hasattr(value, "index"):
            return {
                "type": "series",
                "name": None if value.name is None else _label(value.name),
                "index": self.all(_column(value.index), depth),
                "values": self.all(_column(value), depth),
            }
        if isinstance(value, Mapping):
            keys, values = self.all(value.keys(), depth), self.all(value.values(), depth)
            return {"type": "mapping", "keys": keys, "values": values}
        if isinstance(value, list | tuple | range | deque | KeysView | ValuesView | ItemsView):
            return {"type": "list", "items": self.all(value, depth)}
        if isinstance(value, Set):
            return {"type": "set", "items": sorted(self.all(value, depth), key=repr)}
        if hasattr(value, "tolist") and hasattr(value, "dtype"):  # arrays, indexes, 0-d scalars
            if value.size > MAX_ITEMS:
                raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
            return self.encode(_column(value), depth + 1)
        return _other(value)

    def table(self, frame: Any, depth: int) -> dict:
        rows, width = frame.shape
        if rows * max(width, 1) > MAX_ITEMS:
            raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
        columns = [(_label(name), frame.iloc[:, i]) for i, name in enumerate(frame.columns)]
        columns = [*_key_columns(frame), *columns]
        return {
            "type": "table",
            "columns": [name for name, _ in columns],
            "data": [self.all(_column(column), depth) for _, column in columns],
        }

    def all(self, values: Iterable, depth: int) -> list:
        """Encode each value; never looks at more of them than are allowed."""
        some = islice(values, MAX_ITEMS - self.items + 1)
        made = [v if _is_plain(v) else self.encode(v, depth + 1) for v in some]
        self.items += len(made)
        if self.items > MAX_ITEMS:
            raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
        return made


def _key_columns(frame: Any) -> list[tuple[str, Any]]:
    """The index as columns, for a learner may leave the key there; bare row numbers are no key."""
    index, have = frame.index, {_label(name) for name in frame.columns}
    if list(index.names) == [None] and index.dtype.kind in "iu":
        return []
    unnamed = ["index"] if index.nlevels == 1 else [f"level_{i}" for i in range(index.nlevels)]
    names = [u if n is None else _label(n) for n, u in zip(index.names, unnamed, strict=True)]
    return [(n, index.get_level_values(i)) for i, n in enumerate(names) if n not in have]


def _label(name: Any) -> str:
    """A column's name as text; the levels of a two-storey header are joined."""
    parts = name if isinstance(name, tuple) else (name,)
    return "_".join(text for part in parts if (text := _text(str(part))))


def _column(values: Any) -> Any:
    """Python's own values of a Series, an index or an array."""
    if type(values).__name__ == "ndarray" and values.dtype.kind in "mM":
        # NumPy gives nanoseconds back as whole numbers; microseconds come back as dates.
        values = values.astype(f"{values.dtype.kind}8[us]")
    return values.tolist()


def _is_plain(value: Any) -> bool:
    """Does the value stand for itself in JSON? Asked first, for most values of a table do."""
    kind = type(value)
    if kind is str:
        return value.isascii() and len(value) <= MAX_TEXT and "\0" not in value
    if kind is float:
        return math.isfinite(value)
    if kind is int:
        return -MAX_WHOLE < value < MAX_WHOLE
    return kind is bool


_NOT_SIMPLE = object()


def _scalar(value: Any) -> Any:
    """The plain form of a single value, or ``_NOT_SIMPLE``."""
    if value is None or value is Ellipsis:
        return None
    kind = type(value).__name__
    if kind in {"bool", "bool_"}:
        return bool(value)
    if isinstance(value, str):
        return _text(value)
    if kind in {"NAType", "NaTType"}:
        return _real(math.nan)
    if kind in {"datetime64", "timedelta64"}:
        # A missing one comes back as None; NumPy counts durations among the whole numbers.
        found = value.astype(f"{kind}[us]").item()
        return _real(math.nan) if found is None else _scalar(found)
    if isinstance(value, numbers.Integral):
        whole = int(value)
        return whole if -MAX_WHOLE < whole < MAX_WHOLE else _real(whole)
    if isinstance(value, numbers.Real | Decimal):
        return _real(value)
    if isinstance(value, datetime.timedelta):
        return {"type": "duration", "days": _real(value.total_seconds() / 86_400)}
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time(0)
        return {"type": "date", "value": str(value.date() if midnight else value.isoformat())}
    if isinstance(value, datetime.date):
        return {"type": "date", "value": value.isoformat()}
    if kind in {"Period", "Interval"}:
        return _text(str(value))
    return _NOT_SIMPLE


def _real(value: Any) -> Any:
    try:
        value = float(value)
    except OverflowError:
        value = math.inf if value > 0 else -math.inf
    if math.isnan(value):
        return {"type": "number", "value": "nan"}
    if math.isinf(value):
        return {"type": "number", "value": "inf" if value > 0 else "-inf"}
    return value


def _text(value: str) -> str:
    """Text that every file and database accepts: no surrogates, no NULs, not endless."""
    # str's own methods: a subclass of str may give out anything from its own.
    clean = str.__str__(value)[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return clean.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _other(value: Any) -> dict:
    return {"type": "other", "class": class_name(value)}


def class_name(value: Any) -> str:
    """The name of a value's class, whatever that class may do to hide it."""
    try:
        return _text(type(value).__name__)
    except Exception:
        return "object"


# What learners hand in by mistake, in words that say what to do.
_UNFINISHED = {
    "function": "a function, not what it gives: are its brackets () missing?",
    "method": "a method, not what it gives: are its brackets () missing?",
    "builtin_function_or_method": "a method, not what it gives: are its brackets () missing?",
    "generator": "a generator, which gives its values only once: put list(...) around it",
    "map": "a map, which gives its values only once: put list(...) around it",
    "filter": "a filter, which gives its values only once: put list(...) around it",
    "zip": "a zip, which gives its values only once: put list(...) around it",
    "DataFrameGroupBy": "a grouping of which nothing is computed yet",
    "SeriesGroupBy": "a grouping of which nothing is computed yet",
}


def describe(plain: Any) -> str:
    """Say in a few words what a plain value is, as a learner would.

    >>> describe(to_plain([1, 2, 3]))
    'a list of 3'
    """
    if plain is None:
        return "nothing (None)"
    if isinstance(plain, bool):
        return str(plain)
    if isinstance(plain, int | float):
        return f"the number {show(plain)}"
    if isinstance(plain, str):
        return f"the text {show(plain)}"
    kind = plain["type"]
    if kind == "number":
        return {"nan": "NaN (not a number)", "inf": "infinity"}.get(plain["value"], "-infinity")
    if kind == "table":
        rows = len(plain["data"][0]) if plain["data"] else 0
        return f"a table of {count(rows, 'row')} and {count(len(plain['columns']), 'column')}"
    if kind == "series":
        return f"a Series of {count(len(plain['values']), 'value')}"
    if kind in {"list", "set"}:
        return f"a {kind} of {len(plain['items']):,}"
    if kind == "mapping":
        return f"a dictionary of {len(plain['keys']):,}"
    if kind in {"date", "duration"}:
        return f"the {kind} {show(plain)}"
    if kind == "refused":
        return f"something too large to check: {plain['why']}"
    return _UNFINISHED.get(plain["class"], f"an object of type {plain['class']}")


def show(plain: Any) -> str:
    """A plain value as short text: numbers to 6 significant digits, long text cut.

    >>> show(37.891234567)
    '37.8912'
    """
    if isinstance(plain, bool) or plain is None:
        return str(plain)
    if isinstance(plain, int):
        return f"{plain:,}" if abs(plain) >= 10_000 else str(plain)  # 2026 may be a year
    if isinstance(plain, float):
        return f"{plain:,.2f}" if 1000 <= abs(plain) < 1e12 else f"{plain:.6g}"
    if isinstance(plain, str):
        return repr(plain if len(plain) <= 60 else plain[:57] + "...")
    if plain["type"] == "number":
        return {"nan": "NaN", "inf": "infinity"}.get(plain["value"], "-infinity")
    if plain["type"] == "date":
        return str(plain["value"]).replace("T", " ")
    if plain["type"] == "duration":
        return f"{show(plain['days'])} days"
    return describe(plain)


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "row"), count(6000, "row")
    ('1 row', '6,000 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
