"""The market: growth, shares, concentration and sizes."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.segments import MarketSizes, cagr, hhi, market_share, market_sizes

MARKET = pd.DataFrame(
    {
        "year": [2024, 2024, 2025, 2025],
        "segment": ["leaf", "gift", "leaf", "gift"],
        "brand": ["Ours", "Theirs", "Theirs", "Ours"],
        "sales": [30.0, 70.0, 150.0, 50.0],
    }
)
SALES = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20)


def test_growth_by_hand():
    assert cagr(100, 121, 2) == pytest.approx(0.10)


def test_a_market_that_vanishes_shrinks_by_everything():
    assert cagr(100, 0, 3) == -1


@settings(deadline=None)
@given(st.floats(1, 1e6), st.floats(-0.9, 2), st.integers(1, 30))
def test_growing_at_the_rate_gives_the_end(start, rate, years):
    assert cagr(start, start * (1 + rate) ** years, years) == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ((0, 10, 2), "start must be above zero, not 0"),
        ((10, -1, 2), "end cannot be negative"),
        ((10, 12, 0), "years must be above zero, not 0"),
        ((10, math.nan, 2), "end has 1 missing values"),
    ],
)
def test_growth_that_has_no_rate_is_refused(inputs, says):
    with pytest.raises(ValueError, match=says):
        cagr(*inputs)


# --- concentration


def test_the_index_of_the_agencies_example():
    """US Department of Justice, Herfindahl-Hirschman Index: shares of 30, 30, 20, 20 make 2,600."""
    assert hhi([30, 30, 20, 20]) == pytest.approx(2600)


def test_one_seller_has_ten_thousand_points():
    assert hhi([7.5]) == 10_000


@settings(deadline=None)
@given(SALES)
def test_the_index_lies_between_equal_shares_and_one_seller(sales):
    assert 10_000 / len(sales) - 1e-6 <= hhi(sales) <= 10_000 + 1e-6


@settings(deadline=None)
@given(SALES, st.floats(0.01, 1e3))
def test_the_unit_of_sales_does_not_matter(sales, unit):
    assert hhi([unit * s for s in sales]) == pytest.approx(hhi(sales))


@settings(deadline=None)
@given(SALES.filter(lambda s: len(s) > 1))
def test_a_merger_never_lowers_the_index(sales):
    assert hhi([sales[0] + sales[1], *sales[2:]]) >= hhi(sales) - 1e-6


@pytest.mark.parametrize(
    ("sales", "error", "says"),
    [
        ([], ValueError, "sales is empty"),
        ([0, 0], ValueError, "no competitor with sales above zero"),
        ([5, -1], ValueError, "sales cannot be negative"),
        (["5", "6"], TypeError, "sales must hold numbers"),
        ([5, None], ValueError, "1 missing values"),
    ],
)
def test_sales_that_have_no_index_are_refused(sales, error, says):
    with pytest.raises(error, match=says):
        hhi(sales)


# --- shares


def test_shares_of_the_whole_market_add_up_a_brands_rows():
    table = market_share(MARKET).set_index("brand")
    assert table["sales"].to_dict() == {"Theirs": 220, "Ours": 80}
    assert table["share"].to_dict() == {"Theirs": 220 / 300, "Ours": 80 / 300}


def test_shares_within_each_year():
    table = market_share(MARKET, within="year").set_index(["year", "brand"])
    assert table.loc[(2024, "Ours"), "share"] == 0.3
    assert table.loc[(2025, "Ours"), "share"] == 0.25


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc"), st.floats(1, 99)), min_size=1))
def test_shares_sum_to_one_within_each_group(rows):
    market = pd.DataFrame(rows, columns=["year", "brand", "sales"])
    table = market_share(market, within=["year"])
    assert table.groupby("year")["share"].sum().tolist() == pytest.approx(
        [1] * table.year.nunique()
    )


# --- sizes


def test_market_sizes_by_hand():
    sizes = market_sizes(MARKET, served=["gift"], obtainable_share=0.25)
    assert sizes == MarketSizes(tam=300, sam=120, som=30)
    assert str(sizes) == "TAM 300.0, SAM 120.0, SOM 30.0"


@settings(deadline=None)
@given(st.sets(st.sampled_from(["leaf", "gift"])), st.floats(0, 1))
def test_each_size_lies_within_the_one_before(served, share):
    sizes = market_sizes(MARKET, served=served, obtainable_share=share)
    assert sizes.tam >= sizes.sam >= sizes.som >= 0


def test_a_segment_that_is_not_in_the_market_is_named():
    with pytest.raises(ValueError, match="served names 'coffee'.*it has: gift, leaf"):
        market_sizes(MARKET, served=["coffee"], obtainable_share=0.1)


def test_one_segment_must_be_given_as_a_list():
    with pytest.raises(TypeError, match=r"served must be a list of segments: \['gift'\]"):
        market_sizes(MARKET, served="gift", obtainable_share=0.1)


def test_an_obtainable_share_in_percent_is_refused():
    with pytest.raises(ValueError, match="obtainable_share must lie between 0 and 1"):
        market_sizes(MARKET, served=["gift"], obtainable_share=10)


# --- inputs


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda t: t.head(0), ValueError, "market has no rows"),
        (lambda t: t.drop(columns="sales"), ValueError, "market has no column 'sales'"),
        (lambda t: t.assign(sales="12"), TypeError, "'sales' of market must hold numbers.*text"),
        (lambda t: t.assign(sales=-1.0), ValueError, "'sales' of market cannot be negative"),
        (lambda t: t.assign(sales=None), TypeError, "'sales' of market.*only gaps"),
        (lambda t: t.assign(sales=[1, 2, 3, None]), ValueError, "'sales' of market has 1 missing"),
        (lambda t: t.to_dict(), TypeError, "market must be a pandas DataFrame, not dict"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [market_share, lambda t: market_sizes(t, served=["gift"], obtainable_share=0.1)],
    ids=["market_share", "market_sizes"],
)
def test_a_market_table_with_a_fault_is_refused(function, spoil, error, says):
    with pytest.raises(error, match=says):
        function(spoil(MARKET))


def test_sales_of_nobody_are_refused():
    brands = ["Ours", None, "Theirs", "Ours"]
    with pytest.raises(ValueError, match="'brand' of market is missing in 1 of 4"):
        market_share(MARKET.assign(brand=brands))


def test_a_year_without_sales_has_no_shares():
    with pytest.raises(ValueError, match="sums to zero"):
        market_share(MARKET.assign(sales=[0.0, 0.0, 1.0, 1.0]), within="year")
