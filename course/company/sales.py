"""What do customers buy, when, and what is left of it? Orders, their lines, refunds, products.

While active, a customer buys at a rate of their own (a Poisson process bent by the calendar);
an order holds one to three products; the contribution margin is what remains after the goods,
the delivery and the commission of the partner who brought the customer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .people import CHANNELS, SEGMENTS
from .world import DAYS, EVERYDAY, GIFTS, Sales, World, to_times, yuan

PRODUCTS = pd.DataFrame(
    [
        # product_id, name, name_zh, category, list price and unit cost in yuan
        ("P01", "Longjing, everyday grade, 100 g", "日常龙井 100克", "green", 68, 31),
        ("P02", "Longjing, first picking, 100 g", "明前龙井 100克", "green", 268, 112),
        ("P03", "Biluochun, 100 g", "碧螺春 100克", "green", 158, 70),
        ("P04", "Tieguanyin, 125 g", "铁观音 125克", "oolong", 98, 43),
        ("P05", "Wuyi rock oolong, 125 g", "武夷岩茶 125克", "oolong", 188, 80),
        ("P06", "Keemun black, 100 g", "祁门红茶 100克", "black", 78, 35),
        ("P07", "Jin Jun Mei, 50 g", "金骏眉 50克", "black", 218, 95),
        ("P08", "Ripe pu'er cake, 357 g", "熟普洱饼 357克", "dark", 138, 62),
        ("P09", "Aged white tea, 200 g", "老白茶 200克", "white", 198, 84),
        ("P10", "Jasmine tea, 100 g", "茉莉花茶 100克", "scented", 48, 22),
        ("P11", "Osmanthus oolong, 100 g", "桂花乌龙 100克", "scented", 58, 27),
        ("P12", "Chrysanthemum, 50 g", "菊花茶 50克", "herbal", 36, 16),
        ("P13", "Tea bags, box of 25", "袋泡茶 25包", "everyday", 29, 13),
        ("P14", "Office drum, 1 kg", "办公茶桶 1千克", "everyday", 128, 66),
        ("P15", "Travel cup", "随行杯", "ware", 59, 31),
        ("P16", "Gaiwan set", "盖碗套装", "ware", 168, 84),
        ("P17", "Mid-Autumn gift box", "中秋礼盒", "gift", 238, 112),
        ("P18", "Spring Festival gift box", "新春礼盒", "gift", 298, 138),
        ("P19", "Master's gift box", "大师礼盒", "gift", 588, 245),
        ("P20", "Curator's selection", "甄选茶盒", "selection", 128, 52),
    ],
    columns=["product_id", "name", "name_zh", "category", "list_price", "unit_cost"],
)
# What those take who want to spend little.
SMALL = np.flatnonzero(PRODUCTS["list_price"] < 60)
SELECTION = int(PRODUCTS.index[PRODUCTS["product_id"] == "P20"][0])

# How likely each need picks each category; the last row is any order that is a gift.
CATEGORY_WEIGHTS = pd.DataFrame(
    [
        # green oolong black dark white scented herbal everyday ware gift selection
        (4.0, 2.0, 2.0, 1.0, 0.5, 3.0, 2.0, 3.0, 0.3, 0.1, 0.2),
        (3.0, 1.5, 1.5, 0.5, 1.0, 1.0, 0.5, 0.5, 1.0, 1.5, 0.5),
        (2.0, 4.0, 2.0, 3.0, 3.0, 1.0, 0.5, 0.2, 1.5, 0.1, 1.5),
        (1.5, 1.0, 1.0, 0.5, 0.2, 3.0, 2.5, 5.0, 1.0, 0.2, 0.2),
        (2.0, 1.5, 1.5, 0.5, 0.2, 1.5, 0.5, 6.0, 0.5, 0.5, 0.3),
        (1.0, 0.5, 0.5, 0.5, 0.8, 0.2, 0.0, 0.0, 1.0, 9.0, 0.5),
    ],
    columns=[
        "green",
        "oolong",
        "black",
        "dark",
        "white",
        "scented",
        "herbal",
        "everyday",
        "ware",
        "gift",
        "selection",
    ],
)
GIFT_ROW = len(SEGMENTS)

DELIVERY = 600  # fen an order that is not bought in a shop
REFUND_HANDLING = 500  # fen
CHANNEL_NAMES = np.array(["shop", "web", "app", "mini_program"])
DISCOUNTS = np.array([10, 15, 20, 25, 30])  # per cent
MOST_OF_ONE = 40  # pieces of a product in one order
ORDERS_PER_CUSTOMER = 4.3  # about; sets the size of chunks only


def draw_sales(world: World) -> Sales:
    """Base purchases, those that calls brought about (unless left out), and refunds."""
    orders, lines = _fill(world, world.base_orders)
    extra_orders, extra_lines = _call_orders(world, first=len(orders))
    orders = pd.concat([orders, extra_orders], ignore_index=True)
    lines = pd.concat([lines, extra_lines], ignore_index=True)
    orders, lines = _money(world, orders, lines)
    return _identify(world, orders, lines, _refunds(world, orders))


def draw_base_orders(world: World) -> pd.DataFrame:
    """The purchases nobody had to be called for.

    One row an order: customer (row in people), day, whether a gift, the amount aimed at.
    """
    rng, people = world.rng("orders"), world.people
    signup, last = people["signup_day"].to_numpy(), people["last_day"].to_numpy()
    repeats = rng.poisson(people["rate"] * people["pace"] * (last - signup) / 365.25)
    customer = np.repeat(np.arange(len(people)), 1 + repeats)
    first = np.concatenate([[True], customer[1:] != customer[:-1]])
    gift = rng.random(len(customer)) < people["gift_share"].to_numpy()[customer]
    low, high = signup[customer] + 1, last[customer] + 1
    low = np.minimum(low, high - 1)
    everyday, festive = EVERYDAY.draw(rng, low, high), GIFTS.draw(rng, low, high)
    day = np.where(first, signup[customer], np.where(gift, festive, everyday))
    level = people["order_value"].to_numpy() * CHANNELS["order_value"].to_numpy()[people["channel"]]
    aim = level[customer] * np.exp(rng.normal(0, 0.45, len(customer)))
    return pd.DataFrame({"customer": customer, "day": day, "gift": gift, "aim": aim})


def _fill(world: World, orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose channel, discount and hour of each order, and the products in it."""
    rng, people, n = world.rng("baskets"), world.people, len(orders)
    customer = orders["customer"].to_numpy()
    online = rng.random(n) < people["online_share"].to_numpy()[customer]
    channel = np.where(online, rng.choice([1, 2, 3], size=n, p=[0.25, 0.3, 0.45]), 0)
    discounted = rng.random(n) < people["discount_share"].to_numpy()[customer]
    discount = np.where(discounted, rng.choice(DISCOUNTS, size=n), 0)
    second = _time_of_day(rng, online)
    orders = orders.assign(channel=channel, discount=discount, second=second, called=False)

    size = 1 + rng.binomial(2, 0.25, n)
    order = np.repeat(np.arange(n), size)
    row = np.where(orders["gift"], GIFT_ROW, people["segment"].to_numpy()[customer])[order]
    product = _pick_products(rng, row)
    aim = (orders["aim"].to_numpy() / size)[order]
    dear = PRODUCTS["list_price"].to_numpy()[product] > 2 * aim
    product = np.where(dear, rng.choice(SMALL, size=len(product)), product)
    quantity = np.rint(aim / PRODUCTS["list_price"].to_numpy()[product])
    quantity = np.clip(quantity, 1, MOST_OF_ONE).astype("int64")
    lines = pd.DataFrame({"order": order, "product": product, "quantity": quantity})
    return orders, lines.drop_duplicates(["order", "product"], ignore_index=True)


