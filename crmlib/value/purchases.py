"""Who bought recently, often and for much money? Recency, frequency and monetary value (RFM).

One row an order becomes one row a customer; quantile scores rank the customers; a small table of
rules names the groups. Source: Hughes (1994), Strategic Database Marketing; Bult & Wansbeek (1995),
Optimal selection for direct mail, Marketing Science 14.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlib._checks import (
    check_dates,
    check_day,
    check_no_gaps,
    check_numbers,
    check_table,
    check_unique,
    check_whole,
)

MEASURES = {"recency": "r_score", "frequency": "f_score", "monetary": "m_score"}


def rfm(
    orders: pd.DataFrame,
    *,
    snapshot: object,
    customer_id: str = "customer_id",
    date: str = "order_date",
    amount: str = "amount",
    order_id: str | None = None,
    merge_same_day: bool = False,
) -> pd.DataFrame:
    """Recency, frequency and monetary value of every customer, as known at a snapshot.

    The snapshot is the morning of a day: orders on that day or later are not known yet and are left
    out. A row with a negative amount is a refund: it lowers the money, but it is no purchase. A row
    of amount 0 (an order that cost nothing) is a purchase.

    Parameters
    ----------
    orders : DataFrame
        One row an order or refund.
    snapshot : date, Timestamp or text such as "2026-01-01"
        The day the table is made for.
    customer_id, date, amount : str
        The columns with the customer, the day (dates, not text) and the money (numbers; a refund is
        negative), in the currency of the table.
    order_id : str, optional
        A column that must be unique. Name it to be safe from order lines counted as orders.
    merge_same_day : bool, default False
        Count a day with several purchases once, as Fader & Hardie do for CDNOW.

    Returns
    -------
    DataFrame
        One row a customer with at least one purchase before the snapshot, sorted by customer:
        the customer's id; ``recency`` (int, days from the last purchase to the snapshot, at least
        1); ``frequency`` (int, purchases); ``monetary`` (float, purchases minus refunds).

    Raises
    ------
    TypeError
        If dates are text, or amounts are not numbers.
    ValueError
        If a column is missing or has gaps, the table is empty, an order_id stands twice, or no
        purchase lies before the snapshot.

    Examples
    --------
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["Li", "Li", "Li", "Wu"],
    ...     "order_date": pd.to_datetime(["2025-11-02", "2025-12-22", "2025-12-24", "2025-06-30"]),
    ...     "amount": [120.0, 80.0, -80.0, 45.0],
    ... })
    >>> rfm(orders, snapshot="2026-01-01")
      customer_id  recency  frequency  monetary
    0          Li       10          2     120.0
    1          Wu      185          1      45.0
    """
    today = check_day(snapshot, name="snapshot")
    check_table(orders, [customer_id, date, amount], name="orders")
    check_no_gaps(orders[customer_id], name=customer_id, table="orders")
    money = check_numbers(orders[amount], name=amount, table="orders")
    dates = check_dates(orders[date], name=date, table="orders")
    if order_id is not None:
        check_table(orders, [order_id], name="orders")
        remedy = "give one row an order, not one row a line of it."
        check_unique(orders[order_id], name=order_id, table="orders", remedy=remedy)
    if not dates.min() < today:
        raise ValueError(
            f"snapshot {today:%Y-%m-%d} is not after the first order ({dates.min():%Y-%m-%d}); "
            f"nothing had been bought yet."
        )
    ages = _age_in_days(dates, today)
    result = _one_row_a_customer(orders[customer_id], ages, money, merge_same_day=merge_same_day)
    if len(result) == 0:
        raise ValueError(
            f"orders has no purchase before {today:%Y-%m-%d}: every amount is a refund."
        )
    return result.rename(columns={"customer": customer_id})


def _age_in_days(dates: pd.Series, today: pd.Timestamp) -> np.ndarray:
    """Days from each date to the snapshot: 1 for the day before, 0 or less for the unknown."""
    times = dates.to_numpy()
    today_in_units = today.to_datetime64().astype(times.dtype).astype("int64")
    a_day = np.timedelta64(1, "D").astype(f"timedelta64[{np.datetime_data(times.dtype)[0]}]")
    # Whole numbers: dividing dates themselves takes ten times as long. Rounding down before the
    # change of sign lets any hour of a day count as that day.
    return -((times.view("int64") - today_in_units) // a_day.astype("int64"))


def _one_row_a_customer(
    customers: pd.Series, ages: np.ndarray, money: np.ndarray, *, merge_same_day: bool
) -> pd.DataFrame:
    """Aggregate with one pass a measure: all work on columns is here, to be ported in one place.

    Customers become the numbers 0, 1, 2, ... once; then counting, adding and taking the smallest
    need neither sorting nor copies of the table, which is what makes ten million orders quick.
    """
    codes, ids = pd.factorize(customers)
    n = len(ids)
    known = ages > 0
    monetary = np.bincount(codes, weights=np.where(known, money, 0.0), minlength=n)

    bought = known & (money >= 0)
    codes, ages = codes[bought], ages[bought]
    if merge_same_day:
        codes, ages = _once_a_day(codes, ages)
    frequency = np.bincount(codes, minlength=n)
    recency = np.full(n, np.iinfo("int64").max)
    np.minimum.at(recency, codes, ages)

    table = pd.DataFrame(
        {"customer": ids, "recency": recency, "frequency": frequency, "monetary": monetary}
    )
    return table[table["frequency"] > 0].sort_values("customer", ignore_index=True)


def _once_a_day(codes: np.ndarray, ages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep one purchase a customer and day."""
    span = int(ages.max(initial=0)) + 1
    return np.divmod(pd.unique(codes * span + ages), span)


