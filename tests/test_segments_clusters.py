"""Clusters of customers: scaling, the number of segments, stability and profiles."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlib.segments import choose_k, kmeans_pipeline, profile, stability


def three_groups(n=60, *, seed=0):
    """Customers in three clear groups, told apart by small numbers while money is noise."""
    random = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], n // 3)
    noise = random.normal(0, 0.02, (4, n))
    features = pd.DataFrame(
        {
            "yuan_a_year": random.normal(5_000, 1_500, n),
            "gift_share": np.array([0.1, 0.5, 0.9])[group] + noise[0],
            "online_share": np.array([0.9, 0.1, 0.5])[group] + noise[1],
            "discount_share": np.array([0.1, 0.1, 0.9])[group] + noise[2],
            "tea_share": np.array([0.2, 0.8, 0.2])[group] + noise[3],
        },
        index=pd.Index([f"C{i}" for i in range(n)], name="customer_id"),
    )
    return features, group


FEATURES, GROUP = three_groups()


def agreement(labels):
    from sklearn.metrics import adjusted_rand_score

    return adjusted_rand_score(GROUP, labels)


def test_scaled_features_recover_the_groups():
    assert agreement(kmeans_pipeline(3).fit_predict(FEATURES)) == 1


def test_without_scaling_the_money_decides_alone():
    assert agreement(kmeans_pipeline(3, scale=False).fit_predict(FEATURES)) < 0.2


def test_the_same_seed_gives_the_same_segments():
    first, second = (kmeans_pipeline(4, seed=7).fit_predict(FEATURES) for _ in range(2))
    assert (first == second).all()


def test_inertia_always_falls():
    assert choose_k(FEATURES, k=range(2, 7), n_repeats=1)["inertia"].is_monotonic_decreasing


def test_silhouette_and_stability_find_the_planted_number():
    table = choose_k(FEATURES, k=range(2, 7), n_repeats=5).set_index("k")
    assert table["silhouette"].idxmax() == 3
    assert table["stability"].idxmax() == 3


def test_choose_k_can_leave_the_scale_alone():
    table = choose_k(FEATURES, k=[3], scale=False, n_repeats=1)
    assert table.loc[0, "inertia"] > 1_000  # squared yuan, not squared standard deviations


def test_choose_k_gives_the_same_table_twice():
    first, second = (choose_k(FEATURES, k=[2, 3], n_repeats=2, seed=1) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_clear_groups_always_come_back():
    assert stability(FEATURES, k=3, n_repeats=5) == 1


def test_groups_that_are_not_there_do_not_come_back():
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 6)))
    assert stability(noise, k=5, n_repeats=5) < 0.6


def test_a_large_table_is_judged_on_samples_of_a_thousand(monkeypatch):
    from crmlib.segments import clusters

    seen = []
    original = clusters.kmeans_pipeline

    def spy(*args, **options):
        model = original(*args, **options)
        fit = model.fit
        model.fit = lambda rows: (seen.append(len(rows)), fit(rows))[1]
        return model

    monkeypatch.setattr(clusters, "kmeans_pipeline", spy)
    stability(three_groups(1_500)[0], k=3, n_repeats=1)
    assert seen == [1_000, 1_000]


# --- profiles


def test_a_profile_by_hand():
    features = pd.DataFrame({"orders": [2, 4, 30]})
    table = profile(features, ["gifts", "gifts", "daily"]).set_index("segment")
    assert table.loc["gifts"].to_dict() == {"customers": 2, "share": 2 / 3, "orders": 3}


def test_labels_in_another_order_are_matched_by_customer():
    labels = pd.Series(GROUP, index=FEATURES.index)
    pd.testing.assert_frame_equal(
        profile(FEATURES, labels.sample(frac=1, random_state=1)), profile(FEATURES, GROUP)
    )


def test_standardised_profiles_average_to_zero():
    table = profile(FEATURES, GROUP, standardised=True)
    average = (table[FEATURES.columns].mul(table["share"], axis=0)).sum()
    assert np.allclose(average, 0)


def test_a_feature_that_never_varies_is_average_everywhere():
    table = profile(FEATURES.assign(constant=4.0), GROUP, standardised=True)
    assert (table["constant"] == 0).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_shares_of_the_segments_sum_to_one(labels):
    table = profile(pd.DataFrame({"x": range(len(labels))}), labels)
    assert table["share"].sum() == pytest.approx(1)
    assert table["customers"].sum() == len(labels)


def test_labels_of_other_customers_are_refused():
    labels = pd.Series(GROUP, index=[f"D{i}" for i in range(len(GROUP))])
    with pytest.raises(ValueError, match="about different customers"):
        profile(FEATURES, labels)


def test_too_few_labels_are_refused():
    with pytest.raises(ValueError, match="2 entries for 60 rows"):
        profile(FEATURES, [0, 1])


def test_a_missing_label_is_refused():
    labels = pd.Series(GROUP, index=FEATURES.index).where(FEATURES.index != "C0")
    with pytest.raises(ValueError, match="'labels' of the segmentation is missing in 1"):
        profile(FEATURES, labels)


# --- inputs


def with_id(features):
    return features.reset_index()


BAD_FEATURES = [
    (with_id, TypeError, r"'customer_id' of features.*text.*set_index\('customer_id'\)"),
    (lambda t: t.head(0), ValueError, "features has no rows"),
    (lambda t: t.assign(gift_share=np.nan), ValueError, "'gift_share' of features has 60 missing"),
    (lambda t: t.assign(gift_share=np.inf), ValueError, "'gift_share' of features has infinite"),
    (lambda t: t.assign(gift_share="0.5"), TypeError, "'gift_share' of features.*text"),
    (lambda t: t.assign(consent=True), TypeError, "'consent' of features.*True/False"),
    (lambda t: t.to_numpy(), TypeError, "features must be a pandas DataFrame, not numpy ndarray"),
    (lambda t: t[[]], ValueError, "features has no columns"),
]


@pytest.mark.parametrize(("spoil", "error", "says"), BAD_FEATURES)
@pytest.mark.parametrize(
    "function",
    [
        lambda t: choose_k(t, k=[2], n_repeats=1),
        lambda t: stability(t, k=2, n_repeats=1),
        lambda t: profile(t, [0] * 60),
    ],
    ids=["choose_k", "stability", "profile"],
)
def test_features_that_are_no_numbers_are_refused(function, spoil, error, says):
    with pytest.raises(error, match=says):
        function(spoil(FEATURES))


@pytest.mark.parametrize("k", [1, 2.5, "3"])
def test_k_must_be_a_whole_number_from_two_up(k):
    with pytest.raises(ValueError, match="k must be a whole number from 2 up"):
        stability(FEATURES, k=k)


def test_as_many_segments_as_customers_are_refused():
    with pytest.raises(ValueError, match="k=60 segments need more than 60 customers"):
        choose_k(FEATURES, k=[60])


def test_no_repeats_are_refused():
    with pytest.raises(ValueError, match="n_repeats must be a whole number from 1 up"):
        stability(FEATURES, k=2, n_repeats=0)
