"""Every public function of crmlib.value says which input is wrong and what to do about it."""

import numpy as np
import pandas as pd
import pytest

from crmlib import value

ORDERS = pd.DataFrame(
    {
        "customer_id": ["Li", "Wu", "Li"],
        "order_date": pd.to_datetime(["2025-11-02", "2025-06-30", "2025-12-24"]),
        "amount": [120.0, 45.0, 80.0],
        "margin": [60.0, 20.0, 40.0],
    }
)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["Li", "Wu"],
        "acquisition_channel": ["search", "social"],
        "signup_date": pd.to_datetime(["2024-01-01", "2025-01-01"]),
    }
)
COSTS = pd.DataFrame({"channel": ["search", "social"], "cost": [300.0, 200.0]})
RFM = pd.DataFrame({"recency": [5, 9], "frequency": [2, 1], "monetary": [90.0, 20.0]})
SCORES = pd.DataFrame({"r_score": [5, 1], "f_score": [4, 1], "m_score": [4, 1]})
GRID = pd.DataFrame({"value": [1, 2], "potential": [1, 2], "dependence": [1, 2]})
NAMED = pd.DataFrame({"segment": ["loyal", "lost"], "monetary": [30.0, 10.0]})
DAY = {"snapshot": "2026-01-01"}

# (what is checked, a good table, the function of that table)
TABLES = {
    "rfm": (ORDERS, lambda t: value.rfm(t, **DAY)),
    "historic_clv": (ORDERS, lambda t: value.historic_clv(t, **DAY)),
    "annual_value orders": (ORDERS, lambda t: value.annual_value(t, CUSTOMERS, **DAY)),
    "annual_value customers": (CUSTOMERS, lambda t: value.annual_value(ORDERS, t, **DAY)),
    "acquisition_cost costs": (
        COSTS,
        lambda t: value.acquisition_cost(t, CUSTOMERS, customers_by="acquisition_channel"),
    ),
    "acquisition_cost customers": (
        CUSTOMERS[["customer_id", "acquisition_channel"]],
        lambda t: value.acquisition_cost(COSTS, t, customers_by="acquisition_channel"),
    ),
    "unit_economics costs": (
        COSTS,
        lambda t: value.unit_economics(t, CUSTOMERS, ORDERS, lifetime_years=3, **DAY),
    ),
    "unit_economics orders": (
        ORDERS,
        lambda t: value.unit_economics(COSTS, CUSTOMERS, t, lifetime_years=3, **DAY),
    ),
    "unit_economics customers": (
        CUSTOMERS,
        lambda t: value.unit_economics(COSTS, t, ORDERS, lifetime_years=3, **DAY),
    ),
    "rfm_cut_points": (RFM, value.rfm_cut_points),
    "rfm_scores": (RFM, value.rfm_scores),
    "rfm_segments": (SCORES[["r_score", "f_score"]], value.rfm_segments),
    "segment_shares": (NAMED, value.segment_shares),
    "portfolio_grid": (GRID, value.portfolio_grid),
}
UNUSED = {"rfm": ["margin"], "historic_clv": ["amount"]}


def used_columns(keep=lambda column: True):
    """Every (function, column it reads) for which ``keep`` holds."""
    return [
        pytest.param(name, column, id=f"{name}-{column}")
        for name, (table, _) in TABLES.items()
        for column in table.columns
        if column not in UNUSED.get(name, []) and keep(table[column])
    ]


def is_number(column):
    return pd.api.types.is_numeric_dtype(column)


def is_date(column):
    return pd.api.types.is_datetime64_dtype(column)


