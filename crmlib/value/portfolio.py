"""Which customers to invest in, protect, develop or serve at low cost? The customer portfolio.

Customers are placed by what they are worth now, what they could be worth, and how much they depend
on us (or we on them). Sources: Fiocca (1982), Account portfolio analysis for strategy development,
Industrial Marketing Management 11; Zolkiewski & Turnbull (2002), Do relationship portfolios and
networks provide the key to successful relationship management?
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlib._checks import check_any_number, check_numbers, check_table

# (value, potential) -> what to do with such customers.
STANCES = {
    ("high", "high"): "invest",
    ("high", "low"): "protect",
    ("low", "high"): "develop",
    ("low", "low"): "serve at low cost",
}


def portfolio_grid(
    table: pd.DataFrame,
    *,
    value: str = "value",
    potential: str = "potential",
    dependence: str = "dependence",
    cuts: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Place each customer in the grid of value x potential x dependence.

    Parameters
    ----------
    table : DataFrame
        One row a customer with three columns of numbers, larger meaning more.
    value, potential, dependence : str
        The columns: worth today, worth that could be won, how much the customer depends on us
        (high: would find it hard to leave).
    cuts : dict, optional
        Column name to the number above which a customer counts as "high". Columns not named are
        cut at their median.

    Returns
    -------
    DataFrame
        A copy of ``table`` with ``value_level``, ``potential_level`` and ``dependence_level``
        ("high" or "low") and ``stance``: invest, protect, develop or serve at low cost, by value
        and potential. Dependence says how safe that stance is.

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or has gaps, the table is empty, or ``cuts`` names a
        column that is not one of the three.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer": ["hotel", "office", "cafe"], "value": [90, 70, 5],
    ...                           "potential": [80, 5, 60], "dependence": [0.9, 0.2, 0.4]})
    >>> grid = portfolio_grid(customers, cuts={"value": 50, "potential": 50, "dependence": 0.5})
    >>> grid[["customer", "dependence_level", "stance"]]
      customer dependence_level   stance
    0    hotel             high   invest
    1   office              low  protect
    2     cafe              low  develop
    """
    columns = {"value": value, "potential": potential, "dependence": dependence}
    check_table(table, columns.values(), name="table")
    cuts = dict(cuts or {})
    for column in cuts:
        if column not in columns.values():
            raise ValueError(
                f"cuts names {column!r}, which is none of the three columns "
                f"{', '.join(map(repr, columns.values()))}."
            )
    placed = table.copy()
    for role, column in columns.items():
        numbers = check_numbers(table[column], name=column, table="table")
        cut = check_any_number(cuts.get(column, np.median(numbers)), name=f"cuts[{column!r}]")
        placed[f"{role}_level"] = np.where(numbers > cut, "high", "low")
    levels = zip(placed["value_level"], placed["potential_level"], strict=True)
    placed["stance"] = [STANCES[pair] for pair in levels]
    return placed
