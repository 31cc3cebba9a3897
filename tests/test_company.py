"""What the generated company promises: known truth, fresh draws, and data worth analysing."""

import hashlib
import re

import numpy as np
import pandas as pd
import pytest
from frictionless import Package, Resource, Schema
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from course.company import PUBLIC_SEED, SCHEMA, draw, orders_in_chunks
from course.company.calls import CALL_COST, WINDOW, response
from course.company.cards import card_fields
from course.company.files import to_csv
from course.company.world import PILOT_DAY, SNAPSHOT
from crmlib.data import (
    audit,
    in_order,
    is_date,
    matches,
    newer_than,
    not_missing,
    one_of,
    unique,
    within,
)
from crmlib.value import (
    acquisition_cost,
    revenue_concentration,
    rfm,
    rfm_scores,
    rfm_segments,
    unit_economics,
)

SEEDS = range(10)
TODAY = pd.Timestamp(SNAPSHOT)


@pytest.fixture(scope="module")
def companies():
    return [draw(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def company(companies):
    return companies[0]


def sales(company):
    orders = company.tables["orders"]
    return orders[orders["kind"] == "sale"]


# --- One seed, one company -----------------------------------------------------------------------


def csv_of(company):
    everything = company.tables | company.truth
    return {name: to_csv(data, SCHEMA[name]) for name, data in everything.items()}


def test_the_same_seed_gives_the_same_bytes():
    assert csv_of(draw(5, scale=0.1)) == csv_of(draw(5, scale=0.1))


def test_another_seed_gives_other_customers():
    one, other = draw(1, scale=0.1).tables["customers"], draw(2, scale=0.1).tables["customers"]
    assert len(set(one["customer_id"]) & set(other["customer_id"])) < 0.05 * len(one)


def test_128_random_bits_are_a_seed():
    assert len(draw(2**128 - 1, scale=0.05).tables["customers"]) == 300


def test_numbers_of_customers_follow_the_scale():
    assert len(draw(3, scale=0.5).tables["customers"]) == 3_000
    assert len(draw(3, scale=2).tables["customers"]) == 12_000


def test_customer_ids_tell_nothing_about_the_order_of_sign_up(company):
    customers = company.tables["customers"]
    rank = customers["customer_id"].rank().corr(customers["signup_date"].rank())
    assert abs(rank) < 0.05


def test_order_ids_tell_nothing_about_the_order_in_time(company):
    orders = company.tables["orders"]
    assert abs(orders["order_id"].rank().corr(orders["order_date"].rank())) < 0.05


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": -1}, "negative"),
        ({"seed": 1, "scale": 0.001}, "scale=0.001"),
        ({"seed": 1, "scale": 1_000}, "orders_in_chunks"),
        ({"seed": 1, "without": ("emails",)}, "emails.*calls"),
        ({"seed": 1, "without": "calls"}, "collection"),
    ],
)
def test_a_wrong_argument_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        draw(**arguments)


# --- Schema --------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", SCHEMA.values(), ids=list(SCHEMA))
def test_every_column_is_explained_in_both_languages(table):
    for text in (table.title, table.en, *(column.en for column in table.columns)):
        assert text and not re.search("[一-鿿]", text)
    for text in (table.title_zh, table.zh, *(column.zh for column in table.columns)):
        assert re.search("[一-鿿]", text)


@pytest.mark.parametrize("table", SCHEMA.values(), ids=list(SCHEMA))
def test_money_and_counts_have_a_unit(table):
    for column in table.columns:
        if column.type in ("number", "integer"):
            assert column.unit, f"{table.name}.{column.name} has no unit"