def _time_of_day(rng, online: np.ndarray) -> np.ndarray:
    """Seconds after midnight: shops open 9 to 21, the rest is busiest in the evening."""
    n = len(online)
    in_shop = rng.triangular(9, 16, 21, n)
    at_home = rng.triangular(6, 20.5, 24, n)
    hours = np.where(online, at_home, in_shop)
    return np.minimum((hours * 3600).astype("int64"), 86_399)


def _pick_products(rng, row: np.ndarray) -> np.ndarray:
    """A product for each line, by the weights of its row in CATEGORY_WEIGHTS."""
    share = CATEGORY_WEIGHTS / PRODUCTS["category"].value_counts()[CATEGORY_WEIGHTS.columns]
    weights = share[PRODUCTS["category"]].to_numpy()
    chances = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    # All rows' chances laid end to end, row r between r and r + 1: one search serves every line.
    ladder = (chances + np.arange(len(chances))[:, None]).ravel()
    spot = np.searchsorted(ladder, row + rng.random(len(row)), side="right")
    return np.minimum(spot - row * len(PRODUCTS), len(PRODUCTS) - 1)


def _call_orders(world: World, *, first: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The purchases that calls of the pilot brought about: one product, ordered on the phone."""
    bought = world.pilot[world.pilot["boxes"] > 0]
    orders = pd.DataFrame(
        {
            "customer": bought["customer"].to_numpy(),
            "day": bought["order_day"].to_numpy(),
            "gift": False,
            "aim": 0.0,
            "channel": 1,  # the desk books them in the web shop
            "discount": 0,
            "second": bought["order_second"].to_numpy(),
            "called": True,
        }
    )
    lines = pd.DataFrame(
        {
            "order": np.arange(first, first + len(orders)),
            "product": SELECTION,
            "quantity": bought["boxes"].to_numpy(),
        }
    )
    return orders, lines


def _money(world: World, orders: pd.DataFrame, lines: pd.DataFrame):
    """Prices of the lines, amounts and margins of the orders, in fen."""
    product, order = lines["product"].to_numpy(), lines["order"].to_numpy()
    off = orders["discount"].to_numpy()[order]
    price = PRODUCTS["list_price"].to_numpy()[product] * (100 - off)  # yuan × per cent = fen
    cost = PRODUCTS["unit_cost"].to_numpy()[product] * 100
    quantity = lines["quantity"].to_numpy()
    amount = np.bincount(order, weights=quantity * price, minlength=len(orders)).astype("int64")
    goods = np.bincount(order, weights=quantity * cost, minlength=len(orders)).astype("int64")
    delivery = np.where(orders["channel"] == 0, 0, DELIVERY)
    # What the service desk sells is Lanternleaf's own business: no partner takes a share.
    commission = np.where(orders["called"], 0, _commission(world, orders["customer"]))
    margin = amount - goods - delivery - amount * commission // 100
    return orders.assign(amount=amount, margin=margin), lines.assign(price=price)


def _commission(world: World, customer) -> np.ndarray:
    """Per cent of every order that goes to the partner who brought the customer."""
    per_cent = (CHANNELS["commission"] * 100).round().astype("int64").to_numpy()
    return per_cent[world.people["channel"].to_numpy()[np.asarray(customer)]]


def _refunds(world: World, orders: pd.DataFrame) -> pd.DataFrame:
    """Refunds of some sales, days later, whole or in part; never of a phone order."""
    rng, n = world.rng("refunds"), len(orders)
    chance = np.where(orders["channel"] == 0, 0.018, 0.045)
    returned = (rng.random(n) < chance) & ~orders["called"].to_numpy()
    per_cent = np.where(rng.random(n) < 0.7, 100, rng.choice([20, 30, 50], size=n))
    day = orders["day"].to_numpy() + rng.integers(2, 21, size=n)
    second = rng.integers(9 * 3600, 21 * 3600, size=n)
    refunds = orders.assign(sale=np.arange(n), day=day, second=second)
    refunds["amount"] = -(orders["amount"] * per_cent // 100)
    kept = np.maximum(orders["margin"], 0) * per_cent // 100
    refunds["margin"] = -(kept + REFUND_HANDLING)
    return refunds[returned & (day < DAYS)]


def _identify(world: World, orders, lines, refunds) -> Sales:
    """Number everything, drop what calls brought about if this is the twin, sort by time."""
    n = len(orders) + len(refunds)
    numbers = world.rng("order_id").choice(len(world.order_ids), size=n, replace=False)
    numbers = numbers + world.order_ids.start
    number_of = numbers[: len(orders)]
    lines = lines.assign(number=number_of[lines["order"]])
    refunds = refunds.assign(
        number=numbers[len(orders) :], refund=True, refund_of=number_of[refunds["sale"]]
    ).drop(columns="sale")
    orders = orders.assign(number=number_of, refund=False, refund_of=0)
    if "calls" in world.without:
        lines = lines[~orders["called"].to_numpy()[lines["order"]]]
        orders = orders[~orders["called"]]
    everything = pd.concat([orders, refunds], ignore_index=True)
    moment = everything["day"].to_numpy() * 86_400 + everything["second"].to_numpy()
    everything = everything.iloc[np.lexsort([everything["number"], moment])]
    return Sales(
        orders=everything.reset_index(drop=True),
        lines=lines.iloc[np.lexsort([lines["product"], lines["number"]])],
    )


def _order_id(numbers) -> np.ndarray:
    return np.char.add("O", np.asarray(numbers).astype("U12"))


def orders(world: World) -> pd.DataFrame:
    """The table `orders`: every sale and refund."""
    rows = world.sales.orders
    refund = rows["refund"].to_numpy()
    refund_of = np.full(len(rows), None, dtype=object)
    refund_of[refund] = _order_id(rows["refund_of"][refund])
    return pd.DataFrame(
        {
            "order_id": _order_id(rows["number"]),
            "customer_id": world.people["customer_id"].to_numpy()[rows["customer"]],
            "order_date": to_times(rows["day"], rows["second"]),
            "channel": CHANNEL_NAMES[rows["channel"]],
            "kind": np.where(refund, "refund", "sale"),
            "amount": yuan(rows["amount"]),
            "margin": yuan(rows["margin"]),
            "refund_of": refund_of,
        }
    )


def order_lines(world: World) -> pd.DataFrame:
    """The table `order_lines`: the products in every sale."""
    lines = world.sales.lines
    return pd.DataFrame(
        {
            "order_id": _order_id(lines["number"]),
            "product_id": PRODUCTS["product_id"].to_numpy()[lines["product"]],
            "quantity": lines["quantity"].to_numpy(),
            "unit_price": yuan(lines["price"]),
        }
    )


def products(world: World) -> pd.DataFrame:
    """The table `products`: what Lanternleaf sells."""
    return PRODUCTS.astype({"list_price": "float64", "unit_cost": "float64"})


def orders_in_chunks(n_orders: int, seed: int, *, chunk: int = 100_000) -> Iterator[pd.DataFrame]:
    """The orders of a much larger Lanternleaf, a block of customers at a time.

    Memory stays bounded: no chunk depends on another. Each chunk holds all orders of its own
    customers, sorted by time within the chunk (not across chunks).

    Parameters
    ----------
    n_orders : int
        Rows wanted in all (sales and refunds); exactly so many are made.
    seed : int
        Which company; the same seed and `chunk` give the same rows.
    chunk : int
        About how many rows a chunk holds.

    Yields
    ------
    DataFrame
        With the columns of the table `orders`.

    Examples
    --------
    >>> sum(len(rows) for rows in orders_in_chunks(2_500, seed=1, chunk=1_000))
    2500
    """
    if n_orders < 1 or chunk < 100:
        raise ValueError(
            f"n_orders={n_orders}, chunk={chunk}: ask for at least 1 order in chunks of 100 or more"
        )
    customers = max(round(chunk / ORDERS_PER_CUSTOMER), 1)
    block, made = 0, 0
    while made < n_orders:
        rows = orders(_block(seed, block, customers, chunk)).head(n_orders - made)
        made += len(rows)
        block += 1
        yield rows


def _block(seed: int, block: int, customers: int, chunk: int) -> World:
    """The block's own company: as many customers as wanted, ids of its own."""
    people, sales = 4 * customers, 8 * chunk
    return World(
        seed=seed,
        customers=customers,
        block=block + 1,
        customer_ids=range(10_000_000 + block * people, 10_000_000 + (block + 1) * people),
        order_ids=range(100_000_000 + block * sales, 100_000_000 + (block + 1) * sales),
    )