def rfm_cut_points(table: pd.DataFrame, *, bins: int = 5) -> pd.DataFrame:
    """The values a customer must beat to earn each score.

    Parameters
    ----------
    table : DataFrame
        Columns recency (days), frequency (purchases), monetary (currency), one row a customer.
    bins : int, default 5
        Number of scores; 5 makes quintiles.

    Returns
    -------
    DataFrame
        One row a score from 2 to ``bins``: ``score``; ``recency`` (the score needs fewer days than
        this), ``frequency`` and ``monetary`` (the score needs more than this).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or ``bins`` is not a
        whole number from 2 up.

    Examples
    --------
    >>> table = pd.DataFrame({"recency": [1, 2, 3, 4, 5], "frequency": [9, 7, 5, 3, 1],
    ...                       "monetary": [90.0, 70.0, 50.0, 30.0, 10.0]})
    >>> rfm_cut_points(table, bins=2)
       score  recency  frequency  monetary
    0      2      3.0        5.0      50.0
    """
    bins = check_whole(bins, name="bins", lowest=2)
    check_table(table, MEASURES, name="table")
    levels = np.arange(1, bins) / bins
    cuts = {"score": np.arange(2, bins + 1)}
    for measure in MEASURES:
        values = check_numbers(table[measure], name=measure, table="table")
        # Fewer days are better, so recency is cut on its negative and shown as days again.
        sign = -1 if measure == "recency" else 1
        cuts[measure] = sign * np.quantile(sign * values, levels)
    return pd.DataFrame(cuts)


