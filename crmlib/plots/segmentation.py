"""How many segments, what are they like, and which customers matter how? Pictures for segments."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlib._checks import check_features, check_numbers, check_table
from crmlib.plots._style import (
    BLUE,
    COLOURS,
    DIVERGING,
    GREEN,
    GREY,
    ORANGE,
    label,
    own_or_new,
    text_colour,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def choose_k_panel(data: pd.DataFrame, *, axes: "np.ndarray | None" = None) -> "np.ndarray":
    """Draw inertia, silhouette and stability side by side against the number of segments.

    Inertia falls whatever the data; the silhouette's best k is marked; stability warns of a k whose
    segments do not come back.

    Parameters
    ----------
    data : DataFrame
        One row a k with k, inertia, silhouette and stability, as made by
        :func:`crmlib.segments.choose_k`.
    axes : array of three matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    numpy array of three matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or axes are not three.

    Examples
    --------
    >>> table = pd.DataFrame({"k": [2, 3, 4], "inertia": [90.0, 40.0, 30.0],
    ...                       "silhouette": [0.4, 0.6, 0.5], "stability": [0.8, 0.9, 0.6]})
    >>> [ax.get_ylabel() for ax in choose_k_panel(table)]
    ['Inertia (squared scaled units)', 'Silhouette (-1 to 1)', 'Stability (adjusted Rand index)']
    """
    measures = {
        "inertia": ("Inertia always falls", "Inertia (squared scaled units)", GREY),
        "silhouette": ("Separation", "Silhouette (-1 to 1)", BLUE),
        "stability": ("Stability on new samples", "Stability (adjusted Rand index)", GREEN),
    }
    check_table(data, ["k", *measures], name="data")
    for column in ("k", *measures):
        check_numbers(data[column], name=column, table="data")
    if axes is None:
        import matplotlib.pyplot as plt

        axes = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")[1]
    axes = np.asarray(axes, dtype=object).ravel()
    if len(axes) != 3:
        raise ValueError(
            f"axes must hold three Axes, not {len(axes)}; make them with plt.subplots(1, 3)."
        )
    for ax, (measure, (title, unit, colour)) in zip(axes, measures.items(), strict=True):
        ax.plot(data["k"], data[measure], "o-", color=colour)
        if measure == "silhouette":
            best = data.loc[data[measure].idxmax()]
            ax.plot(best["k"], best[measure], "o", color=ORANGE, markersize=11, zorder=0)
            title = f"{title}: best at {best['k']:g}"
        ax.set_xticks(data["k"])
        # From zero, so that small differences look small.
        ax.set_ylim(min(0, 1.1 * data[measure].min()), 1.08 * max(data[measure].max(), 0.01))
        label(ax, title=title, x="Number of segments k", y=unit)
    return axes


def cluster_profile(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw what sets each segment apart: a heatmap of standardised means.

    Parameters
    ----------
    data : DataFrame
        From :func:`crmlib.segments.profile` with ``standardised=True``: segment, customers, share
        and one column a feature.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty or has no feature.

    Examples
    --------
    >>> table = pd.DataFrame({"segment": ["gifts", "daily"], "customers": [30, 10],
    ...                       "share": [0.75, 0.25], "gift_share": [0.5, -1.5]})
    >>> [tick.get_text() for tick in cluster_profile(table).get_yticklabels()]
    ['gifts (75%)', 'daily (25%)']
    """
    check_table(data, ["segment", "customers", "share"], name="data")
    features = data.drop(columns=["segment", "customers", "share"])
    if features.shape[1] == 0:
        raise ValueError("data has no column of a feature beside segment, customers and share.")
    means = check_features(features).to_numpy()
    rows, columns = means.shape
    ax = own_or_new(ax, width=2.4 + 0.95 * columns, height=1.6 + 0.5 * rows)
    reach = max(1.0, float(np.abs(means).max()))  # white must be the average
    mesh = ax.pcolormesh(means, cmap=DIVERGING, vmin=-reach, vmax=reach, edgecolors="white")
    for i, j in np.ndindex(rows, columns):
        colour = text_colour(*mesh.to_rgba(means[i, j])[:3])
        number = f"{means[i, j]:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")
        ax.text(j + 0.5, i + 0.5, number, ha="center", va="center", color=colour)
    names = [f"{s} ({p:.0%})" for s, p in zip(data["segment"], data["share"], strict=True)]
    ax.set_yticks(np.arange(rows) + 0.5, names)
    ax.set_xticks(np.arange(columns) + 0.5, [str(c).replace("_", "\n") for c in features.columns])
    ax.invert_yaxis()
    ax.figure.colorbar(mesh, ax=ax, label="Standard deviations from the mean")
    label(ax, title="What sets the segments apart", x="Feature", y="Segment (share of customers)")
    return ax


