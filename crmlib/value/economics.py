"""What does a customer cost, what does one bring, and when is the cost earned back?

Acquisition cost by channel, simple customer lifetime value (CLV), LTV:CAC and payback. The simple
formula is annual revenue x gross margin x expected lifetime - acquisition cost; it does not
discount. Sources: Gupta & Lehmann (2003), Customers as assets, Journal of Interactive Marketing 17,
for the margin multiple; Fader & Hardie (2012), Reconciling and clarifying CLV formulas, for its
timing.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlib._checks import (
    check_any_number,
    check_dates,
    check_day,
    check_no_gaps,
    check_not_negative,
    check_numbers,
    check_share,
    check_table,
    check_unique,
)

DAYS_A_YEAR = 365.25
ONE_ROW_A_CUSTOMER = "give one row a customer, not one row an order."


def acquisition_cost(
    costs: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    by: str = "channel",
    customers_by: str | None = None,
    cost: str = "cost",
    customer_id: str = "customer_id",
) -> pd.DataFrame:
    """Cost of winning one new customer (CAC) by channel: spending / new customers.

    Give both tables for the same period. Divide by new customers, not by orders: customers who were
    there already would have bought anyway.

    Parameters
    ----------
    costs : DataFrame
        One row a bill (say, a channel's month) with the columns ``by`` and ``cost`` (currency).
    customers : DataFrame
        One row a new customer with ``customer_id`` and the channel that won them.
    by : str, default "channel"
        Column with the channel in ``costs``, and in ``customers`` unless ``customers_by`` is given.
    customers_by : str, optional
        The channel's column in ``customers`` if its name differs.
    cost, customer_id : str
        The columns with the money and the customer.

    Returns
    -------
    DataFrame
        One row a channel, sorted by its name: the channel, ``cost`` (currency), ``new_customers``
        (int), ``acquisition_cost`` (currency a new customer; infinite where money was spent and
        nobody came).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, has gaps, or the costs are not numbers or negative, a table is
        empty, or a customer stands twice.

    Examples
    --------
    >>> costs = pd.DataFrame({"channel": ["search", "search", "social"],
    ...                       "cost": [300.0, 200.0, 900.0]})
    >>> customers = pd.DataFrame({"customer_id": [1, 2, 3], "channel": ["search"] * 2 + ["social"]})
    >>> acquisition_cost(costs, customers)
      channel   cost  new_customers  acquisition_cost
    0  search  500.0              2             250.0
    1  social  900.0              1             900.0
    """
    customers_by = customers_by or by
    check_table(costs, [by, cost], name="costs")
    check_table(customers, [customer_id, customers_by], name="customers")
    check_no_gaps(costs[by], name=by, table="costs")
    check_no_gaps(customers[customers_by], name=customers_by, table="customers")
    check_numbers(costs[cost], name=cost, table="costs")
    check_not_negative(costs[cost], name=f"column {cost!r} of costs")
    check_unique(
        customers[customer_id], name=customer_id, table="customers", remedy=ONE_ROW_A_CUSTOMER
    )
    spent = costs.groupby(by, observed=True)[cost].sum()
    won = customers.groupby(customers_by, observed=True).size()
    channels = sorted(set(spent.index) | set(won.index))
    table = pd.DataFrame(
        {
            by: channels,
            "cost": spent.reindex(channels, fill_value=0.0).to_numpy(dtype="float64"),
            "new_customers": won.reindex(channels, fill_value=0).to_numpy(dtype="int64"),
        }
    )
    table["acquisition_cost"] = _ratio(table["cost"], table["new_customers"])
    return table


def expected_lifetime(retention_rate: float | pd.Series) -> float | pd.Series:
    """Expected lifetime in years when the same share stays each year: 1 / (1 - retention rate).

    The first year counts as one. With a retention rate of 1 nobody ever leaves: infinite.

    Parameters
    ----------
    retention_rate : float or Series
        Share of customers who stay from one year to the next, 0 to 1.

    Returns
    -------
    float or Series
        Years, at least 1.

    Raises
    ------
    TypeError, ValueError
        If the rate is not a number between 0 and 1.

    Examples
    --------
    >>> expected_lifetime(0.75)
    4.0
    """
    rate = check_share(retention_rate, name="retention_rate")
    return _ratio(1.0, 1 - rate)


def margin_multiple(
    retention_rate: float | pd.Series,
    discount_rate: float | pd.Series,
    *,
    first_payment: bool = False,
) -> float | pd.Series:
    """How many years' margins a customer is worth today when retention never changes.

    Without the first payment, r / (1 + d - r): the first margin comes after a year and only from
    those who stayed (Gupta & Lehmann 2003). With it, (1 + d) / (1 + d - r): one margin more, paid
    today by everyone. State which one you use: they differ by exactly 1 (Fader & Hardie 2012).

    Parameters
    ----------
    retention_rate : float or Series
        r, share of customers who stay from one year to the next, 0 to 1.
    discount_rate : float or Series
        d a year, such as .10; not negative.
    first_payment : bool, default False
        Whether the margin paid at once is counted.

    Returns
    -------
    float or Series
        Multiples of one year's margin (no unit).

    Raises
    ------
    TypeError, ValueError
        If a rate is not a number, the retention rate is no share, the discount rate is negative, or
        nobody leaves and nothing is discounted (the value is then infinite).

    Examples
    --------
    >>> round(margin_multiple(0.8, 0.10), 2)
    2.67
    >>> round(margin_multiple(0.8, 0.10, first_payment=True), 2)
    3.67
    """
    r = check_share(retention_rate, name="retention_rate")
    d = check_not_negative(discount_rate, name="discount_rate")
    _check_same_rows(r, d)
    leaving = 1 + d - r
    if np.any(leaving == 0):
        raise ValueError(
            "retention_rate 1 with discount_rate 0 has no finite value: nobody leaves and nothing "
            "is discounted; give a retention_rate below 1 or a discount_rate above 0."
        )
    return _plain(((1 + d) if first_payment else r) / leaving)


def lifetime_value(
    annual_revenue: float | pd.Series,
    gross_margin: float | pd.Series,
    lifetime_years: float | pd.Series,
) -> float | pd.Series:
    """Margin of a customer's whole lifetime: annual revenue x gross margin x years (LTV).

    The acquisition cost is not taken off: this is the LTV of LTV:CAC. Nothing is discounted.

    Parameters
    ----------
    annual_revenue : float or Series
        Revenue a customer and year (currency).
    gross_margin : float or Series
        Margin as a share of revenue: .4, not 40. Below zero if selling loses money.
    lifetime_years : float or Series
        Expected years as a customer.

    Returns
    -------
    float or Series
        Currency a customer.

    Raises
    ------
    TypeError, ValueError
        If an input is not a number or missing, the margin is not between -1 and 1, or revenue or
        years are negative.

    Examples
    --------
    >>> lifetime_value(annual_revenue=600, gross_margin=0.5, lifetime_years=3)
    900.0
    """
    revenue = check_not_negative(annual_revenue, name="annual_revenue")
    margin = check_share(gross_margin, name="gross_margin", lowest=-1.0)
    years = check_not_negative(lifetime_years, name="lifetime_years")
    _check_same_rows(revenue, margin, years)
    return _plain(revenue * margin * years)


def simple_clv(
    annual_revenue: float | pd.Series,
    gross_margin: float | pd.Series,
    lifetime_years: float | pd.Series,
    acquisition_cost: float | pd.Series,
) -> float | pd.Series:
    """Simple customer lifetime value: annual revenue x gross margin x years - acquisition cost.

    Parameters
    ----------
    annual_revenue, gross_margin, lifetime_years : float or Series
        As :func:`lifetime_value`: currency a year, a share such as .4, years.
    acquisition_cost : float or Series
        Cost of winning the customer (currency).

    Returns
    -------
    float or Series
        Currency a customer; negative if the customer never earns back what winning cost.

    Raises
    ------
    TypeError, ValueError
        As :func:`lifetime_value`; also if the acquisition cost is negative.

    Examples
    --------
    >>> simple_clv(annual_revenue=600, gross_margin=0.5, lifetime_years=3, acquisition_cost=200)
    700.0
    """
    value = lifetime_value(annual_revenue, gross_margin, lifetime_years)
    cost = check_not_negative(acquisition_cost, name="acquisition_cost")
    _check_same_rows(value, cost)
    return _plain(value - cost)


def ltv_cac(
    lifetime_value: float | pd.Series, acquisition_cost: float | pd.Series
) -> float | pd.Series:
    """LTV:CAC, lifetime margin earned for each unit of money spent on winning a customer.

    Parameters
    ----------
    lifetime_value : float or Series
        Margin of the lifetime *before* the acquisition cost is taken off (currency), as
        :func:`lifetime_value` gives it. Taking it off first would count the cost twice.
    acquisition_cost : float or Series
        Cost of winning a customer (currency).

    Returns
    -------
    float or Series
        A ratio; above 1 the customer earns the cost back. Infinite if winning cost nothing, and
        no number (NaN) if the value is zero too.

    Raises
    ------
    TypeError, ValueError
        If an input is not a number or missing, or the cost is negative.

    Examples
    --------
    >>> ltv_cac(900, 200)
    4.5
    """
    value = check_any_number(lifetime_value, name="lifetime_value")
    cost = check_not_negative(acquisition_cost, name="acquisition_cost")
    _check_same_rows(value, cost)
    return _ratio(value, cost)


def payback_months(
    acquisition_cost: float | pd.Series, monthly_margin: float | pd.Series
) -> float | pd.Series:
    """Months until a customer's margin has earned the acquisition cost back.

    Parameters
    ----------
    acquisition_cost : float or Series
        Cost of winning a customer (currency).
    monthly_margin : float or Series
        Margin, not revenue, a customer and month (currency): annual revenue x gross margin / 12.

    Returns
    -------
    float or Series
        Months; infinite if the margin is not above zero.

    Raises
    ------
    TypeError, ValueError
        If an input is not a number or missing, or the cost is negative.

    Examples
    --------
    >>> payback_months(200, monthly_margin=25)
    8.0
    """
    cost = check_not_negative(acquisition_cost, name="acquisition_cost")
    margin = check_any_number(monthly_margin, name="monthly_margin")
    _check_same_rows(cost, margin)
    # fmax turns 0/0 into 0: nothing spent, nothing to earn back.
    return _plain(np.fmax(_ratio(cost, np.maximum(margin, 0)), 0))


def historic_clv(
    orders: pd.DataFrame,
    *,
    snapshot: object,
    customer_id: str = "customer_id",
    date: str = "order_date",
    margin: str = "margin",
) -> pd.DataFrame:
    """Margin every customer has brought before the snapshot (historic CLV).

    Parameters
    ----------
    orders : DataFrame
        One row an order or refund with the customer, the date and the margin (currency; refunds
        are negative).
    snapshot : date, Timestamp or text such as "2026-01-01"
        Rows on that day or later are left out.
    customer_id, date, margin : str
        The columns.

    Returns
    -------
    DataFrame
        One row a customer with any row before the snapshot, sorted by customer: the customer's id
        and ``historic_clv`` (float, currency).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, has gaps or is of the wrong kind, the table is empty, or no row lies
        before the snapshot.

    Examples
    --------
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["Li", "Li", "Wu"],
    ...     "order_date": pd.to_datetime(["2025-11-02", "2025-11-09", "2026-01-03"]),
    ...     "margin": [60.0, -20.0, 30.0],
    ... })
    >>> historic_clv(orders, snapshot="2026-01-01")
      customer_id  historic_clv
    0          Li          40.0
    """
    check_table(orders, [customer_id, date, margin], name="orders")
    check_no_gaps(orders[customer_id], name=customer_id, table="orders")
    check_numbers(orders[margin], name=margin, table="orders")
    known = orders[_before(orders[date], snapshot, name=date, table="orders")]
    total = known.groupby(customer_id, observed=True)[margin].sum()
    return total.rename("historic_clv").astype("float64").reset_index()


def annual_value(
    orders: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    snapshot: object,
    by: str = "acquisition_channel",
    customer_id: str = "customer_id",
    date: str = "order_date",
    amount: str = "amount",
    margin: str = "margin",
    since: str = "signup_date",
) -> pd.DataFrame:
    """Annual revenue and gross margin of an average customer, by channel.

    Revenue is divided by the years the customers have been there (from ``since`` to the snapshot),
    so that a channel with many new customers is not called poor only because they are new.

    Parameters
    ----------
    orders : DataFrame
        One row an order or refund: customer, date, amount and margin (currency, refunds negative).
    customers : DataFrame
        One row a customer: customer, channel (``by``) and first day (``since``). Customers who came
        on the snapshot's day or later are left out; orders of people not in this table too.
    snapshot : date, Timestamp or text such as "2026-01-01"
        Orders on that day or later are left out.
    by, customer_id, date, amount, margin, since : str
        The columns.

    Returns
    -------
    DataFrame
        One row a channel, sorted by its name: the channel, ``customers`` (int), ``customer_years``
        (float), ``annual_revenue`` (currency a customer and year), ``gross_margin`` (share of
        revenue; 0 where there is no revenue).

    Raises
    ------
    TypeError, ValueError
        If a column is missing, has gaps or is of the wrong kind, a table is empty, a customer
        stands twice, or no order or customer lies before the snapshot.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["Li", "Wu"], "acquisition_channel": "search",
    ...                           "signup_date": pd.to_datetime(["2024-01-01", "2025-01-01"])})
    >>> orders = pd.DataFrame({"customer_id": ["Li", "Li", "Wu"], "amount": [400.0, 200.0, 300.0],
    ...                        "order_date": pd.to_datetime("2025-06-18"),
    ...                        "margin": [160.0, 80.0, 120.0]})
    >>> annual_value(orders, customers, snapshot="2026-01-01").round(2)
      acquisition_channel  customers  customer_years  annual_revenue  gross_margin
    0              search          2             3.0          299.93           0.4
    """
    check_table(orders, [customer_id, date, amount, margin], name="orders")
    check_table(customers, [customer_id, by, since], name="customers")
    check_unique(
        customers[customer_id], name=customer_id, table="customers", remedy=ONE_ROW_A_CUSTOMER
    )
    check_no_gaps(customers[by], name=by, table="customers")
    check_no_gaps(orders[customer_id], name=customer_id, table="orders")
    for column in (amount, margin):
        check_numbers(orders[column], name=column, table="orders")
    today = check_day(snapshot, name="snapshot")
    people = customers[_before(customers[since], today, name=since, table="customers")]
    people = people.set_index(customer_id)
    known = orders[_before(orders[date], today, name=date, table="orders")]
    known = known[known[customer_id].isin(people.index)]
    money = known[[amount, margin]].groupby(known[customer_id].map(people[by])).sum()

    first_day = check_dates(people[since], name=since, table="customers")
    years = (today - first_day) / pd.Timedelta(days=DAYS_A_YEAR)
    table = years.groupby(people[by], observed=True).agg(["size", "sum"])
    table.columns = ["customers", "customer_years"]
    money = money.reindex(table.index, fill_value=0.0)
    table["annual_revenue"] = money[amount] / table["customer_years"]
    table["gross_margin"] = np.where(money[amount] > 0, _ratio(money[margin], money[amount]), 0.0)
    return table.reset_index()


def unit_economics(
    costs: pd.DataFrame,
    customers: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    snapshot: object,
    lifetime_years: float | Mapping[str, float],
    by: str = "channel",
    customers_by: str = "acquisition_channel",
    **columns: str,
) -> pd.DataFrame:
    """Cost, value and payback of a customer by acquisition channel, in one table.

    Puts together :func:`acquisition_cost`, :func:`annual_value`, :func:`simple_clv`,
    :func:`ltv_cac` and :func:`payback_months`.

    Parameters
    ----------
    costs, customers, orders : DataFrame
        As in those functions; costs and customers for the same period.
    snapshot : date, Timestamp or text such as "2026-01-01"
        Orders and customers of that day or later are left out.
    lifetime_years : float or dict
        Expected years as a customer: one number, or one for each channel. It is an assumption:
        state where it comes from.
    by : str, default "channel"
        The channel's column in ``costs``.
    customers_by : str, default "acquisition_channel"
        The channel's column in ``customers``.
    **columns : str
        Other column names, as :func:`annual_value` takes them.

    Returns
    -------
    DataFrame
        One row a channel: the channel, ``cost``, ``new_customers``, ``acquisition_cost``,
        ``annual_revenue``, ``gross_margin``, ``lifetime_years``, ``lifetime_value``, ``clv``
        (currency a customer), ``ltv_cac`` (ratio), ``payback_months``.

    Raises
    ------
    TypeError, ValueError
        As those functions; also if a channel with customers has no lifetime.

    Examples
    --------
    >>> costs = pd.DataFrame({"channel": ["search"], "cost": [100.0]})
    >>> customers = pd.DataFrame({"customer_id": ["Li"], "acquisition_channel": ["search"],
    ...                           "signup_date": pd.to_datetime(["2024-01-01"])})
    >>> orders = pd.DataFrame({"customer_id": ["Li"], "amount": [1200.0], "margin": [480.0],
    ...                        "order_date": pd.to_datetime(["2025-06-18"])})
    >>> table = unit_economics(costs, customers, orders, snapshot="2026-01-01", lifetime_years=3)
    >>> table[["channel", "acquisition_cost", "clv", "ltv_cac", "payback_months"]].round(1)
      channel  acquisition_cost    clv  ltv_cac  payback_months
    0  search             100.0  619.5      7.2             5.0
    """
    value = annual_value(orders, customers, snapshot=snapshot, by=customers_by, **columns)
    since = columns.get("since", "signup_date")
    known = customers[_before(customers[since], snapshot, name=since, table="customers")]
    ids = {"customer_id": columns.get("customer_id", "customer_id")}
    cac = acquisition_cost(costs, known, by=by, customers_by=customers_by, **ids)
    value = value.rename(columns={customers_by: by})[[by, "annual_revenue", "gross_margin"]]
    # A channel that cost money and won nobody stays in the table, with no revenue.
    table = cac.merge(value, on=by, how="left", validate="one_to_one").fillna(
        {"annual_revenue": 0.0, "gross_margin": 0.0}
    )
    table["lifetime_years"] = _lifetimes(table[by], lifetime_years)
    yearly_margin = table["annual_revenue"] * table["gross_margin"]
    table["lifetime_value"] = lifetime_value(
        table["annual_revenue"], table["gross_margin"], table["lifetime_years"]
    )
    table["clv"] = table["lifetime_value"] - table["acquisition_cost"]
    table["ltv_cac"] = table["lifetime_value"] / table["acquisition_cost"]
    table["payback_months"] = 12 * _ratio(table["acquisition_cost"], yearly_margin.clip(lower=0))
    return table


def _lifetimes(channels: pd.Series, lifetime_years: float | Mapping[str, float]) -> pd.Series:
    """The lifetime of each channel, from one number or a number for each."""
    if not isinstance(lifetime_years, Mapping):
        check_not_negative(lifetime_years, name="lifetime_years")
        return pd.Series(float(lifetime_years), index=channels.index)
    lacking = [channel for channel in channels if channel not in lifetime_years]
    if lacking:
        raise ValueError(
            f"lifetime_years has no entry for {lacking[0]!r}; give one for each of: "
            f"{', '.join(map(str, channels))}."
        )
    years = channels.map(dict(lifetime_years))
    check_not_negative(years, name="lifetime_years")
    return years.astype("float64")


def _before(dates: pd.Series, snapshot: object, *, name: str, table: str) -> pd.Series:
    """Which rows lie before the snapshot; refuse a snapshot before all of them."""
    today = check_day(snapshot, name="snapshot")
    days = check_dates(dates, name=name, table=table)
    if not days.min() < today:
        raise ValueError(
            f"snapshot {today:%Y-%m-%d} is not after the first {name} of {table} "
            f"({days.min():%Y-%m-%d}); nothing was known yet."
        )
    return days < today


def _ratio(above: object, below: object) -> float | pd.Series:
    """Divide, giving infinity (not a warning) where a positive amount is divided by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _plain(np.divide(above, below))


def _plain(result: object) -> float | pd.Series:
    """A plain Python number where numpy has its own kind of number."""
    return float(result) if np.ndim(result) == 0 else result


def _check_same_rows(*inputs: object) -> None:
    """Refuse Series about different rows: pandas would match what it can and lose the rest."""
    first, *others = [values.index for values in inputs if isinstance(values, pd.Series)] or [None]
    for other in others:
        if len(other) != len(first) or not first.isin(other).all():
            raise ValueError(
                f"the inputs are about different rows: one has {list(first[:3])}, another "
                f"{list(other[:3])}; give all of them the same index, such as the channel."
            )