@pytest.mark.parametrize("seed", [11, 12])
def test_a_fresh_draw_keeps_every_limit_of_its_card(tmp_path, seed):
    from course.company import write

    write(draw(seed, scale=0.1), tmp_path, truth=True)
    report = Package(str(tmp_path / "lanternleaf" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:3]
    for name in ("customer_segments", "call_value", "data_quality"):
        schema = Schema.from_descriptor({"fields": card_fields(SCHEMA[name])})
        path = tmp_path / "truth" / f"{name}.csv"
        assert Resource(path=path.name, basepath=str(path.parent), schema=schema).validate().valid


def test_the_truth_is_not_among_the_tables(company):
    assert not set(company.tables) & set(company.truth)
    assert not {"segment", "call_value"} & set(company.tables["customers"])


def test_a_draw_shows_its_tables_not_their_content(company):
    assert "orders" in repr(company) and "call_value" in repr(company)


# --- Tables fit together -------------------------------------------------------------------------


def test_every_order_belongs_to_a_customer(companies):
    for company in companies:
        known = company.tables["customers"]["customer_id"]
        for name in ("orders", "customers_raw", "survey_2025", "call_pilot", "customer_features"):
            assert company.tables[name]["customer_id"].isin(known).all()


def test_the_first_purchase_is_on_the_day_of_sign_up(company):
    first = sales(company).groupby("customer_id")["order_date"].min().dt.normalize()
    signup = company.tables["customers"].set_index("customer_id")["signup_date"]
    assert (first.reindex(signup.index) == signup).all()


def test_history_ends_on_the_eve_of_the_snapshot(companies):
    for company in companies:
        dates = company.tables["orders"]["order_date"]
        assert dates.min() >= pd.Timestamp("2023-01-01")
        assert TODAY - pd.Timedelta(days=2) < dates.max() < TODAY


def test_lines_add_up_to_the_amount_of_their_order(companies):
    for company in companies:
        lines = company.tables["order_lines"]
        total = (lines["quantity"] * lines["unit_price"]).groupby(lines["order_id"]).sum()
        amounts = sales(company).set_index("order_id")["amount"]
        assert set(total.index) == set(amounts.index)
        np.testing.assert_allclose(total, amounts.loc[total.index], atol=0.005)


def test_sales_are_positive_and_refunds_negative(companies):
    for company in companies:
        orders = company.tables["orders"].set_index("order_id")
        sale, refund = orders[orders["kind"] == "sale"], orders[orders["kind"] == "refund"]
        assert (sale["amount"] > 0).all() and sale["refund_of"].isna().all()
        assert (refund[["amount", "margin"]] < 0).all(axis=None)


def test_a_refund_follows_its_sale_and_never_exceeds_it(companies):
    for company in companies:
        orders = company.tables["orders"].set_index("order_id")
        refund = orders[orders["kind"] == "refund"]
        sale = orders.loc[refund["refund_of"]]
        assert 200 < len(refund) < 0.06 * len(orders)
        assert (sale["kind"] == "sale").all()
        assert (sale["customer_id"].to_numpy() == refund["customer_id"].to_numpy()).all()
        assert (refund["order_date"].to_numpy() > sale["order_date"].to_numpy()).all()
        assert (-refund["amount"].to_numpy() <= sale["amount"].to_numpy()).all()


def test_money_has_two_decimals(company):
    for name, columns in {"orders": ["amount", "margin"], "campaign_costs": ["cost"]}.items():
        money = company.tables[name][columns]
        assert (money.round(2) == money).all(axis=None)


def test_gifts_sell_before_the_festivals(company):
    lines = company.tables["order_lines"].merge(company.tables["orders"], on="order_id")
    gifts = lines[lines["product_id"].isin(["P17", "P18", "P19"])]
    year = gifts[gifts["order_date"].dt.year == 2024]
    sold = year["order_date"].dt.month.value_counts()
    assert min(sold[1], sold[9]) > 1.5 * max(sold[5], sold[7])


def test_weekends_and_singles_day_are_busy(company):
    per_day = sales(company).groupby(sales(company)["order_date"].dt.normalize()).size()
    per_day = per_day[per_day.index.year == 2025]
    assert (
        per_day[per_day.index.day_of_week >= 5].mean()
        > 1.15 * per_day[per_day.index.day_of_week < 4].mean()
    )
    assert per_day[pd.Timestamp("2025-11-11")] > 2 * per_day.median()


def test_every_channel_costs_something_every_month(company):
    costs = company.tables["campaign_costs"]
    assert len(costs) == 36 * 6 and (costs["cost"] > 0).all()


def test_features_agree_with_the_orders(company):
    sold = sales(company)
    counts = sold["customer_id"].value_counts()
    many = counts[counts >= 8].index
    features = company.tables["customer_features"].set_index("customer_id").loc[many]
    mine = sold[sold["customer_id"].isin(many)]
    online = (mine["channel"] != "shop").groupby(mine["customer_id"]).mean()
    assert features["online_share"].corr(online.loc[many]) > 0.8
    spend = mine.groupby("customer_id")["amount"].mean().loc[many]
    order_value = features["spend_per_year"] / features["orders_per_year"]
    assert order_value.corr(spend, method="spearman") > 0.4


# --- What module 02 needs to find ----------------------------------------------------------------


def test_the_best_fifth_of_customers_brings_about_two_thirds_of_revenue(companies):
    for company in companies:
        spent = company.tables["orders"].groupby("customer_id")["amount"].sum()
        assert 0.60 < revenue_concentration(spent.clip(lower=0), top=0.2).share < 0.72


def clusters(company, *, scale):
    features = company.tables["customer_features"].drop(columns="customer_id")
    values = StandardScaler().fit_transform(features) if scale else features
    labels = KMeans(5, n_init=3, random_state=0).fit_predict(values)
    return adjusted_rand_score(company.truth["customer_segments"]["segment"], labels)


def test_scaled_k_means_recovers_the_needs_segments(companies):
    assert all(clusters(company, scale=True) > 0.85 for company in companies)


def test_unscaled_k_means_does_not(companies):
    assert all(clusters(company, scale=False) < 0.3 for company in companies)


def test_silhouette_and_not_inertia_points_at_five(companies):
    for company in companies[:2]:
        features = company.tables["customer_features"].drop(columns="customer_id")
        values = StandardScaler().fit_transform(features)[:2_000]
        models = {k: KMeans(k, n_init=3, random_state=0).fit(values) for k in range(3, 8)}
        inertia = [model.inertia_ for model in models.values()]
        silhouette = {k: silhouette_score(values, model.labels_) for k, model in models.items()}
        assert max(silhouette, key=silhouette.get) == 5
        assert inertia == sorted(inertia, reverse=True)


def channels(company):
    t = company.tables
    table = unit_economics(
        t["campaign_costs"], t["customers"], t["orders"], snapshot=TODAY, lifetime_years=3
    ).set_index("channel")
    by = t["orders"].merge(t["customers"], on="customer_id")
    orders = by[by["kind"] == "sale"].groupby("acquisition_channel").size()
    return table.assign(cost_per_order=table["cost"] / orders)


def test_the_cost_of_a_customer_differs_by_channel(companies):
    for company in companies:
        cac = acquisition_cost(
            company.tables["campaign_costs"],
            company.tables["customers"],
            customers_by="acquisition_channel",
        )["acquisition_cost"]
        assert cac.max() > 2 * cac.min() and cac.min() > 50


def test_influencers_look_best_by_order_and_are_worst_by_customer(companies):
    for company in companies:
        table = channels(company)
        assert "influencer" in table["cost_per_order"].nsmallest(2).index
        assert table["ltv_cac"].idxmin() == "influencer"


def test_the_marketplace_leads_in_revenue_but_not_in_margin(companies):
    for company in companies:
        table = channels(company)
        margin = table["annual_revenue"] * table["gross_margin"]
        revenue_rank = table["annual_revenue"].rank(ascending=False)["marketplace"]
        assert margin.rank(ascending=False)["marketplace"] >= revenue_rank + 2


# --- Whom to call --------------------------------------------------------------------------------


def segments_on(company, day):
    return rfm_segments(rfm_scores(rfm(company.tables["orders"], snapshot=day)))


def callable_on(company, day):
    """The segments of those who agreed to be contacted."""
    agreed = company.tables["customers"].query("consent_marketing")["customer_id"]
    now = segments_on(company, day)
    return now[now["customer_id"].isin(agreed)]


def uplift(company, day):
    """Extra margin of a call by RFM segment, as the pilot shows it."""
    pilot = company.tables["call_pilot"].merge(segments_on(company, day), on="customer_id")
    means = pilot.groupby(["segment", "called"])["margin_60d"].mean().unstack()
    return (means[True] - means[False]).sort_values(ascending=False)


def gain(company, customer_ids):
    """Share of what the best 500 calls would bring."""
    value = company.truth["call_value"].set_index("customer_id")["call_value"]
    return value[customer_ids].sum() / value.nlargest(500).sum()


def list_by(company, ranking):
    """500 customers, segment by segment in the order of `ranking`, at random within one."""
    now = callable_on(company, TODAY).sample(frac=1, random_state=0)
    place = {segment: number for number, segment in enumerate(ranking)}
    return now.iloc[np.argsort(now["segment"].map(place), kind="stable")]["customer_id"].head(500)


def test_the_pilot_shows_that_calls_bring_most_from_customers_at_risk(companies):
    for company in companies:
        assert uplift(company, PILOT_DAY).index[0] == "at_risk"


def test_a_list_by_the_pilots_uplift_brings_most_of_the_best_possible(companies):
    for company in companies:
        assert gain(company, list_by(company, uplift(company, PILOT_DAY).index)) > 0.75


def test_calling_the_top_spenders_brings_little(companies):
    for company in companies:
        now = callable_on(company, TODAY)
        assert gain(company, now.nlargest(500, "monetary")["customer_id"]) < 0.35


def test_grouping_the_pilot_by_what_came_after_it_misleads(companies):
    wrong = [uplift(company, TODAY)["at_risk"] for company in companies]
    right = [uplift(company, PILOT_DAY)["at_risk"] for company in companies]
    assert max(wrong) < 1 < 50 < min(right)


def test_nobody_is_worth_a_call_without_consent(company):
    agreed = company.tables["customers"].query("consent_marketing")["customer_id"]
    assert set(company.truth["call_value"]["customer_id"]) == set(agreed)


def test_calling_everyone_loses_money_on_most(company):
    value = company.truth["call_value"]["call_value"]
    assert (value < 0).mean() > 0.6 and value.min() >= -CALL_COST


def test_the_pilot_is_random_and_half_called(companies):
    for company in companies:
        pilot = company.tables["call_pilot"].merge(segments_on(company, PILOT_DAY))
        assert len(pilot) == 1_500 and pilot["called"].sum() == 750
        frequency = pilot.groupby("called")["frequency"].mean()
        assert 0.7 < frequency[True] / frequency[False] < 1.4


def test_the_pilots_margin_is_that_of_the_orders(company):
    orders = company.tables["orders"]
    start = pd.Timestamp(PILOT_DAY)
    inside = (orders["order_date"] >= start) & (
        orders["order_date"] < start + pd.Timedelta(days=WINDOW)
    )
    margin = orders[inside].groupby("customer_id")["margin"].sum()
    pilot = company.tables["call_pilot"].set_index("customer_id")
    np.testing.assert_allclose(
        pilot["margin_60d"], margin.reindex(pilot.index, fill_value=0), atol=0.005
    )


@given(recency=st.integers(1, 1_200), frequency=st.integers(1, 100), more=st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_a_better_customer_never_answers_less(recency, frequency, more):
    assert 0 <= response(recency, frequency) <= response(recency, frequency + more) < 1


# --- The twin company ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def twins():
    return [draw(seed, without=("calls",)) for seed in SEEDS]


@pytest.fixture(scope="module")
def twin(twins):
    return twins[0]


def test_the_twin_differs_by_the_calls_orders_only(company, twin):
    orders, without = company.tables["orders"], twin.tables["orders"]
    extra = orders[~orders["order_id"].isin(without["order_id"])]
    assert without["order_id"].isin(orders["order_id"]).all()
    called = company.tables["call_pilot"].query("called")["customer_id"]
    assert len(extra) > 50 and extra["customer_id"].isin(called).all()
    same = orders[orders["order_id"].isin(without["order_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, without)
    for name in ("customers", "customers_raw", "campaign_costs", "survey_2025", "market"):
        pd.testing.assert_frame_equal(company.tables[name], twin.tables[name])


def test_the_twin_called_nobody_so_nobody_uncalled_differs(company, twin):
    pilot, without = company.tables["call_pilot"], twin.tables["call_pilot"]
    effect = pilot["margin_60d"] - without["margin_60d"]
    assert (effect[~pilot["called"]] == 0).all()
    assert (effect >= -0.005).all() and effect[pilot["called"]].mean() > 5


def true_effects(company, twin):
    """Yuan of margin each call of the pilot brought about, by customer."""
    pilot, without = company.tables["call_pilot"], twin.tables["call_pilot"]
    effect = (pilot["margin_60d"] - without["margin_60d"]).set_axis(pilot["customer_id"])
    return effect[pilot["called"].to_numpy()]


def test_the_pilots_estimate_is_right_on_average(companies, twins):
    errors = []
    for company, twin in zip(companies, twins, strict=True):
        mean = company.tables["call_pilot"].groupby("called")["margin_60d"].mean()
        errors.append(mean[True] - mean[False] - true_effects(company, twin).mean())
    assert abs(np.mean(errors)) < 3 * np.std(errors, ddof=1) / np.sqrt(len(errors))


def test_the_true_value_of_a_call_is_its_mean_effect_less_its_cost(companies, twins):
    """Customers at risk at the pilot gained what is stated for those at risk today."""
    happened, stated = [], []
    for company, twin in zip(companies, twins, strict=True):
        for day, values, into in (
            (PILOT_DAY, true_effects(company, twin) - CALL_COST, happened),
            (TODAY, company.truth["call_value"].set_index("customer_id")["call_value"], stated),
        ):
            at_risk = segments_on(company, day).query("segment == 'at_risk'")["customer_id"]
            into.append(values[values.index.isin(at_risk)])
    assert pd.concat(happened).mean() == pytest.approx(pd.concat(stated).mean(), rel=0.1)


# --- The raw customer table ----------------------------------------------------------------------

EMAIL = r"[^@\s]+@[^@\s]+\.[a-z]+"


def rules(company):
    return [
        unique("customer_id", newest="updated_at"),
        not_missing("email"),
        not_missing("birth_year"),
        matches("email", EMAIL),
        matches("phone", "1[3-9][0-9]{9}"),
        within("birth_year", 1920, 2010),
        one_of("city", company.tables["cities"]["city"], name="unknown_city_spelling"),
        is_date("signup_date", until=TODAY - pd.Timedelta(days=1), name="signup_in_future"),
        is_date("signup_date", name="signup_not_a_date"),
        in_order("signup_date", "updated_at", name="updated_before_signup"),
        newer_than("updated_at", 730, snapshot=TODAY, name="stale_record"),
    ]


def test_an_audit_finds_exactly_the_planted_faults(companies):
    for company in companies:
        found = audit(company.tables["customers_raw"], rules(company)).set_index("rule")["rows"]
        planted = company.truth["data_quality"].set_index("rule")["rows"]
        assert found.to_dict() == planted.to_dict()


def test_faults_differ_from_draw_to_draw(companies):
    counts = pd.DataFrame({n: c.truth["data_quality"]["rows"] for n, c in enumerate(companies)})
    assert (counts.nunique(axis=1) > 1).all() and (counts > 0).all(axis=None)


def test_the_newest_record_of_each_customer_is_the_cleaned_table(company):
    raw = company.tables["customers_raw"].sort_values("updated_at")
    newest = raw.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    customers = company.tables["customers"].set_index("customer_id")
    assert newest.index.equals(customers.index)
    spelled = newest["city"].str.strip().str.removesuffix("市").str.capitalize()
    names = company.tables["cities"].set_index("city_zh")["city"]
    assert (spelled.replace(names.to_dict()) == customers["city"]).all()


def test_an_older_copy_is_older(companies):
    for company in companies:
        raw = company.tables["customers_raw"]
        twice = raw[raw["customer_id"].duplicated(keep=False)]
        assert not twice.duplicated(["customer_id", "updated_at"]).any()


# --- Many orders, little memory ------------------------------------------------------------------


def test_chunks_have_exactly_the_rows_asked_for_and_no_id_twice():
    rows = pd.concat(orders_in_chunks(30_000, seed=4, chunk=5_000))
    assert len(rows) == 30_000
    assert not rows["order_id"].duplicated().any()
    assert list(rows.columns) == [column.name for column in SCHEMA["orders"].columns]


def test_customers_of_one_chunk_stand_in_no_other():
    seen = set()
    for rows in orders_in_chunks(30_000, seed=4, chunk=5_000):
        ids = set(rows["customer_id"])
        assert not ids & seen
        seen |= ids


def test_chunks_are_reproducible():
    one, other = (pd.concat(orders_in_chunks(8_000, seed=9, chunk=3_000)) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_memory_does_not_grow_with_the_number_of_orders():
    import tracemalloc

    def peak(n_orders):
        tracemalloc.start()
        rows = sum(len(chunk) for chunk in orders_in_chunks(n_orders, seed=4, chunk=10_000))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == n_orders
        return used

    peak(10_000)  # imports and calendars are paid for once
    assert peak(80_000) < 1.6 * peak(20_000)


def test_too_few_orders_are_refused():
    with pytest.raises(ValueError, match="n_orders=0"):
        next(orders_in_chunks(0, seed=1))


def test_chunks_are_the_same_company_in_kind(company):
    chunk = next(orders_in_chunks(30_000, seed=0, chunk=30_000))
    public = company.tables["orders"]
    for column in ("kind", "channel"):
        there = chunk[column].value_counts(normalize=True)
        here = public[column].value_counts(normalize=True)
        assert (there - here).abs().max() < 0.03
    assert chunk["amount"].median() == pytest.approx(public["amount"].median(), rel=0.1)


def test_the_public_seed_is_not_in_the_data_cards():
    from course.company.cards import COMPANY_CARD

    text = repr(COMPANY_CARD) + repr(list(SCHEMA.values()))
    assert str(PUBLIC_SEED) not in text
    assert hashlib.sha256(str(PUBLIC_SEED).encode()).hexdigest() not in text
