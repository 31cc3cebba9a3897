"""How large is the market, how fast does it grow, and how is it shared out?

Growth a year (CAGR), market share, concentration (Herfindahl-Hirschman index) and the sizes TAM,
SAM and SOM. Sources: US Department of Justice & Federal Trade Commission, Merger Guidelines (2023),
for the index and its thresholds; Kotler & Keller, Marketing Management, for market sizes.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlib._checks import (
    check_any_number,
    check_no_gaps,
    check_not_negative,
    check_numbers,
    check_share,
    check_table,
)


def cagr(start: float, end: float, years: float) -> float:
    """Compound annual growth rate: (end / start) ** (1 / years) - 1.

    Parameters
    ----------
    start, end : float
        Size at the start and at the end, in the same unit; start above zero, end not below.
    years : float
        Years between the two (2019 to 2025 are 6, not 7).

    Returns
    -------
    float
        Growth a year as a share: .08 is 8 % a year.

    Raises
    ------
    TypeError, ValueError
        If an input is not a number, start or years are not above zero, or end is negative.

    Examples
    --------
    >>> round(cagr(100, 121, 2), 4)
    0.1
    """
    start = check_any_number(start, name="start")
    end = check_not_negative(end, name="end")
    years = check_any_number(years, name="years")
    if start <= 0:
        raise ValueError(
            f"start must be above zero, not {start:g}; growth from nothing has no rate."
        )
    if years <= 0:
        raise ValueError(f"years must be above zero, not {years:g}.")
    return float((end / start) ** (1 / years) - 1)


def market_share(
    market: pd.DataFrame,
    *,
    brand: str = "brand",
    sales: str = "sales",
    within: str | list[str] | None = None,
) -> pd.DataFrame:
    """Each brand's share of sales, in the whole market or within each year, segment and so on.

    Parameters
    ----------
    market : DataFrame
        Columns with the brand and its sales (any currency or unit, not negative); several rows a
        brand are added up.
    brand, sales : str
        The columns.
    within : str or list of str, optional
        Columns such as "year" or ["year", "segment"]: shares are taken within each of their groups.

    Returns
    -------
    DataFrame
        The columns of ``within``, the brand, its ``sales`` and ``share`` (0 to 1; sums to 1 within
        each group), the largest brand first in each group.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, has gaps, or sales are not numbers or negative, the table is empty,
        or a group has no sales.

    Examples
    --------
    >>> market = pd.DataFrame({"brand": ["Ours", "Theirs", "Ours"], "sales": [20.0, 60.0, 20.0]})
    >>> market_share(market)
        brand  sales  share
    0  Theirs   60.0    0.6
    1    Ours   40.0    0.4
    """
    within = [within] if isinstance(within, str) else list(within or [])
    check_table(market, [*within, brand, sales], name="market")
    for column in [*within, brand]:
        check_no_gaps(market[column], name=column, table="market")
    check_numbers(market[sales], name=sales, table="market")
    check_not_negative(market[sales], name=f"column {sales!r} of market")
    table = market.groupby([*within, brand], observed=True)[sales].sum().reset_index()
    total = table.groupby(within)[sales].transform("sum") if within else table[sales].sum()
    if np.any(total <= 0):
        raise ValueError(f"column {sales!r} of market sums to zero; shares need sales.")
    table["share"] = table[sales] / total
    order = [True] * len(within) + [False, True]
    return table.sort_values([*within, "share", brand], ascending=order, ignore_index=True)


def hhi(sales: pd.Series) -> float:
    """Herfindahl-Hirschman index of concentration: the sum of squared percentage shares.

    From near 0 (many small rivals) to 10,000 (one seller). The US agencies call a market above
    1,800 highly concentrated (Merger Guidelines 2023) and one from 1,000 moderately so.

    Parameters
    ----------
    sales : Series, array or list of numbers
        One number a competitor: sales or shares (any unit; they are turned into percent here), not
        negative. Every competitor must be in it.

    Returns
    -------
    float
        Index points.

    Raises
    ------
    TypeError, ValueError
        If there are none, one is missing, not a number or negative, or all are zero.

    Examples
    --------
    >>> round(hhi([30, 30, 20, 20]))
    2600
    """
    values = np.atleast_1d(check_not_negative(sales, name="sales"))
    if values.sum() == 0:
        raise ValueError("sales has no competitor with sales above zero.")
    return float(((100 * values / values.sum()) ** 2).sum())


@dataclass(frozen=True)
class MarketSizes:
    """TAM, SAM and SOM in the unit of the sales they were made from.

    Attributes
    ----------
    tam : float
        Total addressable market: all sales of the category.
    sam : float
        Serviceable addressable market: the part our offer can serve.
    som : float
        Serviceable obtainable market: the part we can hope to win.
    """

    tam: float
    sam: float
    som: float

    def __str__(self) -> str:
        return f"TAM {self.tam:,.1f}, SAM {self.sam:,.1f}, SOM {self.som:,.1f}"


def market_sizes(
    market: pd.DataFrame,
    *,
    served: Collection[str],
    obtainable_share: float,
    segment: str = "segment",
    sales: str = "sales",
) -> MarketSizes:
    """Market sizes from the top down: TAM, SAM and SOM.

    Parameters
    ----------
    market : DataFrame
        One year's sales: columns with the market's segment and the sales of everyone in it.
    served : list of str
        The segments that our offer can serve.
    obtainable_share : float
        Share of those that we can hope to win, 0 to 1. It is a judgement: say what it rests on.
    segment, sales : str
        The columns.

    Returns
    -------
    MarketSizes
        ``tam``, ``sam``, ``som`` in the unit of ``sales``.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, has gaps, or sales are not numbers or negative, the table is empty,
        a served segment is not in the table, or the share is none.

    Examples
    --------
    >>> market = pd.DataFrame({"segment": ["leaf", "gift", "bottled"], "sales": [500, 300, 1200]})
    >>> print(market_sizes(market, served=["leaf", "gift"], obtainable_share=0.1))
    TAM 2,000.0, SAM 800.0, SOM 80.0
    """
    check_table(market, [segment, sales], name="market")
    check_no_gaps(market[segment], name=segment, table="market")
    check_numbers(market[sales], name=sales, table="market")
    check_not_negative(market[sales], name=f"column {sales!r} of market")
    share = check_share(obtainable_share, name="obtainable_share")
    if isinstance(served, str):
        raise TypeError(f"served must be a list of segments: [{served!r}], not {served!r}.")
    known = set(market[segment])
    for name in served:
        if name not in known:
            raise ValueError(
                f"served names {name!r}, which is no segment of the market; it has: "
                f"{', '.join(sorted(map(str, known)))}."
            )
    tam = float(market[sales].sum())
    sam = float(market.loc[market[segment].isin(list(served)), sales].sum())
    return MarketSizes(tam=tam, sam=sam, som=sam * share)
