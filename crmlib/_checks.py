"""Is the table what the function needs? Ask once, here, and say clearly what is wrong.

Every message names the column, what was found, and what to do about it. Source: the course's own
experience of what goes wrong when a table from a CRM system meets an analysis.
"""

import difflib
from collections.abc import Iterable

import numpy as np
import pandas as pd


def check_table(table: pd.DataFrame, columns: Iterable[str] = (), *, name: str) -> None:
    """Refuse what is not a DataFrame, has no rows, or lacks one of ``columns``."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame, not {_kind(table)}.")
    for column in columns:
        if column not in table.columns:
            raise ValueError(_missing_column(column, list(table.columns), name))
        if isinstance(table[column], pd.DataFrame):
            raise ValueError(
                f"{name} has more than one column called {column!r}; rename or drop the others."
            )
    if len(table) == 0:
        raise ValueError(f"{name} has no rows; was every row filtered away?")


def check_numbers(values: object, *, name: str, table: str = "") -> np.ndarray:
    """Return ``values`` as floats; refuse nothing at all, text, True/False, gaps, infinities."""
    where = f"column {name!r} of {table}" if table else name
    series = pd.Series([values] if np.ndim(values) == 0 else values)
    if len(series) == 0:
        raise ValueError(f"{where} is empty; was everything filtered away?")
    if not _is_number(series.dtype):
        raise TypeError(
            f"{where} must hold numbers, but holds {_kind_of_column(series)}{_example(series)}; "
            f"convert it first, for instance with pd.to_numeric(...)."
        )
    numbers = series.to_numpy(dtype="float64", na_value=np.nan)
    if not np.isfinite(numbers).all():
        gaps = int(series.isna().sum())
        found = f"{gaps:,} missing values" if gaps else "infinite values"
        raise ValueError(
            f"{where} has {found} in {len(numbers):,}; drop those rows or fill them, knowing why."
        )
    return numbers


def check_dates(values: pd.Series, *, name: str, table: str) -> pd.Series:
    """Return dates without a time zone (local clock time); refuse text and gaps."""
    where = f"column {name!r} of {table}"
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if not pd.api.types.is_datetime64_dtype(values.dtype):
        raise TypeError(
            f"{where} must hold dates, but holds {_kind_of_column(values)}{_example(values)}; "
            f"convert it first: {table}[{name!r}] = pd.to_datetime({table}[{name!r}])."
        )
    gaps = int(values.isna().sum())
    if gaps:
        raise ValueError(
            f"{where} has {gaps:,} missing dates in {len(values):,} rows; "
            f"drop those rows or find their dates."
        )
    return values


def check_day(value: object, *, name: str) -> pd.Timestamp:
    """Return the morning (00:00) of a day given as text, date or Timestamp."""
    try:
        day = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{name}={value!r} is not a date; write it as year-month-day, such as '2026-01-01'."
        ) from error
    if isinstance(value, bool | int | float) or pd.isna(day):
        raise ValueError(
            f"{name}={value!r} is not a date; write it as year-month-day, such as '2026-01-01'."
        )
    return day.tz_localize(None).normalize()


def check_no_gaps(values: pd.Series, *, name: str, table: str) -> None:
    """Refuse missing identifiers or labels: they would silently drop out of every count."""
    gaps = int(values.isna().sum())
    if gaps:
        raise ValueError(
            f"column {name!r} of {table} is missing in {gaps:,} of {len(values):,} rows; "
            f"drop those rows or find what belongs there."
        )


def check_unique(values: pd.Series, *, name: str, table: str, remedy: str) -> None:
    """Refuse an identifier that stands in more than one row."""
    check_no_gaps(values, name=name, table=table)
    repeated = values[values.duplicated()]
    if len(repeated):
        raise ValueError(
            f"column {name!r} of {table} must be unique, but {len(repeated):,} rows repeat an id "
            f"(such as {repeated.iloc[0]!r}); {remedy}"
        )


def check_share(values: object, *, name: str, lowest: float = 0.0) -> float | pd.Series:
    """Return a share such as .4, or a Series or array of them; refuse percentages such as 40."""
    numbers = check_numbers(values, name=name)
    outside = numbers[(numbers < lowest) | (numbers > 1)]
    if len(outside):
        raise ValueError(
            f"{name} must lie between {lowest:g} and 1, but {outside[0]:g} was found; "
            f"write 40 percent as 0.4."
        )
    return as_given(values)


def check_not_negative(values: object, *, name: str) -> float | pd.Series:
    """Return what cannot be below zero, such as a cost or a duration."""
    numbers = check_numbers(values, name=name)
    below = numbers[numbers < 0]
    if len(below):
        raise ValueError(f"{name} cannot be negative, but {below[0]:g} was found.")
    return as_given(values)


def check_any_number(values: object, *, name: str) -> float | pd.Series:
    """Return a number, or a Series or array of them, without gaps."""
    check_numbers(values, name=name)
    return as_given(values)


def as_given(values: object) -> float | pd.Series | np.ndarray:
    """Floats in the shape they came in, so that a Series keeps its index and aligns by it."""
    if isinstance(values, pd.Series):
        return values.astype("float64")
    return float(values) if np.ndim(values) == 0 else np.asarray(values, dtype="float64")


def check_whole(value: object, *, name: str, lowest: int) -> int:
    """Return a whole number not below ``lowest``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < lowest:
        raise ValueError(f"{name} must be a whole number from {lowest} up, not {value!r}.")
    return int(value)


def check_features(features: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers only: one row a customer, ids in the index if anywhere."""
    check_table(features, name="features")
    if features.shape[1] == 0:
        raise ValueError("features has no columns; give at least one feature.")
    check_table(features, features.columns, name="features")
    for column in features.columns:
        if not _is_number(features[column].dtype):
            raise TypeError(
                f"column {column!r} of features must hold numbers, but holds "
                f"{_kind_of_column(features[column])}{_example(features[column])}; drop it, or if "
                f"it is the customer's id, move it aside: features.set_index({column!r})."
            )
        check_numbers(features[column], name=column, table="features")
    return features.astype("float64")


def _is_number(dtype: object) -> bool:
    # True/False counts as a number in pandas; here it is nearly always a mistake.
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


def _kind(value: object) -> str:
    return f"{type(value).__module__.split('.')[0]} {type(value).__name__}".replace("builtins ", "")


def _kind_of_column(series: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(series.dtype):
        return "True/False"
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "dates"
    if pd.api.types.is_numeric_dtype(series.dtype):
        return "numbers"
    found = pd.api.types.infer_dtype(series, skipna=True)
    return {"string": "text", "empty": "only gaps"}.get(found, f"{found} values")


def _example(series: pd.Series) -> str:
    known = series.dropna()
    return f" (such as {known.iloc[0]!r})" if len(known) else ""


def _missing_column(column: str, found: list, name: str) -> str:
    close = difflib.get_close_matches(str(column).lower(), [str(c).lower() for c in found], n=1)
    hint = [str(c) for c in found if close and str(c).lower() == close[0]]
    meant = f" Did you mean {hint[0]!r}?" if hint else ""
    return f"{name} has no column {column!r}; it has: {', '.join(map(str, found))}.{meant}"