def portfolio(
    data: pd.DataFrame,
    *,
    value: str = "value",
    potential: str = "potential",
    names: str | None = None,
    ax: "Axes | None" = None,
    currency: str = "yuan",
) -> "Axes":
    """Draw the customer portfolio: potential against value, by stance and dependence.

    Parameters
    ----------
    data : DataFrame
        From :func:`crmlib.value.portfolio_grid`: the columns of value and potential (currency),
        stance and dependence_level. Filled points depend on us much, hollow ones little.
    value, potential : str
        The columns.
    names : str, optional
        The column of names to write beside the points.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    currency : str, default "yuan"
        For the labels.

    Returns
    -------
    matplotlib Axes
        Dotted lines stand between the highest "low" and the lowest "high" value and potential.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, or the table is empty.

    Examples
    --------
    >>> from crmlib.value import portfolio_grid
    >>> customers = pd.DataFrame({"value": [90, 70, 5], "potential": [80, 5, 60],
    ...                           "dependence": [0.9, 0.2, 0.4]})
    >>> portfolio(portfolio_grid(customers)).get_xlabel()
    'Value today (yuan)'
    """
    columns = [value, potential, "stance", "dependence_level", *([names] if names else [])]
    check_table(data, columns, name="data")
    for column in (value, potential):
        check_numbers(data[column], name=column, table="data")
    ax = own_or_new(ax, width=7.2)
    stances = ["invest", "protect", "develop", "serve at low cost"]
    for stance, colour in zip(stances, COLOURS, strict=False):
        for level, fill in (("high", colour), ("low", "none")):
            some = data[(data["stance"] == stance) & (data["dependence_level"] == level)]
            ax.scatter(some[value], some[potential], s=36, facecolors=fill, edgecolors=colour)
        number = (data["stance"] == stance).sum()
        ax.scatter([], [], color=colour, label=f"{stance} ({number:,})")
    ax.scatter([], [], facecolors="none", edgecolors="black", label="hollow: depends\nlittle on us")
    _draw_cuts(ax, data, value, potential)
    for row in data.to_dict("records") if names else []:
        ax.annotate(
            str(row[names]),
            (row[value], row[potential]),
            xytext=(6, 4),
            textcoords="offset points",
            fontsize=8,
        )
    label(
        ax,
        title="Customer portfolio",
        x=f"Value today ({currency})",
        y=f"Potential ({currency})",
    )
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def _draw_cuts(ax: "Axes", data: pd.DataFrame, value: str, potential: str) -> None:
    """Lines between the fields, half-way between the nearest points of either side."""
    style = {"color": "0.6", "linestyle": ":", "linewidth": 1, "zorder": 0}
    valuable = data["stance"].isin(["invest", "protect"])
    promising = data["stance"].isin(["invest", "develop"])
    if valuable.any() and not valuable.all():
        ax.axvline(
            (data.loc[valuable, value].min() + data.loc[~valuable, value].max()) / 2, **style
        )
    if promising.any() and not promising.all():
        between = data.loc[promising, potential].min() + data.loc[~promising, potential].max()
        ax.axhline(between / 2, **style)
