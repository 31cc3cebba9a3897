"""Which groups of customers are there, and how is the market shaped around them?

Clusters of customers (k-means: how many, how stable, what they are like) and the market's size,
growth, shares and concentration.
"""

from crmlib.segments.clusters import choose_k, kmeans_pipeline, profile, stability
from crmlib.segments.market import MarketSizes, cagr, hhi, market_share, market_sizes

__all__ = [
    "MarketSizes",
    "cagr",
    "choose_k",
    "hhi",
    "kmeans_pipeline",
    "market_share",
    "market_sizes",
    "profile",
    "stability",
]
