"""How large is the market, and what do new customers cost? Brands' sales and campaign costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .people import CHANNELS
from .world import DAYS, EVERYDAY, FIRST_DAY, GROWTH, World

YEARS = range(2019, 2026)
# Sales of all brands together in 2019 (million yuan), and the growth a year.
MARKET_SEGMENTS = {
    "everyday_leaf": (5_200, 0.015),
    "premium_leaf": (3_100, 0.055),
    "gift_sets": (2_400, 0.030),
    "flavoured": (1_150, 0.095),
    "ready_to_drink": (4_300, 0.080),
}
# Weight of each brand in each segment (same order) in 2019, and how its weight grows a year.
BRANDS = {
    "Lanternleaf": ((0.6, 1.6, 1.4, 1.1, 0.0), 0.060),
    "Cloudpeak": ((3.0, 2.6, 2.2, 0.8, 0.0), 0.000),
    "Jade Spring": ((2.4, 1.2, 1.0, 0.6, 4.5), 0.010),
    "Old Ferry": ((2.8, 0.8, 1.6, 0.0, 0.0), -0.030),
    "Morning Terrace": ((1.6, 2.0, 1.2, 0.5, 0.0), 0.015),
    "Nine Bends": ((0.9, 2.4, 1.8, 0.0, 0.0), 0.020),
    "Sip & Go": ((0.0, 0.0, 0.0, 1.6, 6.5), 0.030),
    "Petal House": ((0.0, 0.3, 0.6, 3.2, 1.2), 0.080),
    "Riverside Estate": ((1.2, 0.9, 0.7, 0.3, 0.8), -0.015),
}


def market(world: World) -> pd.DataFrame:
    """The table `market`: yearly sales of Lanternleaf and its rivals by market segment."""
    rng = world.rng("market")
    frames = []
    for place, (segment, (size, growth)) in enumerate(MARKET_SEGMENTS.items()):
        brands = [brand for brand, (weights, _) in BRANDS.items() if weights[place] > 0]
        weight = np.array([BRANDS[brand][0][place] for brand in brands])
        trend = np.array([BRANDS[brand][1] for brand in brands])
        years = np.arange(len(YEARS))[:, None]
        wander = np.cumsum(rng.normal(0, 0.03, (len(YEARS), len(brands))), axis=0)
        weights = weight * np.exp(trend * years + wander)
        total = size * np.exp(growth * years + np.cumsum(rng.normal(0, 0.012, years.shape), axis=0))
        sales = total * weights / weights.sum(axis=1, keepdims=True)
        index = pd.MultiIndex.from_product([YEARS, [segment], brands])
        frames.append(pd.Series(sales.ravel(), index=index))
    table = pd.concat(frames).round(1).rename_axis(["year", "segment", "brand"])
    return (
        table.rename("sales")
        .reset_index()
        .sort_values(["year", "segment", "brand"], ignore_index=True)
    )


def campaign_costs(world: World) -> pd.DataFrame:
    """The table `campaign_costs`: what each acquisition channel cost each month."""
    rng = world.rng("campaign_costs")
    days = pd.date_range(FIRST_DAY, periods=DAYS)
    expected = GROWTH * EVERYDAY.weights
    by_month = pd.Series(expected / expected.sum(), index=days).resample("MS").sum()
    new_customers = np.outer(by_month * world.customers, CHANNELS["share"])
    cost = new_customers * CHANNELS["cost"].to_numpy() * rng.lognormal(0, 0.10, new_customers.shape)
    table = pd.DataFrame(cost.round(2), index=by_month.index, columns=CHANNELS["channel"])
    table = table.rename_axis("month").stack().rename("cost").reset_index()
    return table
