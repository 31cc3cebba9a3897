"""Colours and helpers that all plots share.

Source of the colours: Okabe & Ito (2008), Color universal design; cividis: Nuñez, Anderton &
Renslow (2018), PLOS ONE 13.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, GREY = "#56B4E9", "#CC79A7", "#F0E442", "#767676"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW, GREY)
SEQUENTIAL = "cividis"  # from dark blue to yellow: little to much
DIVERGING = "PuOr_r"  # purple below, white at, orange above the average


def own_or_new(ax: "Axes | None", *, width: float = 6.4, height: float = 4.2) -> "Axes":
    """The Axes given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def label(ax: "Axes", *, title: str, x: str, y: str) -> None:
    """Title on the left and names with units on both axes; no frame above and at the right."""
    ax.set_title(title, loc="left")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)


def text_colour(red: float, green: float, blue: float) -> str:
    """Black or white, whichever stands out more from a colour (WCAG relative luminance)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"
