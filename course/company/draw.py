"""Draw one Lanternleaf: every table of the schema, and the truth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from crmlib.data.columns import typed

from .cards import card_fields
from .schema import TABLES, Table
from .world import CUSTOMERS, World

# 128 bits, so that it can be neither guessed nor mistaken for a date or an id.
PUBLIC_SEED = 0x8F1D_5C3E_92A7_4B60_D7E1_03BC_6A59_F248
ACTIONS = ("calls",)  # what a twin company can leave out
MOST_CUSTOMERS = 900_000  # ids have six digits


@dataclass(frozen=True)
class Company:
    """One draw: its tables (what the company sees) and the truth (what only we know)."""

    seed: int
    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(table):,}" for name, table in self.tables.items())
        return f"Company({rows}; truth: {', '.join(self.truth)})"


def draw(seed: int, *, scale: float = 1.0, without: Collection[str] = ()) -> Company:
    """Draw a company.

    Parameters
    ----------
    seed : int
        Any whole number from 0 up (128 random bits are fine). The same seed gives the same tables.
    scale : float
        1 means about 6,000 customers. For millions of orders see `orders_in_chunks`.
    without : collection of str
        Actions the company never took, of ``ACTIONS``. The random numbers stay the same, so the
        difference between the two companies is the action's true effect.

    Returns
    -------
    Company
        All tables of the schema, in the types of their cards.

    Raises
    ------
    ValueError
        For a negative seed, a scale out of range, or an action the company doesn't know.

    Examples
    --------
    >>> company = draw(7, scale=0.05)
    >>> len(company.tables["customers"]), sorted(company.truth)
    (300, ['call_value', 'customer_segments', 'data_quality'])
    """
    world = _world(seed, scale, without)
    made = {table.name: make(table, world) for table in TABLES}
    return Company(
        seed=seed,
        tables={table.name: made[table.name] for table in TABLES if not table.truth},
        truth={table.name: made[table.name] for table in TABLES if table.truth},
    )


def make(table: Table, world: World) -> pd.DataFrame:
    """One table of the schema, in the types of its card."""
    return typed(table.make(world).reset_index(drop=True), card_fields(table))


def _world(seed: int, scale: float, without: Collection[str]) -> World:
    if isinstance(without, str):
        raise ValueError(f"without={without!r} is text; write a collection: without=({without!r},)")
    unknown = sorted(set(without) - set(ACTIONS))
    if unknown:
        raise ValueError(
            f"without={unknown[0]!r} is no action of the company; it knows: {', '.join(ACTIONS)}"
        )
    if seed < 0:
        raise ValueError(f"seed={seed} is negative; use a whole number from 0 up")
    customers = round(CUSTOMERS * scale)
    if not 100 <= customers <= MOST_CUSTOMERS:
        raise ValueError(
            f"scale={scale} makes {customers:,} customers; between 100 and {MOST_CUSTOMERS:,} are "
            f"possible (for more orders use orders_in_chunks)"
        )
    return World(seed=seed, customers=customers, without=frozenset(without))
