"""What does it look like? Pictures of customer value, segments and unit economics.

Every function draws one picture from a tidy table into ``ax`` (a new one if none is given) and
returns the Axes. Colours stay apart for colour-blind readers, and :func:`describe` says in a
sentence what a picture shows, for those who cannot see it.
"""

from crmlib.plots.describing import describe
from crmlib.plots.segmentation import choose_k_panel, cluster_profile, portfolio
from crmlib.plots.worth import (
    concentration_curve,
    rfm_heatmap,
    scores_distribution,
    unit_economics_bars,
)

__all__ = [
    "choose_k_panel",
    "cluster_profile",
    "concentration_curve",
    "describe",
    "portfolio",
    "rfm_heatmap",
    "scores_distribution",
    "unit_economics_bars",
]
