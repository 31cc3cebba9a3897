"""How does the answer depend on a choice: the number of segments, the cut points of RFM?"""

import base64
import html
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlib._checks import check_features, check_numbers, check_table, check_whole
from crmlib.plots import cluster_profile, describe, rfm_heatmap
from crmlib.segments import kmeans_pipeline, profile
from crmlib.value import rfm_scores

if TYPE_CHECKING:
    from ipywidgets import IntRangeSlider, VBox
    from matplotlib.axes import Axes


def clusters(features: pd.DataFrame, *, k: int = 3, k_max: int = 8, seed: int = 0) -> "VBox":
    """Explore the number of segments: a slider for k and a box for scaling.

    Parameters
    ----------
    features : DataFrame
        One row a customer, numbers only, no gaps; the customer's id in the index.
    k, k_max : int
        Where the slider starts and ends (it begins at 2).
    seed : int, default 0
        Makes the result the same on every run.

    Returns
    -------
    ipywidgets.VBox
        With ``.k`` and ``.scale`` (the slider and the box to tick), ``.labels`` (Series, the
        segment of each customer) and ``.table`` (from :func:`crmlib.segments.profile`, in the
        features' own units); the last two follow the first two.

    Raises
    ------
    TypeError, ValueError
        If the table is empty, a column is not numeric or has gaps, or k is out of range.

    Examples
    --------
    >>> features = pd.DataFrame({"orders_a_year": [1, 2, 30, 31], "yuan": [90, 95, 850, 820]})
    >>> explorer = clusters(features, k=2, k_max=3)
    >>> len(explorer.table)
    2
    >>> explorer.k.value = 3
    >>> len(explorer.table)
    3
    """
    import ipywidgets as widgets

    features = check_features(features)
    k_max = check_whole(k_max, name="k_max", lowest=2)
    if k_max >= len(features):
        raise ValueError(f"k_max={k_max} needs more than {k_max} customers, not {len(features)}.")
    if not 2 <= check_whole(k, name="k", lowest=2) <= k_max:
        raise ValueError(f"k={k} must lie between 2 and k_max={k_max}.")
    slider = widgets.IntSlider(value=k, min=2, max=k_max, description="Segments k")
    scale = widgets.Checkbox(value=True, description="Bring features to one scale")

    def compute(box: "VBox") -> str:
        labels = kmeans_pipeline(slider.value, scale=scale.value, seed=seed).fit_predict(features)
        box.labels = pd.Series(labels, index=features.index, name="segment")
        box.table = profile(features, box.labels)
        relative = profile(features, box.labels, standardised=True)
        return _as_html(box.table) + _as_picture(lambda ax: cluster_profile(relative, ax=ax))

    box = _explorer([slider, scale], compute)
    box.k, box.scale = slider, scale
    return box


def rfm_cut_points(table: pd.DataFrame, *, currency: str = "yuan") -> "VBox":
    """Explore the cut points of RFM: two for each measure, which make scores 1, 2 and 3.

    The sliders start where each score holds a third of the customers.

    Parameters
    ----------
    table : DataFrame
        One row a customer with recency (days), frequency (purchases) and monetary (currency), as
        made by :func:`crmlib.value.rfm`.
    currency : str, default "yuan"
        For the labels.

    Returns
    -------
    ipywidgets.VBox
        With ``.recency``, ``.frequency`` and ``.monetary`` (sliders with two ends), ``.scores``
        (the table with r_score, f_score, m_score) and ``.table`` (one row a pair of recency and
        frequency score: customers, share_of_customers, mean_monetary, share_of_monetary); the last
        two follow the sliders.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, or the table is empty.

    Examples
    --------
    >>> table = pd.DataFrame({"recency": [1, 20, 300], "frequency": [9, 4, 1],
    ...                       "monetary": [900.0, 300.0, 60.0]})
    >>> explorer = rfm_cut_points(table)
    >>> explorer.recency.value = (30, 60)
    >>> explorer.scores["r_score"].tolist()
    [3, 3, 1]
    """
    units = {"recency": "days", "frequency": "purchases", "monetary": currency}
    check_table(table, units, name="table")
    sliders = {
        measure: _cut_slider(
            check_numbers(table[measure], name=measure, table="table"),
            f"{measure.capitalize()} ({unit})",
        )
        for measure, unit in units.items()
    }

    def compute(box: "VBox") -> str:
        cuts = {measure: slider.value for measure, slider in sliders.items()}
        box.scores = rfm_scores(table, cut_points=pd.DataFrame(cuts))
        box.table = _pairs_of_scores(box.scores)
        return _as_html(box.table) + _as_picture(
            lambda ax: rfm_heatmap(box.scores, bins=3, currency=currency, ax=ax)
        )

    box = _explorer(list(sliders.values()), compute)
    box.recency, box.frequency, box.monetary = sliders.values()
    return box


def _explorer(controls: list, compute: Callable[["VBox"], str]) -> "VBox":
    """Controls above, result below; every change of a control computes the result anew."""
    import ipywidgets as widgets

    for control in controls:
        control.style.description_width = "initial"
        control.layout.width = "28em"
        control.layout.max_width = "100%"
        if hasattr(control, "continuous_update"):
            control.continuous_update = False  # compute when the slider rests, not on its way
    result = widgets.HTML()
    box = widgets.VBox([*controls, result])

    def refresh(change: object = None) -> None:
        result.value = compute(box)

    for control in controls:
        control.observe(refresh, names="value")
    refresh()
    return box


def _cut_slider(values: np.ndarray, description: str) -> "IntRangeSlider":
    """A slider with two ends over whole numbers; the few largest values do not stretch it."""
    import ipywidgets as widgets

    low, high = int(np.floor(values.min())), int(np.ceil(np.quantile(values, 0.99)))
    cuts = np.clip(np.round(np.quantile(values, [1 / 3, 2 / 3])), low, high)
    return widgets.IntRangeSlider(
        value=tuple(int(cut) for cut in cuts),
        min=low,
        max=max(high, low + 1),
        description=description,
    )


def _pairs_of_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Customers and money for each pair of recency and frequency score."""
    pairs = scores.groupby(["r_score", "f_score"])["monetary"].agg(["size", "mean", "sum"])
    total = scores["monetary"].sum()
    table = pd.DataFrame(
        {
            "customers": pairs["size"],
            "share_of_customers": pairs["size"] / len(scores),
            "mean_monetary": pairs["mean"],
            "share_of_monetary": pairs["sum"] / total if total else np.nan,
        }
    )
    return table.sort_index(ascending=False).reset_index()


def _as_html(table: pd.DataFrame) -> str:
    return table.to_html(index=False, float_format="{:,.2f}".format, border=0)


def _as_picture(draw: Callable[["Axes"], object]) -> str:
    """The plot as a picture with alt text, drawn without touching pyplot's current figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.0), layout="constrained")
    ax = figure.subplots()
    draw(ax)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=90)
    encoded = base64.b64encode(picture.getvalue()).decode("ascii")
    alt = html.escape(describe(ax), quote=True)
    return f'<img src="data:image/png;base64,{encoded}" alt="{alt}" style="max-width:100%">'