@pytest.mark.parametrize("name", TABLES)
def test_the_good_table_passes_and_is_not_changed(name):
    table, function = TABLES[name]
    before = table.copy()
    function(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_is_refused(name):
    table, function = TABLES[name]
    with pytest.raises(ValueError, match="has no rows"):
        function(table.head(0))


@pytest.mark.parametrize("name", TABLES)
def test_what_is_no_table_is_refused(name):
    with pytest.raises(TypeError, match="must be a pandas DataFrame, not list"):
        TABLES[name][1]([1, 2, 3])


@pytest.mark.parametrize(("name", "column"), used_columns())
def test_a_missing_column_is_named_with_its_close_match(name, column):
    table, function = TABLES[name]
    says = rf"no column '{column}'; it has: .*Did you mean '{column.upper()}x'\?"
    with pytest.raises(ValueError, match=says):
        function(table.rename(columns={column: column.upper() + "x"}))


@pytest.mark.parametrize(("name", "column"), used_columns(is_number))
def test_numbers_as_text_are_refused(name, column):
    table, function = TABLES[name]
    says = rf"column '{column}' of \w+ must hold numbers, but holds text .*pd\.to_numeric"
    with pytest.raises(TypeError, match=says):
        function(table.astype({column: "str"}))


@pytest.mark.parametrize(("name", "column"), used_columns(is_number))
def test_missing_numbers_are_counted(name, column):
    table, function = TABLES[name]
    values = table[column].astype("float64")
    values.iloc[0] = np.nan
    with pytest.raises(ValueError, match=f"column '{column}' of .* has 1 missing values"):
        function(table.assign(**{column: values}))


@pytest.mark.parametrize(("name", "column"), used_columns(is_date))
def test_dates_as_text_are_refused_with_the_remedy(name, column):
    table, function = TABLES[name]
    says = rf"column '{column}' of \w+ must hold dates, but holds text .*pd\.to_datetime"
    with pytest.raises(TypeError, match=says):
        function(table.assign(**{column: table[column].dt.strftime("%Y-%m-%d")}))


@pytest.mark.parametrize(("name", "column"), used_columns(is_date))
def test_missing_dates_are_counted(name, column):
    table, function = TABLES[name]
    with pytest.raises(ValueError, match=f"column '{column}' of .* has 1 missing dates"):
        function(table.assign(**{column: table[column].where(table.index > 0)}))


@pytest.mark.parametrize(("name", "column"), used_columns(is_date))
def test_a_snapshot_before_every_date_is_refused(name, column):
    table, function = TABLES[name]
    with pytest.raises(ValueError, match="snapshot 2026-01-01 is not after the first"):
        function(table.assign(**{column: pd.to_datetime("2026-02-01")}))


@pytest.mark.parametrize(
    ("name", "column"), used_columns(lambda c: not is_number(c) and not is_date(c))
)
def test_missing_names_are_counted(name, column):
    table, function = TABLES[name]
    with pytest.raises(ValueError, match=f"'{column}' of .* is missing in 1 of"):
        function(table.assign(**{column: table[column].where(table.index > 0)}))


@pytest.mark.parametrize(
    "name", ["annual_value customers", "acquisition_cost customers", "unit_economics customers"]
)
def test_a_customer_with_two_rows_is_refused(name):
    table, function = TABLES[name]
    with pytest.raises(ValueError, match="'customer_id' of customers must be unique.*'Li'"):
        function(pd.concat([table, table.head(1)]))


def test_a_column_that_stands_twice_is_refused():
    twice = pd.concat([ORDERS, ORDERS[["amount"]]], axis=1)
    with pytest.raises(ValueError, match="more than one column called 'amount'"):
        value.rfm(twice, **DAY)


def test_true_and_false_are_no_amounts():
    with pytest.raises(TypeError, match="holds True/False"):
        value.rfm(ORDERS.assign(amount=True), **DAY)


def test_amounts_are_no_dates():
    with pytest.raises(TypeError, match="must hold dates, but holds numbers"):
        value.rfm(ORDERS.assign(order_date=20251224), **DAY)


def test_dates_are_no_amounts():
    with pytest.raises(TypeError, match="must hold numbers, but holds dates"):
        value.rfm(ORDERS.assign(amount=ORDERS["order_date"]), **DAY)


def test_mixed_values_are_no_amounts():
    with pytest.raises(TypeError, match="holds mixed-integer values"):
        value.rfm(ORDERS.assign(amount=pd.Series([1, "2", None], dtype=object)), **DAY)


def test_an_amount_of_only_gaps_says_so():
    with pytest.raises(TypeError, match="column 'amount' of orders must hold.*only gaps"):
        value.rfm(ORDERS.assign(amount=None), **DAY)
