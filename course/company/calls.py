"""Whom should the service desk call? What a call changes, the randomised pilot, and the truth.

A call makes some customers order a box of the curator's selection that they would not have
ordered otherwise. How many depends on what the company can see: once-good customers who have been
away for some months respond most; recent buyers buy anyway; one-time buyers hardly listen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .world import DAYS, PILOT_DAY, World, day_number, yuan

CALL_COST = 12.00  # yuan
WINDOW = 60  # days the pilot watches after the call
PILOT_SIZE = 1_500  # at scale 1
BEST_CHANCE = 0.72  # that a call to the most responsive customers brings an order


def response(recency, frequency) -> np.ndarray:
    """Chance (before a customer's own temper) that a call brings an order.

    recency: days since the last purchase; frequency: purchases so far.
    """
    away = np.interp(recency, [60, 200, 350, 800, 1100], [0.03, 0.15, 1.0, 1.0, 0.7])
    habit = np.interp(frequency, [1, 2, 3, 4], [0.02, 0.70, 0.95, 1.0])
    return BEST_CHANCE * away * habit


def draw_pilot(world: World) -> pd.DataFrame:
    """Customers of the pilot: whether called, and the boxes a call made them buy.

    They are drawn from those who agreed to be contacted.
    """
    rng, start = world.rng("call_pilot"), day_number(PILOT_DAY)
    history = world.base_orders
    seen = _visible(world, history[history["day"] < start], start)
    seen = seen[_agreed(world, seen)]
    size = min(round(PILOT_SIZE * world.scale), len(seen))
    pilot = seen.iloc[np.sort(rng.choice(len(seen), size=size, replace=False))].copy()
    pilot["called"] = rng.permutation(np.arange(size) % 2 == 0)
    buys = pilot["called"] & (rng.random(size) < pilot["chance"])
    pilot["boxes"] = np.where(buys, 1 + rng.poisson(pilot["more_boxes"]), 0)
    pilot["order_day"] = start + rng.integers(0, 21, size)
    pilot["order_second"] = rng.integers(9 * 3600, 19 * 3600, size)
    return pilot


def _visible(world: World, history: pd.DataFrame, today: int) -> pd.DataFrame:
    """For each customer with a purchase before `today`: the response to a call."""
    by_customer = history.groupby("customer")["day"].agg(["max", "size"]).reset_index()
    customer = by_customer["customer"].to_numpy()
    people = world.people.iloc[customer]
    chance = response(today - by_customer["max"], by_customer["size"]) * people["receptive"]
    level = people["order_value"].to_numpy()
    return pd.DataFrame(
        {
            "customer": customer,
            "chance": np.clip(chance.to_numpy(), 0, 0.95),
            "more_boxes": np.clip(1.2 * (level / 140) ** 0.15, 0.8, 1.8),
        }
    )


def call_pilot(world: World) -> pd.DataFrame:
    """The table `call_pilot`: who was called, and the margin of the 60 days after."""
    pilot, orders, start = world.pilot, world.sales.orders, day_number(PILOT_DAY)
    window = orders[(orders["day"] >= start) & (orders["day"] < start + WINDOW)]
    margin = window.groupby("customer")["margin"].sum()
    table = pd.DataFrame(
        {
            "customer_id": world.people["customer_id"].to_numpy()[pilot["customer"]],
            "called": pilot["called"].to_numpy(),
            "margin_60d": yuan(margin.reindex(pilot["customer"], fill_value=0)),
        }
    )
    table.insert(1, "assigned_on", pd.Timestamp(PILOT_DAY))
    return table.sort_values("customer_id", ignore_index=True)


def call_value(world: World) -> pd.DataFrame:
    """Truth: yuan that a call at the snapshot adds, its cost taken off, for all who may be called.

    Without consent there is no call, so there is no value of one either.
    """
    from .sales import DELIVERY, PRODUCTS, SELECTION

    orders = world.sales.orders
    sales = orders[~orders["refund"]]
    seen = _visible(world, sales[["customer", "day"]], DAYS)
    box = PRODUCTS.iloc[SELECTION]
    margin = (1 + seen["more_boxes"]) * (box["list_price"] - box["unit_cost"]) - DELIVERY / 100
    table = pd.DataFrame(
        {
            "customer_id": world.people["customer_id"].to_numpy()[seen["customer"]],
            "call_value": (seen["chance"] * margin - CALL_COST).round(2),
        }
    )
    may_call = table[_agreed(world, seen)]
    return may_call.sort_values("customer_id", ignore_index=True)


def _agreed(world: World, seen: pd.DataFrame) -> np.ndarray:
    """Which of these customers agreed to be contacted."""
    from .people import customers

    ids = world.people["customer_id"].to_numpy()[seen["customer"]]
    return np.isin(ids, customers(world).query("consent_marketing")["customer_id"].to_list())
