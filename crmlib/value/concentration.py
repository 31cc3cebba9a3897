"""How much of the money comes from how few customers? Concentration of revenue or profit.

Sort customers from best to worst, add up, and read off what the top 20 % bring: the trade's "80/20"
becomes a number to measure. Sources: Lorenz (1905) for the curve; Twedt (1964), How important to
marketing strategy is the "heavy user"?, Journal of Marketing 28, and Cook & Mindak (1984), A search
for constants: the "heavy user" revisited!, Journal of Consumer Marketing 1, for the heavy half.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmlib._checks import check_numbers, check_share


@dataclass(frozen=True)
class Concentration:
    """What the top customers bring.

    Attributes
    ----------
    top : float
        The share of customers looked at, 0 to 1, best customers first.
    share : float
        Their share of the total.
    customers : int
        Number of customers.
    total : float
        The total amount (currency of the input).
    curve : DataFrame
        ``share_of_customers`` and ``share_of_total`` from (0, 0) to (1, 1), best customers first.
    """

    top: float
    share: float
    customers: int
    total: float
    curve: pd.DataFrame = field(repr=False, compare=False)

    def __str__(self) -> str:
        return (
            f"The top {self.top:.0%} of {self.customers:,} customers bring {self.share:.1%} "
            f"of {self.total:,.2f}."
        )


def revenue_concentration(amounts: pd.Series, *, top: float = 0.2) -> Concentration:
    """Share of the revenue (or profit) that the top customers bring, with the whole curve.

    Parameters
    ----------
    amounts : Series, array or list of numbers
        One amount a customer (currency), not one an order. Negative amounts are allowed, as some
        customers cost more than they bring; the curve then rises above 1 (the "whale curve").
    top : float, default 0.2
        Share of customers to look at, 0 to 1. Where it does not fall on a whole customer, the
        curve is read between two customers.

    Returns
    -------
    Concentration
        With ``top``, ``share``, ``customers``, ``total`` and the ``curve`` as a DataFrame.

    Raises
    ------
    TypeError
        If amounts are not numbers.
    ValueError
        If there are none, some are missing, their total is not above zero, or ``top`` is no share.

    Examples
    --------
    >>> result = revenue_concentration([800, 50, 50, 50, 50])
    >>> result.share
    0.8
    >>> print(result)
    The top 20% of 5 customers bring 80.0% of 1,000.00.
    >>> result.curve.head(3)
       share_of_customers  share_of_total
    0                 0.0            0.00
    1                 0.2            0.80
    2                 0.4            0.85
    """
    values = check_numbers(amounts, name="amounts")
    top = check_share(top, name="top")
    total = float(values.sum())
    if total <= 0:
        raise ValueError(f"amounts sum to {total:g}; shares need a total above zero.")
    best_first = np.sort(values)[::-1]
    customers = np.arange(len(values) + 1) / len(values)
    money = np.concatenate([[0.0], np.cumsum(best_first) / total])
    money[-1] = 1.0  # the sum of all shares, free of rounding
    curve = pd.DataFrame({"share_of_customers": customers, "share_of_total": money})
    share = float(np.interp(top, customers, money))
    return Concentration(top, share, len(values), total, curve)


def heavy_half(amounts: pd.Series) -> float:
    """Share of the volume that the heavier half of the buyers take.

    The trade's "heavy users of shampoo use 79 %" is about this half of the *users* (Twedt 1964;
    Cook & Mindak 1984), so people who bought nothing are left out first.

    Parameters
    ----------
    amounts : Series, array or list of numbers
        One amount a person: money or volume bought. Zero or less means: no buyer.

    Returns
    -------
    float
        Between .5 (all buy alike) and 1.

    Raises
    ------
    TypeError, ValueError
        As :func:`revenue_concentration`; also if nobody bought.

    Examples
    --------
    >>> heavy_half([50, 30, 15, 5, 0, 0])
    0.8
    """
    values = check_numbers(amounts, name="amounts")
    buyers = values[values > 0]
    if len(buyers) == 0:
        raise ValueError("amounts has no buyer: no amount is above zero.")
    return revenue_concentration(buyers, top=0.5).share
