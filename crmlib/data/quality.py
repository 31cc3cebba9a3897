"""Can this customer table be trusted? A data-quality report over rules anyone can read.

Each rule belongs to one of five dimensions: completeness (is it there?), uniqueness (only once?),
validity (possible?), consistency (do columns agree?), timeliness (fresh enough?). Source of the
dimensions: DAMA UK Working Group (2013), The Six Primary Dimensions for Data Quality Assessment;
the sixth, accuracy, needs the truth, which a table alone doesn't hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from .._checks import check_day, check_table

DIMENSIONS = ("completeness", "uniqueness", "validity", "consistency", "timeliness")


@dataclass(frozen=True)
class Rule:
    """One rule of data quality.

    Attributes
    ----------
    name : str
        What a row that breaks it suffers from, such as ``"invalid_phone"``.
    dimension : str
        One of ``DIMENSIONS``.
    columns : tuple of str
        The columns it looks at.
    broken : callable
        From the table to a Series of True (the row breaks the rule) and False.
    """

    name: str
    dimension: str
    columns: tuple[str, ...]
    broken: Callable[[pd.DataFrame], pd.Series] = field(repr=False)

    def __post_init__(self) -> None:
        if self.dimension not in DIMENSIONS:
            raise ValueError(
                f"rule {self.name!r} has the dimension {self.dimension!r}; "
                f"use one of {', '.join(DIMENSIONS)}"
            )


def audit(data: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Count the rows that break each rule.

    Parameters
    ----------
    data : pandas.DataFrame
        The table to judge.
    rules : sequence of Rule
        Made by `not_missing`, `unique`, `matches`, `within`, `one_of`, `is_date`, `in_order`,
        `newer_than`, or `Rule` itself.

    Returns
    -------
    pandas.DataFrame
        One row a rule, in the order given: ``rule``, ``dimension``, ``columns``, ``rows`` (int,
        how many rows break it), ``share`` (float, of all rows).

    Raises
    ------
    TypeError, ValueError
        If ``data`` is no table, has no rows or lacks a rule's column, or two rules share a name.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [1, 2, 2], "email": ["a@b.cn", None, "  "]})
    >>> audit(data, [unique("id"), not_missing("email")])[["rule", "dimension", "rows"]]
                rule     dimension  rows
    0   duplicate_id    uniqueness     1
    1  missing_email  completeness     2
    """
    names = [rule.name for rule in rules]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(
            f"more than one rule is called {sorted(repeated)[0]!r}; give each its own name="
        )
    counts = [int(rows_breaking(data, rule).sum()) for rule in rules]
    report = pd.DataFrame(
        {
            "rule": names,
            "dimension": [rule.dimension for rule in rules],
            "columns": [", ".join(rule.columns) for rule in rules],
            "rows": pd.Series(counts, dtype="int64"),
        }
    )
    return report.assign(share=report["rows"] / len(data))


def rows_breaking(data: pd.DataFrame, rule: Rule) -> pd.Series:
    """Which rows break a rule.

    Parameters
    ----------
    data : pandas.DataFrame
        The table to judge.
    rule : Rule
        The rule.

    Returns
    -------
    pandas.Series of bool
        True for each row that breaks the rule; the index is that of ``data``.

    Raises
    ------
    TypeError, ValueError
        If ``data`` is no table, has no rows or lacks a column of the rule.

    Examples
    --------
    >>> rows_breaking(pd.DataFrame({"age": [30, 300]}), within("age", 0, 120)).tolist()
    [False, True]
    """
    check_table(data, rule.columns, name="data")
    return rule.broken(data).astype(bool)


def not_missing(column: str, *, name: str = "") -> Rule:
    """Completeness: every row has a value; text of blanks only counts as missing.

    Examples
    --------
    >>> rows_breaking(pd.DataFrame({"email": ["a@b.cn", " "]}), not_missing("email")).tolist()
    [False, True]
    """
    return Rule(
        name or f"missing_{column}",
        "completeness",
        (column,),
        lambda data: _missing(data[column]),
    )


def unique(column: str, *, newest: str = "", name: str = "") -> Rule:
    """Uniqueness: no value twice. All rows of a value but one break the rule.

    Parameters
    ----------
    column : str
        The column whose values should be unique.
    newest : str, optional
        A date column: the row with the latest date is the one to keep. Without it, the first.
    name : str, optional
        Another name for the rule.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [7, 7], "at": pd.to_datetime(["2025-01-01", "2025-06-01"])})
    >>> rows_breaking(data, unique("id", newest="at")).tolist()
    [True, False]
    """

    def broken(data: pd.DataFrame) -> pd.Series:
        ids = data[column].reset_index(drop=True)
        if newest:
            dates = _dates(data[newest]).reset_index(drop=True)
            ids = ids.loc[dates.sort_values(ascending=False, kind="stable").index]
        return pd.Series(ids.duplicated().sort_index().to_numpy(), index=data.index)

    columns = (column, newest) if newest else (column,)
    return Rule(name or f"duplicate_{column}", "uniqueness", columns, broken)


