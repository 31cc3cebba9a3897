"""Who brings the money, and what does winning a customer earn? Pictures for crmlib.value."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlib._checks import check_numbers, check_table, check_whole
from crmlib.plots._style import BLUE, GREY, ORANGE, SEQUENTIAL, label, own_or_new, text_colour
from crmlib.value import Concentration

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def concentration_curve(
    data: Concentration, *, ax: "Axes | None" = None, of: str = "revenue"
) -> "Axes":
    """Draw how much the best customers bring: the curve of a concentration.

    Parameters
    ----------
    data : Concentration
        From :func:`crmlib.value.revenue_concentration`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    of : str, default "revenue"
        What was added up, for the labels ("revenue", "margin").

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError
        If data is no Concentration.

    Examples
    --------
    >>> from crmlib.value import revenue_concentration
    >>> ax = concentration_curve(revenue_concentration([800, 50, 50, 50, 50]))
    >>> ax.get_title(loc="left")
    'The top 20% of customers bring 80% of revenue'
    """
    if not isinstance(data, Concentration):
        raise TypeError(
            f"data must come from revenue_concentration(amounts), not {type(data).__name__}."
        )
    ax = own_or_new(ax)
    x, y = 100 * data.curve["share_of_customers"], 100 * data.curve["share_of_total"]
    top, share = 100 * data.top, 100 * data.share
    ax.plot(x, y, color=BLUE, linewidth=2, label="customers, best first")
    ax.plot([0, 100], [0, 100], color=GREY, linestyle="--", label="if all brought the same")
    ax.plot([top, top, 0], [0, share, share], color=ORANGE, linewidth=1)
    ax.plot([top], [share], "o", color=ORANGE, label=f"top {data.top:.0%}: {data.share:.0%}")
    ax.set_xlim(0, 100)
    ax.set_ylim(min(0, y.min()), max(100, y.max()) * 1.03)
    label(
        ax,
        title=f"The top {data.top:.0%} of customers bring {data.share:.0%} of {of}",
        x="Share of customers, best first (%)",
        y=f"Share of {of} (%)",
    )
    ax.legend(loc="lower right", frameon=False)
    return ax


def rfm_heatmap(
    data: pd.DataFrame, *, ax: "Axes | None" = None, bins: int = 5, currency: str = "yuan"
) -> "Axes":
    """Draw customers by recency and frequency score: how many, and what they spent on average.

    Each cell shows the number of customers and, below, their mean money; colour shows the money.

    Parameters
    ----------
    data : DataFrame
        One row a customer with r_score, f_score (1 to ``bins``) and monetary (currency), as made by
        :func:`crmlib.value.rfm_scores`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    bins : int, default 5
        Number of scores.
    currency : str, default "yuan"
        For the labels.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or a score is not
        between 1 and ``bins``.

    Examples
    --------
    >>> scores = pd.DataFrame({"r_score": [5, 1], "f_score": [5, 2], "monetary": [900.0, 60.0]})
    >>> rfm_heatmap(scores).get_xlabel()
    'Recency score (5 = bought most recently)'
    """
    bins = check_whole(bins, name="bins", lowest=2)
    check_table(data, ["r_score", "f_score", "monetary"], name="data")
    check_numbers(data["monetary"], name="monetary", table="data")
    for score in ("r_score", "f_score"):
        values = check_numbers(data[score], name=score, table="data")
        if values.min() < 1 or values.max() > bins:
            raise ValueError(
                f"column {score!r} of data goes from {values.min():g} to {values.max():g}, but "
                f"bins={bins} has scores 1 to {bins}; give the bins you scored with."
            )
    ax = own_or_new(ax, width=7.0, height=5.0)
    cells = data.groupby(["f_score", "r_score"])["monetary"].agg(["size", "mean"])
    scores = range(1, bins + 1)
    count, money = (
        cells[what].unstack().reindex(index=scores, columns=scores).to_numpy(dtype="float64")
        for what in ("size", "mean")
    )
    edges = np.arange(0.5, bins + 1)
    mesh = ax.pcolormesh(edges, edges, np.ma.masked_invalid(money), cmap=SEQUENTIAL)
    for f, r in zip(*np.nonzero(count > 0), strict=True):
        ax.text(
            r + 1,
            f + 1,
            f"{count[f, r]:,.0f}\n({money[f, r]:,.0f})",
            ha="center",
            va="center",
            color=text_colour(*mesh.to_rgba(money[f, r])[:3]),
            fontsize="small",
        )
    ax.figure.colorbar(mesh, ax=ax, label=f"Mean spend of a customer ({currency})")
    ax.set_xticks(scores)
    ax.set_yticks(scores)
    label(
        ax,
        title=f"Customers by RFM score (mean spend in {currency})",
        x=f"Recency score ({bins} = bought most recently)",
        y=f"Frequency score ({bins} = bought most often)",
    )
    return ax


def scores_distribution(data: pd.DataFrame, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many customers hold each score: uneven bars show ties.

    Parameters
    ----------
    data : DataFrame
        One row a customer with r_score, f_score and m_score.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, or the table is empty.

    Examples
    --------
    >>> scores = pd.DataFrame({"r_score": [1, 2, 3], "f_score": [1, 1, 3], "m_score": [1, 2, 3]})
    >>> [text.get_text() for text in scores_distribution(scores).get_legend().get_texts()]
    ['recency', 'frequency', 'monetary']
    """
    import seaborn as sns

    names = {"r_score": "recency", "f_score": "frequency", "m_score": "monetary"}
    check_table(data, names, name="data")
    for score in names:
        check_numbers(data[score], name=score, table="data")
    ax = own_or_new(ax)
    long = data[list(names)].rename(columns=names).astype(int).melt(var_name="measure")
    colours = dict(zip(names.values(), (BLUE, ORANGE, GREY), strict=True))
    sns.countplot(long, x="value", hue="measure", palette=colours, saturation=1, ax=ax)
    label(ax, title="Customers by score", x="Score (higher is better)", y="Customers")
    ax.legend(title=None, frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    return ax


def unit_economics_bars(
    data: pd.DataFrame, *, by: str = "channel", ax: "Axes | None" = None, currency: str = "yuan"
) -> "Axes":
    """Draw what a customer of each channel costs and brings, best ratio at the top.

    Parameters
    ----------
    data : DataFrame
        One row a channel with acquisition_cost and lifetime_value (currency a customer), as made by
        :func:`crmlib.value.unit_economics`. Channels that won nobody (infinite cost) are left out.
    by : str, default "channel"
        The channel's column.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    currency : str, default "yuan"
        For the labels.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or no channel won
        anybody.

    Examples
    --------
    >>> table = pd.DataFrame({"channel": ["search", "social"], "acquisition_cost": [80.0, 200.0],
    ...                       "lifetime_value": [400.0, 300.0]})
    >>> [tick.get_text() for tick in unit_economics_bars(table).get_yticklabels()]
    ['social (1.5)', 'search (5.0)']
    """
    check_table(data, [by, "acquisition_cost", "lifetime_value"], name="data")
    data = data[data["acquisition_cost"] != np.inf]
    check_table(data, name="data without the channels that won nobody")
    cost = check_numbers(data["acquisition_cost"], name="acquisition_cost", table="data")
    value = check_numbers(data["lifetime_value"], name="lifetime_value", table="data")
    ratio = np.divide(value, cost, out=np.full(len(cost), np.inf), where=cost > 0)
    order = np.argsort(ratio, kind="stable")
    ax = own_or_new(ax)
    place = np.arange(len(order))
    ax.barh(place + 0.2, value[order], height=0.38, color=BLUE, label="lifetime value (margin)")
    ax.barh(place - 0.2, cost[order], height=0.38, color=ORANGE, label="acquisition cost")
    names = [f"{data[by].iloc[i]} ({ratio[i]:.1f})" for i in order]
    ax.set_yticks(place, names)
    label(
        ax,
        title="What a customer brings and costs",
        x=f"A customer ({currency})",
        y="Channel (LTV:CAC)",
    )
    ax.axvline(0, color="black", linewidth=0.8)
    ax.legend(frameon=False, loc="lower right")
    return ax
