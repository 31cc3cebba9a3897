"""Explorers: moving a slider recomputes the table and the picture."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from crmlib import explore
from crmlib.segments import profile
from crmlib.value import rfm_scores

random = np.random.default_rng(0)
FEATURES = pd.DataFrame(
    {"gift_share": random.random(40), "yuan_a_year": 1_000 * random.random(40)},
    index=pd.Index(range(100, 140), name="customer_id"),
)
N = np.arange(1, 31)
TABLE = pd.DataFrame({"recency": 10 * N, "frequency": 31 - N, "monetary": 3100.0 - 100 * N})


def shown(explorer):
    """The HTML below the controls."""
    return explorer.children[-1].value


def test_the_number_of_segments_follows_the_slider():
    explorer = explore.clusters(FEATURES)
    explorer.k.value = 5
    assert len(explorer.table) == 5
    assert explorer.labels.nunique() == 5


def test_the_table_of_clusters_is_their_profile():
    explorer = explore.clusters(FEATURES)
    pd.testing.assert_frame_equal(explorer.table, profile(FEATURES, explorer.labels))
    assert explorer.labels.index.equals(FEATURES.index)


def test_without_scaling_the_segments_differ():
    explorer = explore.clusters(FEATURES)
    scaled = explorer.labels
    explorer.scale.value = False
    assert not (scaled == explorer.labels).all()


def test_the_same_setting_gives_the_same_segments():
    explorer = explore.clusters(FEATURES)
    before = explorer.labels
    explorer.k.value = 4
    explorer.k.value = 3
    assert (before == explorer.labels).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"k_max": 40}, "needs more than 40 customers"),
        ({"k": 9}, "k=9 must lie between 2 and k_max=8"),
        ({"k": 1}, "k must be a whole number from 2 up"),
        ({"k_max": "many"}, "k_max must be a whole number"),
    ],
)
def test_numbers_of_segments_that_cannot_be_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        explore.clusters(FEATURES, **options)


def test_features_with_a_text_column_are_refused():
    with pytest.raises(TypeError, match="'city' of features"):
        explore.clusters(FEATURES.assign(city="Hangzhou"))


def test_the_scores_follow_the_cut_points():
    explorer = explore.rfm_cut_points(TABLE)
    explorer.recency.value = (50, 100)
    expected = 1 + (TABLE["recency"] < 100).astype(int) + (TABLE["recency"] < 50)
    assert explorer.scores["r_score"].tolist() == expected.tolist()


def test_at_the_start_each_score_holds_a_third():
    scores = explore.rfm_cut_points(TABLE).scores
    for score in ("r_score", "f_score", "m_score"):
        assert scores[score].value_counts().between(9, 11).all()


def test_the_explorer_scores_as_the_library_does():
    explorer = explore.rfm_cut_points(TABLE)
    cuts = pd.DataFrame(
        {name: getattr(explorer, name).value for name in ("recency", "frequency", "monetary")}
    )
    pd.testing.assert_frame_equal(explorer.scores, rfm_scores(TABLE, cut_points=cuts))


def test_shares_over_all_cells_sum_to_one():
    explorer = explore.rfm_cut_points(TABLE)
    explorer.frequency.value = (3, 20)
    assert explorer.table["share_of_customers"].sum() == pytest.approx(1)
    assert explorer.table["share_of_monetary"].sum() == pytest.approx(1)
    assert explorer.table["customers"].sum() == len(TABLE)


def test_one_customer_and_no_money_can_be_explored():
    alone = pd.DataFrame({"recency": [5], "frequency": [1], "monetary": [0.0]})
    assert explore.rfm_cut_points(alone).table["share_of_monetary"].isna().all()


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda t: t.head(0), ValueError, "table has no rows"),
        (lambda t: t.drop(columns="recency"), ValueError, "no column 'recency'"),
        (lambda t: t.astype({"monetary": str}), TypeError, "'monetary' of table.*text"),
        (lambda t: t.assign(frequency=np.nan), ValueError, "'frequency' of table has 30 missing"),
    ],
)
def test_a_table_with_a_fault_is_refused(spoil, error, says):
    with pytest.raises(error, match=says):
        explore.rfm_cut_points(spoil(TABLE))


EXPLORERS = {
    "clusters": lambda: explore.clusters(FEATURES),
    "rfm_cut_points": lambda: explore.rfm_cut_points(TABLE),
}


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_has_a_label_and_can_be_reached_by_keyboard(name):
    for control in EXPLORERS[name]().children[:-1]:
        assert control.description
        assert not control.disabled
        assert control.tabbable is not False


@pytest.mark.parametrize("name", EXPLORERS)
def test_the_picture_has_alt_text_and_the_table_is_a_table(name):
    words = shown(EXPLORERS[name]())
    alt = html.unescape(re.search(r'alt="([^"]+)"', words)[1])
    assert alt.endswith(".")
    assert "Across:" in alt
    assert "<table" in words


def test_the_picture_changes_with_the_slider():
    explorer = explore.clusters(FEATURES)
    before = shown(explorer)
    explorer.k.value = 4
    assert shown(explorer) != before


def test_exploring_opens_no_figure():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    explore.rfm_cut_points(TABLE)
    assert plt.get_fignums() == before
