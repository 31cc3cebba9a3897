"""Concentration: what the best customers bring."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.data import load
from crmlib.value import heavy_half, revenue_concentration, rfm

AMOUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=60).filter(lambda a: sum(a) > 0)


def test_one_customer_in_five_brings_eighty_percent():
    assert revenue_concentration([50, 50, 800, 50, 50]).share == 0.8


def test_between_two_customers_the_curve_is_read_in_between():
    assert revenue_concentration([60, 40], top=0.25).share == pytest.approx(0.3)


def test_cdnow_top_fifth_brings_two_thirds():
    """The course's outline: on CDNOW the top 20 % bring 67 %, not 80 %."""
    spent = rfm(load("cdnow"), snapshot="1998-07-01")["monetary"]
    assert revenue_concentration(spent).share == pytest.approx(0.67, abs=0.005)


def test_customers_who_cost_money_make_a_whale_curve():
    curve = revenue_concentration([100, 50, -50]).curve
    assert curve["share_of_total"].max() == pytest.approx(1.5)
    assert curve["share_of_total"].iloc[-1] == 1


def test_the_result_reads_as_a_sentence():
    assert str(revenue_concentration([3, 1], top=0.5)) == (
        "The top 50% of 2 customers bring 75.0% of 4.00."
    )


@settings(deadline=None)
@given(AMOUNTS, st.floats(0, 1))
def test_the_top_bring_at_least_their_share_and_at_most_everything(amounts, top):
    share = revenue_concentration(amounts, top=top).share
    assert top - 1e-9 <= share <= 1 + 1e-9


@settings(deadline=None)
@given(AMOUNTS)
def test_the_curve_rises_from_zero_to_one(amounts):
    curve = revenue_concentration(amounts).curve
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    assert (np.diff(curve["share_of_total"]) >= -1e-12).all()


@settings(deadline=None)
@given(AMOUNTS, st.integers(1, 100))
def test_the_currency_does_not_matter(amounts, rate):
    share = revenue_concentration(amounts).share
    assert revenue_concentration([rate * a for a in amounts]).share == pytest.approx(share)


@settings(deadline=None)
@given(AMOUNTS)
def test_the_heavy_half_takes_between_half_and_all(amounts):
    assert 0.5 - 1e-9 <= heavy_half(amounts) <= 1 + 1e-9


def test_the_heavy_half_is_half_of_the_buyers():
    """Twedt (1964); Cook & Mindak (1984): those who buy nothing are left out first."""
    assert heavy_half([79, 21]) == 0.79
    assert heavy_half([79, 21, 0, 0, 0]) == 0.79


def test_a_volume_of_nobody_has_no_heavy_half():
    with pytest.raises(ValueError, match="no buyer"):
        heavy_half([0, -3])


def test_a_total_of_zero_has_no_shares():
    with pytest.raises(ValueError, match="sum to 0; shares need a total above zero"):
        revenue_concentration([5, -5])


@pytest.mark.parametrize("top", [20, -0.1])
def test_top_is_a_share_not_a_percentage(top):
    with pytest.raises(ValueError, match="top must lie between 0 and 1.*40 percent as 0.4"):
        revenue_concentration([1, 2], top=top)


@pytest.mark.parametrize(
    ("amounts", "error", "says"),
    [
        ([], ValueError, "amounts is empty"),
        (["12 yuan"], TypeError, "amounts must hold numbers, but holds text"),
        ([1.0, None], ValueError, "1 missing values in 2"),
        ([1.0, np.inf], ValueError, "infinite values"),
    ],
)
def test_what_is_no_amount_is_refused(amounts, error, says):
    for function in (revenue_concentration, heavy_half):
        with pytest.raises(error, match=says if amounts else "amounts"):
            function(amounts)
