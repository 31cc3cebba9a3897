"""Unit economics: what a customer costs and brings, and when the cost is earned back."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.value import (
    acquisition_cost,
    annual_value,
    expected_lifetime,
    historic_clv,
    lifetime_value,
    ltv_cac,
    margin_multiple,
    payback_months,
    simple_clv,
    unit_economics,
)

SHARES = st.floats(0, 1)
MONEY = st.floats(0, 1e6)

COSTS = pd.DataFrame({"channel": ["search", "search", "social"], "cost": [300.0, 200.0, 900.0]})
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["Li", "Wu", "Ma", "He"],
        "acquisition_channel": ["search", "search", "social", "social"],
        "signup_date": pd.to_datetime(["2024-01-01", "2025-01-01", "2024-01-01", "2026-03-01"]),
    }
)
ORDERS = pd.DataFrame(
    {
        "customer_id": ["Li", "Li", "Wu", "Ma", "He", "Li"],
        "order_date": pd.to_datetime(
            ["2024-05-01", "2025-05-01", "2025-05-01", "2024-07-01", "2026-03-02", "2026-01-01"]
        ),
        "amount": [600.0, -60.0, 360.0, 100.0, 5000.0, 7000.0],
        "margin": [300.0, -30.0, 180.0, 20.0, 2500.0, 3500.0],
    }
)


# --- margin multiple: Gupta & Lehmann (2003); Fader & Hardie (2012) for the timing


@pytest.mark.parametrize(
    ("retention_rate", "discount_rate", "published"),
    [
        (0.6, 0.10, 1.20),
        (0.7, 0.10, 1.75),
        (0.8, 0.10, 2.67),
        (0.9, 0.10, 4.50),
        (0.6, 0.16, 1.07),
        (0.7, 0.16, 1.52),
        (0.8, 0.16, 2.22),
        (0.9, 0.16, 3.46),
    ],
)
def test_the_margin_multiple_is_the_published_one(retention_rate, discount_rate, published):
    """Gupta & Lehmann (2003), table of margin multiples."""
    assert round(margin_multiple(retention_rate, discount_rate), 2) == published


@settings(deadline=None)
@given(st.floats(0, 0.99), st.floats(0.01, 1))
def test_the_first_payment_adds_exactly_one_margin(retention_rate, discount_rate):
    """Fader & Hardie (2012): the two conventions differ by the margin paid at once."""
    without = margin_multiple(retention_rate, discount_rate)
    with_it = margin_multiple(retention_rate, discount_rate, first_payment=True)
    assert with_it - without == pytest.approx(1)


@settings(deadline=None)
@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.01, 1))
def test_the_margin_multiple_is_the_sum_of_discounted_margins(r, first, d):
    summed = sum((r / (1 + d)) ** year for year in range(1, 400))
    assert margin_multiple(r, d) == pytest.approx(summed, abs=1e-9)


@settings(deadline=None)
@given(SHARES, SHARES, st.floats(0.001, 1), st.booleans())
def test_more_retention_never_lowers_the_multiple(one, other, discount_rate, first_payment):
    low, high = sorted([one, other])
    assert margin_multiple(low, discount_rate, first_payment=first_payment) <= margin_multiple(
        high, discount_rate, first_payment=first_payment
    )


def test_nobody_leaving_and_nothing_discounted_has_no_finite_value():
    with pytest.raises(ValueError, match="no finite value"):
        margin_multiple(1.0, 0.0)


# --- simple CLV


def test_simple_clv_by_hand():
    assert simple_clv(600, 0.5, 3, 200) == 700


def test_simple_clv_of_several_channels_keeps_their_names():
    revenue = pd.Series({"search": 600.0, "social": 300.0})
    cost = pd.Series({"social": 400.0, "search": 200.0})  # another order: matched by name
    clv = simple_clv(revenue, 0.5, 3, cost)
    assert clv.to_dict() == {"search": 700.0, "social": 50.0}


def test_channels_that_do_not_match_are_refused():
    revenue, cost = pd.Series({"search": 600.0}), pd.Series({"social": 400.0})
    with pytest.raises(ValueError, match="different rows.*search.*social"):
        simple_clv(revenue, 0.5, 3, cost)


def test_a_list_of_numbers_gives_an_array():
    assert lifetime_value([600, 300], 0.5, 2).tolist() == [600, 300]


@settings(deadline=None)
@given(MONEY, SHARES, st.floats(0, 50), st.floats(0, 50), MONEY)
def test_a_longer_lifetime_never_lowers_clv(revenue, margin, one, other, cost):
    low, high = sorted([one, other])
    assert simple_clv(revenue, margin, low, cost) <= simple_clv(revenue, margin, high, cost)


@settings(deadline=None)
@given(MONEY, SHARES, st.floats(0, 0.99), st.floats(0, 0.99), MONEY)
def test_more_retention_never_lowers_clv(revenue, margin, one, other, cost):
    low, high = (expected_lifetime(rate) for rate in sorted([one, other]))
    assert simple_clv(revenue, margin, low, cost) <= simple_clv(revenue, margin, high, cost)


def test_expected_lifetime_is_one_over_the_share_that_leaves():
    assert expected_lifetime(0.75) == 4
    assert expected_lifetime(0.0) == 1
    assert expected_lifetime(1.0) == math.inf


@pytest.mark.parametrize("margin", [40, 1.01, -1.5])
def test_a_margin_in_percent_is_refused(margin):
    with pytest.raises(ValueError, match="gross_margin must lie between -1 and 1"):
        simple_clv(600, margin, 3, 200)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ((-1, 0.5, 3, 200), "annual_revenue cannot be negative"),
        ((600, 0.5, -3, 200), "lifetime_years cannot be negative"),
        ((600, 0.5, 3, -200), "acquisition_cost cannot be negative"),
        ((600, float("nan"), 3, 200), "gross_margin has 1 missing values"),
    ],
)
def test_impossible_inputs_of_clv_are_named(inputs, says):
    with pytest.raises(ValueError, match=says):
        simple_clv(*inputs)


@pytest.mark.parametrize(
    "call",
    [
        lambda: simple_clv("600", 0.5, 3, 200),
        lambda: ltv_cac("600", 200),
        lambda: payback_months(200, "25"),
        lambda: margin_multiple("0.8", 0.1),
        lambda: expected_lifetime("0.8"),
    ],
)
def test_text_is_no_number(call):
    with pytest.raises(TypeError, match=r"must hold numbers, but holds text .*pd\.to_numeric"):
        call()


# --- LTV:CAC and payback


def test_ltv_cac_by_hand():
    assert ltv_cac(900, 200) == 4.5


def test_customers_who_cost_nothing_have_an_infinite_ratio():
    assert ltv_cac(900, 0) == math.inf
    assert math.isnan(ltv_cac(0, 0))


def test_payback_by_hand():
    assert payback_months(200, 25) == 8


@pytest.mark.parametrize("margin", [0, -5])
def test_without_margin_the_cost_never_comes_back(margin):
    assert payback_months(200, margin) == math.inf


def test_nothing_spent_is_earned_back_at_once():
    assert payback_months(0, 0) == 0


def test_payback_of_several_channels_keeps_their_names():
    months = payback_months(pd.Series({"a": 100.0, "b": 0.0}), pd.Series({"a": -1.0, "b": 0.0}))
    assert months.to_dict() == {"a": math.inf, "b": 0.0}


@settings(deadline=None)
@given(st.floats(1, 1e5), st.floats(0.01, 1e4), st.floats(0.1, 20))
def test_who_pays_back_before_leaving_has_a_ratio_above_one(cost, monthly_margin, years):
    months = payback_months(cost, monthly_margin)
    assert ltv_cac(monthly_margin * 12 * years, cost) == pytest.approx(12 * years / months)


# --- acquisition cost


def test_acquisition_cost_divides_by_new_customers():
    table = acquisition_cost(COSTS, CUSTOMERS, customers_by="acquisition_channel")
    assert table["acquisition_cost"].tolist() == [250.0, 450.0]
    assert table["new_customers"].tolist() == [2, 2]


def test_orders_in_place_of_customers_are_noticed():
    with pytest.raises(
        ValueError, match="must be unique.*one row a customer, not one row an order"
    ):
        acquisition_cost(COSTS, ORDERS.assign(channel="search"))


def test_a_channel_that_won_nobody_has_an_infinite_cost():
    costs = pd.concat([COSTS, pd.DataFrame({"channel": ["radio"], "cost": [70.0]})])
    table = acquisition_cost(costs, CUSTOMERS, customers_by="acquisition_channel")
    assert table.set_index("channel").loc["radio", "acquisition_cost"] == math.inf


def test_a_channel_without_a_bill_costs_nothing():
    table = acquisition_cost(COSTS.tail(1), CUSTOMERS, customers_by="acquisition_channel")
    assert table.set_index("channel")["acquisition_cost"].to_dict() == {"search": 0, "social": 450}


def test_negative_costs_are_refused():
    with pytest.raises(ValueError, match="'cost' of costs cannot be negative, but -1"):
        acquisition_cost(COSTS.assign(cost=-1.0), CUSTOMERS, customers_by="acquisition_channel")


# --- from orders


def test_historic_clv_is_the_margin_before_the_snapshot():
    table = historic_clv(ORDERS, snapshot="2026-01-01").set_index("customer_id")
    assert table["historic_clv"].to_dict() == {"Li": 270.0, "Ma": 20.0, "Wu": 180.0}


def test_annual_revenue_is_per_customer_and_year():
    table = annual_value(ORDERS, CUSTOMERS, snapshot="2026-01-01").iloc[0]
    assert table["customers"] == 2
    assert table["customer_years"] == pytest.approx(3, abs=0.01)
    assert table["annual_revenue"] == pytest.approx(900 / 3, rel=0.01)
    assert table["gross_margin"] == 0.5


def test_customers_and_orders_after_the_snapshot_do_not_count():
    table = annual_value(ORDERS, CUSTOMERS, snapshot="2026-01-01").iloc[1]
    assert (table["customers"], table["gross_margin"]) == (1, 0.2)


def test_customers_who_never_bought_count_in_the_average():
    table = annual_value(ORDERS.head(1), CUSTOMERS, snapshot="2026-01-01")
    assert table["annual_revenue"].tolist()[1] == 0
    assert table["gross_margin"].tolist() == [0.5, 0.0]


def test_unit_economics_puts_the_pieces_together():
    table = unit_economics(COSTS, CUSTOMERS, ORDERS, snapshot="2026-01-01", lifetime_years=3)
    search = table.set_index("channel").loc["search"]
    assert search["acquisition_cost"] == 250
    assert search["clv"] == pytest.approx(
        simple_clv(search["annual_revenue"], 0.5, 3, search["acquisition_cost"])
    )
    assert search["ltv_cac"] == pytest.approx((search["clv"] + 250) / 250)
    monthly = search["annual_revenue"] * 0.5 / 12
    assert search["payback_months"] == pytest.approx(250 / monthly)


def test_unit_economics_takes_a_lifetime_for_each_channel():
    years = {"search": 4, "social": 1}
    table = unit_economics(COSTS, CUSTOMERS, ORDERS, snapshot="2026-01-01", lifetime_years=years)
    assert table["lifetime_years"].tolist() == [4, 1]


def test_a_channel_without_a_lifetime_is_named():
    with pytest.raises(ValueError, match="no entry for 'social'"):
        unit_economics(
            COSTS, CUSTOMERS, ORDERS, snapshot="2026-01-01", lifetime_years={"search": 4}
        )


def test_a_channel_that_won_nobody_never_pays_back():
    costs = pd.concat([COSTS, pd.DataFrame({"channel": ["radio"], "cost": [70.0]})])
    table = unit_economics(costs, CUSTOMERS, ORDERS, snapshot="2026-01-01", lifetime_years=3)
    radio = table.set_index("channel").loc["radio"]
    assert (radio["clv"], radio["ltv_cac"], radio["payback_months"]) == (-math.inf, 0, math.inf)


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 20), st.floats(0, 20))
def test_a_longer_assumed_lifetime_never_lowers_a_channels_clv(one, other):
    low, high = (
        unit_economics(COSTS, CUSTOMERS, ORDERS, snapshot="2026-01-01", lifetime_years=years)
        for years in sorted([one, other])
    )
    assert (low["clv"] <= high["clv"]).all()
