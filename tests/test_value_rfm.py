"""Recency, frequency and monetary value: what counts, when, and how it is scored."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.data import load
from crmlib.value import (
    rfm,
    rfm_cut_points,
    rfm_scores,
    rfm_segments,
    segment_rules,
    segment_shares,
)

SNAPSHOT = "2026-01-01"


def orders(*rows, **columns):
    """A table of orders from (customer, date, amount)."""
    table = pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"]).assign(**columns)
    return table.assign(order_date=pd.to_datetime(table["order_date"], format="mixed"))


def one(table):
    """The only row of a table, as a dict without the customer."""
    assert len(table) == 1
    return table.drop(columns="customer_id").iloc[0].to_dict()


def test_a_customer_by_hand():
    bought = orders(("Li", "2025-11-02", 120), ("Li", "2025-12-22", 80))
    assert one(rfm(bought, snapshot=SNAPSHOT)) == {"recency": 10, "frequency": 2, "monetary": 200}


def test_refunds_are_not_purchases_but_lower_the_money():
    bought = orders(("Li", "2025-11-02", 120.0), ("Li", "2025-12-22", -20.0))
    assert one(rfm(bought, snapshot=SNAPSHOT)) == {"recency": 60, "frequency": 1, "monetary": 100}


def test_an_order_that_cost_nothing_is_a_purchase():
    bought = orders(("Li", "2025-12-30", 0.0))
    assert one(rfm(bought, snapshot=SNAPSHOT)) == {"recency": 2, "frequency": 1, "monetary": 0}


def test_the_snapshot_is_the_morning_of_its_day():
    bought = orders(("Li", "2025-12-31 23:59:59", 10.0), ("Li", "2026-01-01 00:00:00", 99.0))
    assert one(rfm(bought, snapshot=SNAPSHOT)) == {"recency": 1, "frequency": 1, "monetary": 10}


def test_the_hour_of_a_snapshot_is_left_out():
    bought = orders(("Li", "2025-12-31", 10.0), ("Li", "2026-01-01 08:00", 99.0))
    assert one(rfm(bought, snapshot=pd.Timestamp("2026-01-01 18:30")))["frequency"] == 1


def test_a_refund_after_the_snapshot_is_not_known_yet():
    bought = orders(("Li", "2025-12-01", 50.0), ("Li", "2026-02-01", -50.0))
    assert one(rfm(bought, snapshot=SNAPSHOT))["monetary"] == 50


def test_customers_without_a_purchase_before_the_snapshot_are_left_out():
    bought = orders(("Li", "2025-12-01", 50.0), ("Wu", "2025-12-02", -5.0), ("Ma", "2026-01-02", 9))
    assert rfm(bought, snapshot=SNAPSHOT)["customer_id"].tolist() == ["Li"]


def test_a_day_with_two_purchases_counts_once_if_asked():
    bought = orders(
        ("Li", "2025-12-01 09:00", 50.0), ("Li", "2025-12-01 17:00", 30.0), ("Li", "2025-12-09", 5)
    )
    assert one(rfm(bought, snapshot=SNAPSHOT))["frequency"] == 3
    merged = one(rfm(bought, snapshot=SNAPSHOT, merge_same_day=True))
    assert merged == {"recency": 23, "frequency": 2, "monetary": 85}


def test_columns_may_have_other_names():
    bought = orders(("Li", "2025-12-01", 50.0))
    bought = bought.rename(columns={"customer_id": "who", "order_date": "when", "amount": "paid"})
    table = rfm(bought, snapshot=SNAPSHOT, customer_id="who", date="when", amount="paid")
    assert table.columns.tolist() == ["who", "recency", "frequency", "monetary"]


def test_customers_may_be_numbers_or_categories():
    bought = orders((7, "2025-12-01", 50.0), (3, "2025-12-02", 40.0))
    assert rfm(bought, snapshot=SNAPSHOT)["customer_id"].tolist() == [3, 7]
    bought["customer_id"] = bought["customer_id"].astype("category")
    assert rfm(bought, snapshot=SNAPSHOT)["customer_id"].tolist() == [3, 7]


def test_dates_with_a_time_zone_count_by_local_clock_time():
    bought = orders(("Li", "2025-12-31 23:00", 50.0))
    bought["order_date"] = bought["order_date"].dt.tz_localize("Asia/Shanghai")
    assert one(rfm(bought, snapshot=SNAPSHOT))["recency"] == 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_may_have_any_resolution(unit):
    bought = orders(("Li", "2025-12-30 23:59:59", 50.0))
    bought["order_date"] = bought["order_date"].dt.as_unit(unit)
    assert one(rfm(bought, snapshot=SNAPSHOT))["recency"] == 2


def test_the_orders_given_are_not_changed():
    bought = orders(("Li", "2025-12-01", 50.0), ("Wu", "2025-12-02", -5.0))
    before = bought.copy()
    rfm(bought, snapshot=SNAPSHOT, merge_same_day=True)
    pd.testing.assert_frame_equal(bought, before)


def test_order_lines_are_noticed_if_the_order_is_named():
    lines = orders(("Li", "2025-12-01", 5.0), ("Li", "2025-12-01", 6.0), order_id=["A1", "A1"])
    with pytest.raises(ValueError, match="'order_id'.*'A1'.*one row an order"):
        rfm(lines, snapshot=SNAPSHOT, order_id="order_id")
    lines["order_id"] = ["A1", "A2"]
    assert one(rfm(lines, snapshot=SNAPSHOT, order_id="order_id"))["frequency"] == 2


def test_a_snapshot_before_the_first_order_is_refused():
    bought = orders(("Li", "2025-12-01", 50.0))
    with pytest.raises(ValueError, match="snapshot 2025-12-01 is not after the first order"):
        rfm(bought, snapshot="2025-12-01")


def test_refunds_only_are_refused():
    with pytest.raises(ValueError, match="no purchase before 2026-01-01"):
        rfm(orders(("Li", "2025-12-01", -50.0)), snapshot=SNAPSHOT)


@pytest.mark.parametrize("snapshot", ["yesterday-ish", None, 20260101, True, pd.NaT])
def test_a_snapshot_that_is_no_date_is_refused(snapshot):
    with pytest.raises(ValueError, match="snapshot=.*is not a date"):
        rfm(orders(("Li", "2025-12-01", 50.0)), snapshot=snapshot)


# --- CDNOW: Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing
# Science 24


def test_cdnow_has_the_published_size():
    cdnow = load("cdnow")
    table = rfm(cdnow, snapshot="1998-07-01")
    assert (len(cdnow), len(table)) == (6919, 2357)
    assert table["frequency"].sum() == 6919
    assert round(table["monetary"].sum(), 2) == 244_091.94


def test_cdnow_has_the_published_customer_days():
    table = rfm(load("cdnow"), snapshot="1998-07-01", merge_same_day=True)
    assert table["frequency"].sum() == 6696


def test_cdnow_has_the_published_repeat_purchases():
    """Fader, Hardie & Lee (2005): calibration to 1997-09-30, the first purchase is not counted."""
    table = rfm(load("cdnow"), snapshot="1997-10-01", merge_same_day=True)
    repeats = table["frequency"] - 1
    customers = repeats.clip(upper=7).value_counts().sort_index().tolist()
    assert customers == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert repeats.sum() == 2457
    assert (repeats > 0).sum() == 946


def test_cdnow_has_the_published_holdout_purchases():
    """Fader, Hardie & Lee (2005): 1,882 purchases in the 39 weeks after the calibration."""
    before, after = (
        rfm(load("cdnow"), snapshot=day, merge_same_day=True)["frequency"].sum()
        for day in ("1997-10-01", "1998-07-01")
    )
    assert after - before == 1882


# --- what must always hold

SOME_ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["Li", "Wu", "Ma", "He"]),
        st.datetimes(pd.Timestamp("2025-11-01"), pd.Timestamp("2026-02-01")),
        st.integers(-50, 100),
    ),
    min_size=1,
    max_size=40,
).map(lambda rows: orders(("Li", "2025-10-31", 1), *rows))


def plain_pandas(bought, *, merge_same_day):
    """The same table, written the slow and obvious way."""
    known = bought[bought["order_date"] < SNAPSHOT]
    purchases = known[known["amount"] >= 0].copy()
    purchases["day"] = purchases["order_date"].dt.normalize()
    groups = purchases.groupby("customer_id")["day"]
    table = groups.agg(["max", "nunique" if merge_same_day else "size"])
    table.columns = ["recency", "frequency"]
    table["recency"] = (pd.Timestamp(SNAPSHOT) - table["recency"]).dt.days
    table["monetary"] = known.groupby("customer_id")["amount"].sum().astype(float)
    return table.reset_index()


@settings(deadline=None)
@given(SOME_ORDERS, st.booleans())
def test_rfm_equals_the_obvious_groupbys(bought, merge_same_day):
    pd.testing.assert_frame_equal(
        rfm(bought, snapshot=SNAPSHOT, merge_same_day=merge_same_day),
        plain_pandas(bought, merge_same_day=merge_same_day),
        check_dtype=False,
    )


@settings(deadline=None)
@given(SOME_ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(bought, random):
    rows = list(range(len(bought)))
    random.shuffle(rows)
    pd.testing.assert_frame_equal(
        rfm(bought, snapshot=SNAPSHOT), rfm(bought.iloc[rows], snapshot=SNAPSHOT)
    )


# --- scores

MEASURES = st.lists(
    st.tuples(st.integers(1, 900), st.integers(1, 12), st.integers(-100, 3000)),
    min_size=1,
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["recency", "frequency", "monetary"]))


def test_without_ties_each_quintile_holds_a_fifth():
    n = np.arange(1, 101)
    scored = rfm_scores(pd.DataFrame({"recency": n, "frequency": n, "monetary": n}))
    for score in ("r_score", "f_score", "m_score"):
        assert scored[score].value_counts().tolist() == [20] * 5


def test_the_most_recent_customer_has_the_best_recency_score():
    table = pd.DataFrame({"recency": [1, 50, 700], "frequency": [1, 1, 1], "monetary": [1, 1, 1]})
    assert rfm_scores(table, bins=3)["r_score"].tolist() == [3, 2, 1]


def test_when_all_are_alike_nobody_beats_a_cut_point():
    table = pd.DataFrame({"recency": [9] * 4, "frequency": [1] * 4, "monetary": [5.0] * 4})
    scored = rfm_scores(table)
    assert (scored[["r_score", "f_score", "m_score"]] == 1).all(axis=None)


@settings(deadline=None)
@given(MEASURES, st.integers(2, 7))
def test_equal_values_always_share_a_score(table, bins):
    scored = rfm_scores(table, bins=bins)
    for measure, score in [("recency", "r_score"), ("frequency", "f_score")]:
        assert (scored.groupby(measure)[score].nunique() == 1).all()


@settings(deadline=None)
@given(MEASURES, st.integers(2, 7))
def test_better_values_never_score_worse(table, bins):
    scored = rfm_scores(table, bins=bins)
    assert scored.sort_values("recency")["r_score"].is_monotonic_decreasing
    assert scored.sort_values("frequency")["f_score"].is_monotonic_increasing
    assert scored.sort_values("monetary")["m_score"].is_monotonic_increasing


@settings(deadline=None)
@given(MEASURES, st.integers(2, 7))
def test_scores_lie_between_one_and_the_number_of_bins(table, bins):
    scores = rfm_scores(table, bins=bins)[["r_score", "f_score", "m_score"]]
    assert scores.min(axis=None) >= 1
    assert scores.max(axis=None) <= bins


def test_last_months_cut_points_score_this_months_customers():
    january = pd.DataFrame({"recency": [5, 50], "frequency": [1, 9], "monetary": [10.0, 90.0]})
    february = pd.DataFrame({"recency": [1, 2], "frequency": [8, 9], "monetary": [70.0, 95.0]})
    rule = rfm_cut_points(january, bins=2)
    assert rfm_scores(february, cut_points=rule)["r_score"].tolist() == [2, 2]
    assert rfm_scores(february, bins=2)["r_score"].tolist() == [2, 1]


def test_scoring_refuses_a_customer_with_two_rows():
    table = pd.DataFrame(
        {"customer_id": ["Li", "Li"], "recency": [1, 2], "frequency": 1, "monetary": 1.0}
    )
    with pytest.raises(ValueError, match="'customer_id'.*'Li'.*rfm"):
        rfm_scores(table)


@pytest.mark.parametrize("bins", [1, 0, 2.5, "five", True])
def test_bins_must_be_a_whole_number_from_two_up(bins):
    table = pd.DataFrame({"recency": [1], "frequency": [1], "monetary": [1.0]})
    with pytest.raises(ValueError, match="bins must be a whole number from 2 up"):
        rfm_scores(table, bins=bins)


# --- segments


def test_every_pair_of_scores_has_exactly_one_segment():
    pairs = pd.MultiIndex.from_product([range(1, 6)] * 2, names=["r_score", "f_score"]).to_frame()
    assert rfm_segments(pairs)["segment"].notna().all()


@pytest.mark.parametrize(
    ("r", "f", "segment"),
    [
        (5, 5, "champions"),
        (3, 5, "loyal"),
        (5, 1, "promising"),
        (3, 1, "fading"),
        (1, 5, "at_risk"),
        (1, 1, "lost"),
    ],
)
def test_a_pair_of_scores_has_its_name(r, f, segment):
    assert rfm_segments(pd.DataFrame({"r_score": [r], "f_score": [f]}))["segment"][0] == segment


def test_rules_of_ones_own_are_used():
    rules = pd.DataFrame(
        {"segment": ["gone", "here"], "r_from": [1, 2], "r_to": [1, 3], "f_from": 1, "f_to": 3}
    )
    scores = pd.DataFrame({"r_score": [1, 3], "f_score": [2, 2]})
    assert rfm_segments(scores, rules=rules)["segment"].tolist() == ["gone", "here"]


def test_scores_that_no_rule_covers_are_named():
    with pytest.raises(ValueError, match="r_score 7 with f_score 1 is covered by 0 rules"):
        rfm_segments(pd.DataFrame({"r_score": [7], "f_score": [1]}))


def test_rules_that_overlap_are_refused():
    rules = pd.concat([segment_rules(), segment_rules().head(1)])
    with pytest.raises(ValueError, match="covered by 2 rules"):
        rfm_segments(pd.DataFrame({"r_score": [5], "f_score": [5]}), rules=rules)


def test_segment_shares_by_hand():
    table = pd.DataFrame(
        {"segment": ["a", "b", "b", "b"], "revenue": [50.0, 10, 20, 20], "margin": [5.0, 5, 5, 5]}
    )
    shares = segment_shares(table, values=["revenue", "margin"]).set_index("segment")
    assert shares["share_of_customers"].to_dict() == {"a": 0.25, "b": 0.75}
    assert shares["share_of_revenue"].to_dict() == {"a": 0.5, "b": 0.5}
    assert shares["share_of_margin"].to_dict() == {"a": 0.25, "b": 0.75}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 900)), min_size=1))
def test_shares_sum_to_one(rows):
    shares = segment_shares(pd.DataFrame(rows, columns=["segment", "monetary"]))
    assert shares["share_of_customers"].sum() == pytest.approx(1)
    assert shares["share_of_monetary"].sum() == pytest.approx(1)
    assert shares["monetary"].is_monotonic_decreasing


def test_shares_of_nothing_are_refused():
    table = pd.DataFrame({"segment": ["a", "b"], "monetary": [5.0, -5.0]})
    with pytest.raises(ValueError, match="'monetary' of table sums to 0"):
        segment_shares(table)
