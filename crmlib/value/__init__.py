"""What are customers worth, and who are the best of them?

RFM (purchases), concentration of revenue, unit economics and simple CLV, the customer portfolio.
Every function takes and returns plain numbers or tidy tables.
"""

from crmlib.value.concentration import Concentration, heavy_half, revenue_concentration
from crmlib.value.economics import (
    acquisition_cost,
    annual_value,
    expected_lifetime,
    historic_clv,
    lifetime_value,
    ltv_cac,
    margin_multiple,
    payback_months,
    simple_clv,
    unit_economics,
)
from crmlib.value.portfolio import portfolio_grid
from crmlib.value.purchases import (
    rfm,
    rfm_cut_points,
    rfm_scores,
    rfm_segments,
    segment_rules,
    segment_shares,
)

__all__ = [
    "Concentration",
    "acquisition_cost",
    "annual_value",
    "expected_lifetime",
    "heavy_half",
    "historic_clv",
    "lifetime_value",
    "ltv_cac",
    "margin_multiple",
    "payback_months",
    "portfolio_grid",
    "revenue_concentration",
    "rfm",
    "rfm_cut_points",
    "rfm_scores",
    "rfm_segments",
    "segment_rules",
    "segment_shares",
    "simple_clv",
    "unit_economics",
]
