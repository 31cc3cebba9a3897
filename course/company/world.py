"""What all tables of one draw of Lanternleaf share: the calendar, the random numbers, the state.

Every table draws from a random stream of its own, named after what it decides, so that a new
table never changes an old one, and a twin company (the same draw without an action) uses the very
same numbers. Money is counted in fen (1/100 yuan, whole numbers) until a table is written.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

FIRST_DAY = date(2023, 1, 1)
SNAPSHOT = date(2026, 1, 1)  # "today": history ends the evening before
DAYS = (SNAPSHOT - FIRST_DAY).days
PILOT_DAY = date(2025, 10, 9)  # the service desk starts calling, the day after the holidays
CUSTOMERS = 6_000  # at scale 1

SPRING_FESTIVAL = (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29))
MID_AUTUMN = (date(2023, 9, 29), date(2024, 9, 17), date(2025, 10, 6))


def day_number(day: date) -> int:
    """Days from the first day of history."""
    return (day - FIRST_DAY).days


def to_dates(days) -> pd.Series:
    """Day numbers as dates (midnight)."""
    start = np.datetime64(FIRST_DAY, "ns")
    return pd.Series(start + np.asarray(days, dtype="int64") * np.timedelta64(1, "D"))


def to_times(days, seconds) -> pd.Series:
    """Day numbers and seconds of the day as date-times."""
    moments = np.asarray(days, dtype="int64") * 86_400 + np.asarray(seconds, dtype="int64")
    return pd.Series(np.datetime64(FIRST_DAY, "ns") + moments * np.timedelta64(1, "s"))


def yuan(fen) -> np.ndarray:
    """Whole fen as yuan with two decimals."""
    return np.round(np.asarray(fen, dtype="float64") / 100, 2)


@dataclass(frozen=True)
class World:
    """One draw: its seed, its size, the actions left out, and everything derived from them."""

    seed: int
    customers: int = CUSTOMERS
    without: frozenset[str] = frozenset()
    # Blocks of one large company take their ids from ranges of their own.
    block: int = 0
    customer_ids: range = field(default=range(100_000, 1_000_000))
    order_ids: range = field(default=range(1_000_000, 10_000_000))

    @property
    def scale(self) -> float:
        return self.customers / CUSTOMERS

    def rng(self, name: str) -> np.random.Generator:
        """The random stream that decides `name`, and nothing else."""
        key = (self.block, zlib.crc32(name.encode()))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    @cached_property
    def people(self) -> pd.DataFrame:
        """Who the customers truly are: one row a customer, in order of sign-up."""
        from .people import draw_people

        return draw_people(self)

    @cached_property
    def base_orders(self) -> pd.DataFrame:
        """The purchases customers made unasked."""
        from .sales import draw_base_orders

        return draw_base_orders(self)

    @cached_property
    def sales(self) -> Sales:
        """All purchases of the history, the refunds among them."""
        from .sales import draw_sales

        return draw_sales(self)

    @cached_property
    def pilot(self) -> pd.DataFrame:
        """The randomised calls and what they brought about."""
        from .calls import draw_pilot

        return draw_pilot(self)


@dataclass(frozen=True)
class Sales:
    """Orders (sales and refunds) and the lines of the sales; money in fen."""

    orders: pd.DataFrame
    lines: pd.DataFrame


@dataclass(frozen=True)
class Calendar:
    """How busy each day of the history is, relative to an average day."""

    weights: np.ndarray

    @cached_property
    def cumulative(self) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(self.weights)])

    def draw(self, rng: np.random.Generator, first, last) -> np.ndarray:
        """One day a row between `first` (included) and `last` (excluded), busy days more often."""
        low, high = self.cumulative[first], self.cumulative[last]
        spot = low + rng.random(len(low)) * (high - low)
        days = np.searchsorted(self.cumulative, spot, side="right") - 1
        return np.clip(days, first, np.maximum(last - 1, first))


def everyday_calendar() -> Calendar:
    """Busy weekends, summer lull, the shopping festivals of June and November."""
    days = pd.date_range(FIRST_DAY, periods=DAYS)
    weights = np.array([0.90, 0.86, 0.88, 0.92, 1.04, 1.24, 1.16])[days.day_of_week]
    weights = weights * (1 - 0.12 * np.isin(days.month, (7, 8)))
    singles = (days.month == 11) & (days.day <= 11)
    weights = weights * np.where(singles, 1.7, 1.0) * np.where(singles & (days.day == 11), 2.0, 1.0)
    weights = weights * np.where((days.month == 6) & np.isin(days.day, (16, 17, 18)), 1.8, 1.0)
    for festival in SPRING_FESTIVAL:  # shops close, people are at home with their families
        quiet = day_number(festival)
        weights[quiet : quiet + 5] *= 0.35
    return Calendar(weights / weights.mean())


def gift_calendar() -> Calendar:
    """Gifts are bought in the weeks before Spring Festival and before Mid-Autumn."""
    weights = 0.45 * everyday_calendar().weights
    for festival, days_before, height in (
        *((day, 24, 5.0) for day in SPRING_FESTIVAL),
        *((day, 18, 5.0) for day in MID_AUTUMN),
    ):
        end = day_number(festival)
        start = max(end - days_before, 0)
        weights[start:end] += height * np.linspace(0.4, 1.0, days_before)[-(end - start) :]
    return Calendar(weights / weights.mean())


EVERYDAY = everyday_calendar()
GIFTS = gift_calendar()
# New customers a day, relative to the first day: the programme grows.
GROWTH = np.linspace(1.0, 2.2, DAYS)
