"""Where do the tables come from, what is in them, and can they be trusted?

Loaders for the company's tables and the real data sets (they need no network and no certain
working folder), their data cards, and the data-quality audit.
"""

from .cards import Card, describe
from .loading import data_folder, list_tables, load, tables
from .quality import (
    DIMENSIONS,
    Rule,
    audit,
    in_order,
    is_date,
    matches,
    newer_than,
    not_missing,
    one_of,
    rows_breaking,
    unique,
    within,
)

__all__ = [
    "DIMENSIONS",
    "Card",
    "Rule",
    "audit",
    "data_folder",
    "describe",
    "in_order",
    "is_date",
    "list_tables",
    "load",
    "matches",
    "newer_than",
    "not_missing",
    "one_of",
    "rows_breaking",
    "tables",
    "unique",
    "within",
]
