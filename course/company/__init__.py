"""Lanternleaf Tea, the company of the course: tables whose truth is known.

One seed gives one company: its tables, and the truth behind them (who belongs to which segment,
what a call brings). Another seed gives a fresh draw with the same mechanisms; ``without`` gives
the twin company that never took an action. `schema` describes every table in one place.
"""

from .cdnow import import_cdnow, redraw_real
from .draw import PUBLIC_SEED, Company, draw
from .files import check_datasets, make_datasets, write
from .sales import orders_in_chunks
from .schema import SCHEMA, Column, Table

__all__ = [
    "PUBLIC_SEED",
    "SCHEMA",
    "Column",
    "Company",
    "Table",
    "check_datasets",
    "draw",
    "import_cdnow",
    "make_datasets",
    "orders_in_chunks",
    "redraw_real",
    "write",
]