def rfm_scores(
    table: pd.DataFrame, *, bins: int = 5, cut_points: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Score recency, frequency and monetary value from 1 to ``bins`` (best).

    A score is 1 plus the number of cut points that the value beats (recency: fewer days, the
    others: more). The cut points are quantiles, so with ``bins=5`` and no ties each score holds a
    fifth of the customers. Customers with the same value always share a score; with many ties some
    scores stay empty.

    Parameters
    ----------
    table : DataFrame
        One row a customer with columns recency (days), frequency (purchases), monetary (currency),
        as made by :func:`rfm`.
    bins : int, default 5
        Number of scores.
    cut_points : DataFrame, optional
        A table as :func:`rfm_cut_points` returns it, to score this month's customers by last
        month's rule. ``bins`` is then not used.

    Returns
    -------
    DataFrame
        A copy of ``table`` with r_score, f_score and m_score (int).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or a customer_id stands
        twice.

    Examples
    --------
    >>> table = pd.DataFrame({"recency": [5, 40, 300], "frequency": [9, 2, 1],
    ...                       "monetary": [900.0, 150.0, 60.0]})
    >>> rfm_scores(table, bins=3)
       recency  frequency  monetary  r_score  f_score  m_score
    0        5          9     900.0        3        3        3
    1       40          2     150.0        2        2        2
    2      300          1      60.0        1        1        1
    """
    check_table(table, MEASURES, name="table")
    if "customer_id" in table.columns:
        remedy = "make one row a customer with rfm(...) first."
        check_unique(table["customer_id"], name="customer_id", table="table", remedy=remedy)
    if cut_points is None:
        cut_points = rfm_cut_points(table, bins=bins)
    check_table(cut_points, MEASURES, name="cut_points")
    scored = table.copy()
    for measure, score in MEASURES.items():
        values = check_numbers(table[measure], name=measure, table="table")
        cuts = check_numbers(cut_points[measure], name=measure, table="cut_points")
        sign = -1 if measure == "recency" else 1
        scored[score] = 1 + np.searchsorted(np.sort(sign * cuts), sign * values, side="left")
    return scored


def segment_rules() -> pd.DataFrame:
    """The rules that name RFM segments, as a table to read and to change.

    Returns
    -------
    DataFrame
        One row a rule: ``segment`` and the scores it covers, both ends included: ``r_from``,
        ``r_to``, ``f_from``, ``f_to`` (int, 1 to 5). Together the rules cover every pair of scores
        once. "at_risk" are customers who bought often and have not come lately.

    Examples
    --------
    >>> segment_rules()
         segment  r_from  r_to  f_from  f_to
    0  champions       4     5       4     5
    1      loyal       3     3       4     5
    2      loyal       3     5       3     3
    3  promising       4     5       1     2
    4     fading       3     3       1     2
    5    at_risk       1     2       3     5
    6       lost       1     2       1     2
    """
    rules = [
        # segment, r_from, r_to, f_from, f_to
        ("champions", 4, 5, 4, 5),
        ("loyal", 3, 3, 4, 5),
        ("loyal", 3, 5, 3, 3),
        ("promising", 4, 5, 1, 2),
        ("fading", 3, 3, 1, 2),
        ("at_risk", 1, 2, 3, 5),
        ("lost", 1, 2, 1, 2),
    ]
    return pd.DataFrame(rules, columns=["segment", "r_from", "r_to", "f_from", "f_to"])


def rfm_segments(scores: pd.DataFrame, *, rules: pd.DataFrame | None = None) -> pd.DataFrame:
    """Name each customer's segment from the recency and frequency scores.

    Parameters
    ----------
    scores : DataFrame
        One row a customer with r_score and f_score from 1 to 5 (best), as made by
        :func:`rfm_scores` with five bins.
    rules : DataFrame, optional
        Rules of your own in the form of :func:`segment_rules`, also for other numbers of bins.

    Returns
    -------
    DataFrame
        A copy of ``scores`` with the column ``segment`` (text).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or a customer's scores
        are covered by no rule or by two.

    Examples
    --------
    >>> scores = pd.DataFrame({"customer_id": ["Li", "Wu"], "r_score": [5, 1], "f_score": [4, 4]})
    >>> rfm_segments(scores)
      customer_id  r_score  f_score    segment
    0          Li        5        4  champions
    1          Wu        1        4    at_risk
    """
    check_table(scores, ["r_score", "f_score"], name="scores")
    rules = segment_rules() if rules is None else rules
    check_table(rules, ["segment", "r_from", "r_to", "f_from", "f_to"], name="rules")
    r = check_numbers(scores["r_score"], name="r_score", table="scores")
    f = check_numbers(scores["f_score"], name="f_score", table="scores")
    segment = np.full(len(scores), None, dtype=object)
    matches = np.zeros(len(scores), dtype=int)
    for rule in rules.itertuples():
        fits = (r >= rule.r_from) & (r <= rule.r_to) & (f >= rule.f_from) & (f <= rule.f_to)
        segment[fits] = rule.segment
        matches += fits
    if (matches != 1).any():
        odd = np.flatnonzero(matches != 1)[0]
        raise ValueError(
            f"r_score {r[odd]:g} with f_score {f[odd]:g} is covered by {matches[odd]} rules, not "
            f"by one; score with bins=5 or give rules that cover every pair of scores once."
        )
    return scores.assign(segment=pd.Series(segment, index=scores.index, dtype="str"))


def segment_shares(
    table: pd.DataFrame,
    *,
    segment: str = "segment",
    values: str | Sequence[str] = "monetary",
) -> pd.DataFrame:
    """Each segment's share of the customers and of the money.

    Parameters
    ----------
    table : DataFrame
        One row a customer, with a column naming the segment and columns of money.
    segment : str
        The column that names the segment.
    values : str or list of str
        Columns to add up, such as "monetary" or ["revenue", "margin"] (currency).

    Returns
    -------
    DataFrame
        One row a segment, largest first: the segment, ``customers`` (int), ``share_of_customers``,
        and for each value its sum and ``share_of_<value>`` (shares from 0 to 1; they sum to 1).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or a value's total is
        not positive (then shares of it mean nothing).

    Examples
    --------
    >>> table = pd.DataFrame({"segment": ["loyal", "loyal", "lost", "lost"],
    ...                       "monetary": [300.0, 500.0, 150.0, 50.0]})
    >>> segment_shares(table)
      segment  customers  share_of_customers  monetary  share_of_monetary
    0   loyal          2                 0.5     800.0                0.8
    1    lost          2                 0.5     200.0                0.2
    """
    values = [values] if isinstance(values, str) else list(values)
    check_table(table, [segment, *values], name="table")
    check_no_gaps(table[segment], name=segment, table="table")
    groups = table.groupby(segment, observed=True)
    shares = groups.size().rename("customers").to_frame()
    shares["share_of_customers"] = shares["customers"] / len(table)
    for value in values:
        total = check_numbers(table[value], name=value, table="table").sum()
        if total <= 0:
            raise ValueError(
                f"column {value!r} of table sums to {total:g}; shares need a total above zero."
            )
        shares[value] = groups[value].sum()
        shares[f"share_of_{value}"] = shares[value] / total
    by = values[0] if values else "customers"
    return shares.sort_values(by, ascending=False, kind="stable").reset_index()
