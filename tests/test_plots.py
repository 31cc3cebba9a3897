"""Plots: what is drawn, how it is labelled, and how it reads to someone who cannot see it."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmlib import plots
from crmlib.plots._style import COLOURS, text_colour
from crmlib.segments import profile
from crmlib.value import portfolio_grid, revenue_concentration, rfm_scores


@pytest.fixture(autouse=True)
def no_windows():
    """Draw into memory, and leave no figure open."""
    import matplotlib.pyplot as plt

    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


N = np.arange(1, 51)
SCORES = rfm_scores(pd.DataFrame({"recency": 51 - N, "frequency": N, "monetary": 10.0 * N}))
CHANNELS = pd.DataFrame(
    {
        "channel": ["search", "social", "radio"],
        "acquisition_cost": [80.0, 200.0, np.inf],
        "lifetime_value": [400.0, 300.0, 0.0],
    }
)
CHOICES = pd.DataFrame(
    {
        "k": [2, 3, 4],
        "inertia": [90.0, 40.0, 30.0],
        "silhouette": [0.4, 0.6, 0.5],
        "stability": [0.8, 0.9, 0.6],
    }
)
FEATURES = pd.DataFrame({"gift_share": [0.1, 0.2, 0.9], "orders_a_year": [9.0, 8.0, 1.0]})
PROFILE = profile(FEATURES, ["daily", "daily", "gifts"], standardised=True)
GRID = portfolio_grid(
    pd.DataFrame({"value": [9, 7, 1, 2], "potential": [8, 1, 6, 2], "dependence": [4, 1, 3, 2]})
)

# (function, its data, a column it needs)
DRAWINGS = {
    "concentration_curve": (plots.concentration_curve, revenue_concentration([8, 1, 1]), None),
    "rfm_heatmap": (plots.rfm_heatmap, SCORES, "monetary"),
    "scores_distribution": (plots.scores_distribution, SCORES, "m_score"),
    "unit_economics_bars": (plots.unit_economics_bars, CHANNELS, "acquisition_cost"),
    "choose_k_panel": (plots.choose_k_panel, CHOICES, "silhouette"),
    "cluster_profile": (plots.cluster_profile, PROFILE, "share"),
    "portfolio": (plots.portfolio, GRID, "stance"),
}
ONE_PICTURE = [name for name in DRAWINGS if name != "choose_k_panel"]
WITH_COLUMNS = [name for name, (_, _, column) in DRAWINGS.items() if column]


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_plot_has_a_title_and_both_axes_labelled(name):
    function, data, _ = DRAWINGS[name]
    for ax in np.ravel(function(data)):
        assert ax.get_title(loc="left")
        assert ax.get_xlabel()
        assert ax.get_ylabel()


@pytest.mark.parametrize("name", ONE_PICTURE)
def test_every_plot_draws_into_the_axes_given(name):
    function, data, _ = DRAWINGS[name]
    ax = Figure().subplots()
    assert function(data, ax=ax) is ax


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_plot_changes_its_data(name):
    function, data, column = DRAWINGS[name]
    table = data if column else data.curve
    before = table.copy()
    function(data)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_plot_can_be_saved_as_a_picture(name, tmp_path):
    function, data, _ = DRAWINGS[name]
    figure = np.ravel(function(data))[0].figure
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 5_000


@pytest.mark.parametrize("name", WITH_COLUMNS)
def test_a_missing_column_is_named(name):
    function, data, column = DRAWINGS[name]
    with pytest.raises(ValueError, match=f"data has no column '{column}'"):
        function(data.drop(columns=column))


@pytest.mark.parametrize("name", WITH_COLUMNS)
def test_an_empty_table_is_refused(name):
    function, data, _ = DRAWINGS[name]
    with pytest.raises(ValueError, match="has no rows"):
        function(data.head(0))


def test_plotting_leaves_matplotlibs_settings_alone():
    before = dict(matplotlib.rcParams)
    for function, data, _ in DRAWINGS.values():
        function(data)
    assert dict(matplotlib.rcParams) == before


# --- what each one says


def test_the_concentration_curve_says_its_finding():
    ax = plots.concentration_curve(revenue_concentration([80, 10, 5, 3, 2]), of="margin")
    assert ax.get_title(loc="left") == "The top 20% of customers bring 80% of margin"


def test_a_whale_curve_fits_into_the_picture():
    ax = plots.concentration_curve(revenue_concentration([100, 50, -50]))
    assert ax.get_ylim()[1] > 150


def test_the_concentration_curve_wants_a_concentration():
    with pytest.raises(TypeError, match="revenue_concentration"):
        plots.concentration_curve([1, 2, 3])


def test_the_heatmap_shows_customers_and_their_mean_money():
    assert "10\n(455)" in texts(plots.rfm_heatmap(SCORES))


def test_the_heatmap_leaves_empty_cells_empty():
    assert len(texts(plots.rfm_heatmap(SCORES))) == 5


def test_the_heatmap_refuses_scores_of_other_bins():
    with pytest.raises(ValueError, match="goes from 1 to 5, but bins=3"):
        plots.rfm_heatmap(SCORES, bins=3)


def test_channels_that_won_nobody_are_left_out_and_the_best_is_on_top():
    ax = plots.unit_economics_bars(CHANNELS)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["social (1.5)", "search (5.0)"]


def test_no_channel_left_is_refused():
    with pytest.raises(ValueError, match="without the channels that won nobody has no rows"):
        plots.unit_economics_bars(CHANNELS.tail(1))


def test_the_panel_marks_the_best_silhouette():
    assert plots.choose_k_panel(CHOICES)[1].get_title(loc="left") == "Separation: best at 3"


def test_the_panel_starts_at_zero_so_that_small_differences_look_small():
    assert all(ax.get_ylim()[0] == 0 for ax in plots.choose_k_panel(CHOICES))


def test_the_panel_draws_into_three_axes_given():
    axes = Figure().subplots(1, 3)
    assert list(plots.choose_k_panel(CHOICES, axes=axes)) == list(axes)


def test_the_panel_refuses_two_axes():
    with pytest.raises(ValueError, match="three Axes, not 2"):
        plots.choose_k_panel(CHOICES, axes=Figure().subplots(1, 2))


def test_the_profile_shows_signed_distances_and_no_minus_zero():
    table = PROFILE.assign(gift_share=[-0.01, 1.44])
    assert {"0.0", "+1.4"} <= set(texts(plots.cluster_profile(table)))


def test_the_profile_of_no_feature_is_refused():
    with pytest.raises(ValueError, match="no column of a feature"):
        plots.cluster_profile(PROFILE[["segment", "customers", "share"]])


def test_the_portfolio_counts_each_stance():
    legend = plots.portfolio(GRID).get_legend()
    assert "invest (1)" in [text.get_text() for text in legend.get_texts()]


# --- colours


def luminance(colour):
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


@pytest.mark.parametrize("name", ["cividis", "PuOr_r"])
def test_text_on_a_coloured_cell_has_enough_contrast(name):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    for place in np.linspace(0, 1, 41):
        red, green, blue, _ = matplotlib.colormaps[name](place)
        dark, light = sorted(
            [luminance((red, green, blue)), luminance(text_colour(red, green, blue))]
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_no_colour_is_used_twice():
    assert len(set(COLOURS)) == len(COLOURS)


# --- descriptions


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_description_names_title_and_axes(name):
    function, data, _ = DRAWINGS[name]
    drawn = function(data)
    words = plots.describe(drawn)
    for ax in np.ravel(drawn):
        for part in (ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()):
            assert part in words
    assert "\n" not in words
    assert words.endswith(".")


def test_a_description_lists_categories_and_ranges():
    assert plots.describe(plots.unit_economics_bars(CHANNELS)) == (
        "What a customer brings and costs. Across: A customer (yuan), from 0 to 400. "
        "Up: Channel (LTV:CAC): social (1.5), search (5.0). "
        "Shown: lifetime value (margin); acquisition cost."
    )


def test_a_description_says_what_colours_mean():
    words = plots.describe(plots.rfm_heatmap(SCORES))
    assert "Recency score (5 = bought most recently), from 1 to 5." in words
    assert "Colour: Mean spend of a customer (yuan), from 55 to 455." in words


def test_an_empty_plot_is_described_by_its_axes():
    ax: Axes = Figure().subplots()
    assert plots.describe(ax) == (
        "A plot without a title. Across: no label, from 0 to 1. Up: no label, from 0 to 1."
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (1234567, "1,234,567"), (0.01234, "0.0123"), (-2.5, "-2.5"), (100, "100")],
)
def test_numbers_are_told_in_three_digits(value, words):
    from crmlib.plots.describing import _number

    assert _number(value) == words


def test_what_is_no_plot_cannot_be_described():
    with pytest.raises(TypeError, match="must be matplotlib Axes, .*not str"):
        plots.describe("plot.png")


def test_the_portfolio_names_its_points_and_draws_the_cuts():
    named = GRID.assign(account=[f"account {i}" for i in range(len(GRID))])
    ax = plots.portfolio(named, names="account")
    assert [t.get_text() for t in ax.texts] == list(named["account"])
    cuts = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert len(cuts) == 2
    assert plots.portfolio(GRID[GRID["stance"] == GRID["stance"].iloc[0]]).lines[:] == []