def matches(column: str, pattern: str, *, name: str = "") -> Rule:
    """Validity: text that is there has the form of ``pattern`` (a regular expression), all of it.

    Examples
    --------
    >>> phone = matches("phone", "1[3-9][0-9]{9}")
    >>> rows_breaking(pd.DataFrame({"phone": ["16012345678", "12345"]}), phone).tolist()
    [False, True]
    """

    def broken(data: pd.DataFrame) -> pd.Series:
        fits = data[column].astype("string").str.fullmatch(pattern).fillna(False)
        return ~fits & ~_missing(data[column])

    return Rule(name or f"invalid_{column}", "validity", (column,), broken)


def within(column: str, low: float, high: float, *, name: str = "") -> Rule:
    """Validity: numbers that are there lie between ``low`` and ``high`` (both allowed).

    Examples
    --------
    >>> year = within("birth_year", 1920, 2010)
    >>> rows_breaking(pd.DataFrame({"birth_year": [1985, 1885]}), year).tolist()
    [False, True]
    """

    def broken(data: pd.DataFrame) -> pd.Series:
        _check_kind(data[column], "numbers", pd.api.types.is_numeric_dtype(data[column].dtype))
        inside = data[column].between(low, high).fillna(False)
        return ~inside & ~_missing(data[column])

    return Rule(name or f"impossible_{column}", "validity", (column,), broken)


def one_of(column: str, values: Sequence, *, name: str = "") -> Rule:
    """Validity: values that are there stand in a list, spelled the same.

    Examples
    --------
    >>> city = one_of("city", ["Hangzhou", "Ningbo"])
    >>> rows_breaking(pd.DataFrame({"city": ["Ningbo", "ningbo"]}), city).tolist()
    [False, True]
    """
    allowed = list(values)
    return Rule(
        name or f"unknown_{column}",
        "validity",
        (column,),
        lambda data: ~data[column].isin(allowed) & ~_missing(data[column]),
    )


def is_date(column: str, *, until: object = None, name: str = "") -> Rule:
    """Validity: text that is there is a date (year-month-day).

    Parameters
    ----------
    column : str
        The column.
    until : str, date or Timestamp, optional
        Then another question is asked: dates after this day break the rule, and what is no date
        at all is left to the rule without ``until``.
    name : str, optional
        Another name for the rule.

    Examples
    --------
    >>> data = pd.DataFrame({"signup": ["2025-02-30", "2025-02-28", "2031-01-01"]})
    >>> rows_breaking(data, is_date("signup")).tolist()
    [True, False, False]
    >>> rows_breaking(data, is_date("signup", until="2025-12-31")).tolist()
    [False, False, True]
    """
    if until is None:
        return Rule(
            name or f"{column}_not_a_date",
            "validity",
            (column,),
            lambda data: _dates(data[column]).isna() & ~_missing(data[column]),
        )
    last = check_day(until, name="until")
    return Rule(
        name or f"{column}_in_future",
        "validity",
        (column,),
        lambda data: _dates(data[column]).dt.normalize() > last,
    )


def in_order(earlier: str, later: str, *, name: str = "") -> Rule:
    """Consistency: where both are dates, ``earlier`` doesn't come after ``later``.

    Examples
    --------
    >>> data = pd.DataFrame({"signup": ["2025-03-01"], "updated": ["2025-02-01"]})
    >>> rows_breaking(data, in_order("signup", "updated")).tolist()
    [True]
    """
    return Rule(
        name or f"{later}_before_{earlier}",
        "consistency",
        (earlier, later),
        lambda data: _dates(data[later]) < _dates(data[earlier]),
    )


def newer_than(column: str, days: int, *, snapshot: object, name: str = "") -> Rule:
    """Timeliness: the date is at most ``days`` days before the snapshot.

    Examples
    --------
    >>> fresh = newer_than("updated", 730, snapshot="2026-01-01")
    >>> rows_breaking(pd.DataFrame({"updated": ["2024-01-02", "2024-01-01"]}), fresh).tolist()
    [False, True]
    """
    oldest = check_day(snapshot, name="snapshot") - pd.Timedelta(days=days)
    return Rule(
        name or f"stale_{column}",
        "timeliness",
        (column,),
        lambda data: _dates(data[column]) < oldest,
    )


def _missing(values: pd.Series) -> pd.Series:
    """No value, or blanks only."""
    if _is_text(values):
        return values.isna() | values.astype("string").str.strip().eq("").fillna(True).astype(bool)
    return values.isna()


def _dates(values: pd.Series) -> pd.Series:
    """Dates, or year-month-day text as dates; what is neither becomes missing."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    _check_kind(values, "dates or text", _is_text(values) or values.isna().all())
    return pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")


def _is_text(values: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(values.dtype) or values.dtype == object


def _check_kind(values: pd.Series, wanted: str, right: bool) -> None:
    if not right:
        raise TypeError(
            f"column {values.name!r} must hold {wanted} for this rule, but holds {values.dtype} "
            f"(such as {values.dropna().iloc[0]!r}); convert it first, or use another rule"
        )
