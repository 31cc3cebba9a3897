"""Turn whatever a learner's code yields into plain values that can be compared safely.

A *plain* value holds nothing but what JSON holds. It is made in the learner's process and judged
in another one, so nothing here is ever pickled or evaluated, and size and depth are limited.
"""

from __future__ import annotations

import datetime
import math
import numbers
from collections.abc import Mapping, Set
from typing import Any

MAX_ITEMS = 400_000
MAX_DEPTH = 6
MAX_TEXT = 20_000


class TooLarge(ValueError):
    """The value is larger or deeper than any answer needs to be."""


def to_plain(value: Any) -> Any:
    """Encode a value as plain JSON data.

    Numbers, texts, booleans and None stand for themselves; everything else becomes a mapping with
    a ``"type"``: ``number`` (NaN and infinities), ``date``, ``duration`` (days), ``list``, ``set``,
    ``mapping``, ``series``, ``table`` (with its index turned into columns unless it is the default
    one), ``refused`` (too large or too deep) or ``other``.

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
        self.items += 1
        if self.items > MAX_ITEMS:
            raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
        if depth > MAX_DEPTH:
            raise TooLarge(f"it is nested more than {MAX_DEPTH} levels deep")
        simple = _scalar(value)
        if simple is not _NOT_SIMPLE:
            return simple
        return self.container(value, depth)

    def container(self, value: Any, depth: int) -> Any:
        if hasattr(value, "to_pandas"):  # Polars, Arrow, DuckDB results
            value = value.to_pandas()
        kind = type(value).__name__
        if kind == "DataFrame" and hasattr(value, "columns"):
            return self.table(value, depth)
        if kind == "Series" and hasattr(value, "index"):
            return {
                "type": "series",
                "name": None if value.name is None else str(value.name),
                "index": self.all(value.index, depth),
                "values": self.all(value, depth),
            }
        if isinstance(value, Mapping):
            keys, values = list(value.keys()), list(value.values())
            return {
                "type": "mapping",
                "keys": self.all(keys, depth),
                "values": self.all(values, depth),
            }
        if isinstance(value, Set):
            return {"type": "set", "items": sorted(self.all(value, depth), key=repr)}
        if hasattr(value, "tolist") and hasattr(value, "dtype"):  # arrays, indexes, 0-d scalars
            if getattr(value, "size", 0) > MAX_ITEMS:
                raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
            return self.encode(value.tolist(), depth + 1)
        if isinstance(value, list | tuple):
            return {"type": "list", "items": self.all(value, depth)}
        return _other(value)

    def table(self, frame: Any, depth: int) -> dict:
        if frame.shape[0] * max(frame.shape[1], 1) > MAX_ITEMS:
            raise TooLarge(f"it holds more than {MAX_ITEMS:,} values")
        names = frame.index.names
        default = list(names) == [None] and type(frame.index).__name__ == "RangeIndex"
        if not default:
            # A learner may leave the key in the index; judged, both forms are the same table.
            frame = frame.reset_index()
        columns = ["_".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in frame.columns]
        data = [self.all(frame.iloc[:, i], depth) for i in range(frame.shape[1])]
        return {"type": "table", "columns": columns, "data": data}

    def all(self, values: Any, depth: int) -> list:
        return [self.encode(v, depth + 1) for v in values]


_NOT_SIMPLE = object()


def _scalar(value: Any) -> Any:
    """The plain form of a single value, or ``_NOT_SIMPLE``."""
    if value is None or value is Ellipsis:
        return None
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return bool(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, numbers.Integral):
        value = int(value)
        return value if abs(value) < 2**53 else float(value)
    if isinstance(value, numbers.Real):
        return _real(float(value))
    kind = type(value).__name__
    if kind in {"NAType", "NaTType"}:
        return {"type": "number", "value": "nan"}
    if isinstance(value, datetime.timedelta):
        return {"type": "duration", "days": _real(value.total_seconds() / 86_400)}
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time(0)
        return {"type": "date", "value": str(value.date() if midnight else value.isoformat())}
    if isinstance(value, datetime.date):
        return {"type": "date", "value": value.isoformat()}
    if kind == "datetime64":
        return _scalar(value.astype("datetime64[us]").item())
    if kind == "timedelta64":
        return _scalar(value.astype("timedelta64[us]").item())
    if kind in {"Period", "Interval"}:
        return str(value)
    return _NOT_SIMPLE


def _real(value: float) -> Any:
    if math.isnan(value):
        return {"type": "number", "value": "nan"}
    if math.isinf(value):
        return {"type": "number", "value": "inf" if value > 0 else "-inf"}
    return value


def _text(value: str) -> str:
    """Text that every file and database accepts: no surrogates, no NULs, not endless."""
    clean = str(value)[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return clean.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _other(value: Any) -> dict:
    return {"type": "other", "class": _text(type(value).__name__)}


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
        return f"{plain['value']} (not a number)" if plain["value"] == "nan" else "infinity"
    if kind == "table":
        rows = len(plain["data"][0]) if plain["data"] else 0
        return f"a table of {rows:,} rows and {len(plain['columns'])} columns"
    if kind == "series":
        return f"a Series of {len(plain['values']):,} values"
    if kind in {"list", "set"}:
        return f"a {kind} of {len(plain['items']):,}"
    if kind == "mapping":
        return f"a dictionary of {len(plain['keys']):,}"
    if kind in {"date", "duration"}:
        return f"the {kind} {show(plain)}"
    if kind == "refused":
        return f"something too large to check: {plain['why']}"
    return f"an object of type {plain['class']}"


def show(plain: Any) -> str:
    """A plain value as short text: numbers to 6 significant digits, long text cut.

    >>> show(37.891234567)
    '37.8912'
    """
    if isinstance(plain, bool) or plain is None:
        return str(plain)
    if isinstance(plain, int):
        return f"{plain:,}"
    if isinstance(plain, float):
        digits = f"{plain:,.2f}" if 1000 <= abs(plain) < 1e12 else f"{plain:.6g}"
        return digits
    if isinstance(plain, str):
        return repr(plain if len(plain) <= 60 else plain[:57] + "...")
    if plain["type"] in {"number", "date"}:
        return str(plain["value"])
    if plain["type"] == "duration":
        return f"{show(plain['days'])} days"
    return describe(plain)
