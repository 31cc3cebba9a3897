"""What does a picture show, for someone who cannot see it? A sentence made from its labels.

Source: W3C, Web Content Accessibility Guidelines, "Text alternatives": say what the picture says.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis


def describe(ax: "Axes | np.ndarray") -> str:
    """Say in plain sentences what a plot shows: title, axes with their ranges, legend.

    Parameters
    ----------
    ax : matplotlib Axes, or an array of them
        A plot with title and labels, such as those of this module. Several are described in turn.

    Returns
    -------
    str
        Text for the picture's alt text. What the numbers mean is for the author to add.

    Raises
    ------
    TypeError
        If ax is not made of Axes.

    Examples
    --------
    >>> from crmlib.plots import concentration_curve
    >>> from crmlib.value import revenue_concentration
    >>> print(describe(concentration_curve(revenue_concentration([800, 50, 50, 50, 50]))))
    The top 20% of customers bring 80% of revenue. Across: Share of customers, best first (%), from
    0 to 100. Up: Share of revenue (%), from 0 to 100. Shown: customers, best first; if all brought
    the same; top 20%: 80%.
    """
    from matplotlib.axes import Axes

    if isinstance(ax, np.ndarray | list | tuple):
        return " ".join(describe(one) for one in np.ravel(np.asarray(ax, dtype=object)))
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be matplotlib Axes, as plots return them, not {type(ax).__name__}."
        )
    title = ax.get_title(loc="left") or ax.get_title() or "A plot without a title"
    sentences = [title, _axis("Across", ax.xaxis), _axis("Up", ax.yaxis), *_colours(ax)]
    legend = ax.get_legend()
    if legend is not None:
        names = [text.get_text().replace("\n", " ") for text in legend.get_texts()]
        sentences.append("Shown: " + "; ".join(names))
    return " ".join(sentence.rstrip(".") + "." for sentence in sentences)


def _axis(direction: str, axis: "Axis") -> str:
    """One axis: its categories if it has any, otherwise the range of what is drawn."""
    from matplotlib.ticker import FixedLocator, ScalarFormatter

    name = axis.get_label().get_text() or "no label"
    if not isinstance(axis.get_major_formatter(), ScalarFormatter):
        ticks = [tick.get_text().replace("\n", " ") for tick in axis.get_ticklabels()]
        if any(ticks):
            return f"{direction}: {name}: {', '.join(ticks)}"
    if isinstance(axis.get_major_locator(), FixedLocator):
        low, high = axis.get_ticklocs()[[0, -1]]
    else:
        low, high = axis.get_data_interval()
    if not np.isfinite([low, high]).all():  # nothing is drawn
        low, high = axis.get_view_interval()
    return f"{direction}: {name}, from {_number(low)} to {_number(high)}"


def _colours(ax: "Axes") -> list[str]:
    """What the colours mean where a colour bar says it."""
    bars = [drawn.colorbar for drawn in ax.collections if drawn.colorbar is not None]
    return [
        f"Colour: {bar.ax.get_ylabel() or 'no label'}, from {_number(bar.vmin)} to "
        f"{_number(bar.vmax)}"
        for bar in bars
    ]


def _number(value: float) -> str:
    """Three digits are enough to picture a range; no scientific notation."""
    if value == 0:
        return "0"
    decimals = min(6, max(0, 2 - int(np.floor(np.log10(abs(value))))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
