"""Who are the customers? The needs segments planted in the company, and each customer's traits.

A customer belongs to one of five needs segments; the traits scatter around the segment's means.
How long a customer stays and how much of it shows in the orders is drawn apart from the needs, so
that a needs segment can't simply be read off the spending.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .world import DAYS, EVERYDAY, GROWTH, World, to_dates

# Means of the traits. order_value: yuan an order; rates: orders a year while active.
SEGMENTS = pd.DataFrame(
    [
        # segment, share, order_value, rate, gift, online, discount, knowledge, novelty
        ("daily_drinkers", 0.26, 110, 9.5, 0.07, 0.30, 0.22, 4.7, 2.4),
        ("gift_givers", 0.20, 330, 3.6, 0.72, 0.42, 0.14, 2.5, 3.2),
        ("explorers", 0.19, 160, 6.0, 0.14, 0.72, 0.13, 5.9, 5.9),
        ("bargain_hunters", 0.21, 95, 6.5, 0.12, 0.84, 0.72, 3.2, 4.0),
        ("office_buyers", 0.14, 280, 7.5, 0.40, 0.88, 0.20, 3.4, 1.8),
    ],
    columns=[
        "segment",
        "share",
        "order_value",
        "rate",
        "gift_share",
        "online_share",
        "discount_share",
        "tea_knowledge",
        "novelty_seeking",
    ],
)

# share of new customers; what a new one costs (yuan); the partner's commission on every order;
# how often and how much its customers buy, against the average; how many never come back.
CHANNELS = pd.DataFrame(
    [
        # Influencers bring coupon orders: many and small. The marketplace keeps its commission.
        ("search", 0.19, 215.0, 0.00, 0.95, 1.10, 0.30),
        ("social", 0.18, 165.0, 0.00, 0.85, 0.95, 0.38),
        ("shop", 0.24, 125.0, 0.00, 1.00, 1.00, 0.27),
        ("referral", 0.10, 88.0, 0.00, 1.10, 1.05, 0.20),
        ("marketplace", 0.18, 140.0, 0.24, 1.15, 1.25, 0.27),
        ("influencer", 0.11, 195.0, 0.15, 2.30, 0.22, 0.14),
    ],
    columns=["channel", "share", "cost", "commission", "rate", "order_value", "one_time"],
)

# Which needs each channel attracts, relative to the segment's share.
AFFINITY = np.array(
    [
        # daily, gift, explorers, bargain, office
        [0.9, 0.9, 1.1, 0.8, 1.6],  # search
        [0.8, 1.1, 1.5, 1.0, 0.5],  # social
        [1.5, 1.2, 0.7, 0.5, 0.8],  # shop
        [1.1, 0.9, 1.2, 0.7, 1.2],  # referral
        [0.8, 1.0, 0.8, 1.5, 1.0],  # marketplace
        [0.7, 0.7, 1.2, 1.9, 0.4],  # influencer
    ]
)

CITIES = pd.DataFrame(
    [
        ("Hangzhou", "杭州", "Zhejiang", 24),
        ("Shanghai", "上海", "Shanghai", 18),
        ("Ningbo", "宁波", "Zhejiang", 10),
        ("Suzhou", "苏州", "Jiangsu", 9),
        ("Nanjing", "南京", "Jiangsu", 8),
        ("Wenzhou", "温州", "Zhejiang", 6),
        ("Shaoxing", "绍兴", "Zhejiang", 5),
        ("Wuxi", "无锡", "Jiangsu", 4),
        ("Beijing", "北京", "Beijing", 4),
        ("Guangzhou", "广州", "Guangdong", 3),
        ("Shenzhen", "深圳", "Guangdong", 3),
        ("Chengdu", "成都", "Sichuan", 2),
        ("Wuhan", "武汉", "Hubei", 2),
        ("Xiamen", "厦门", "Fujian", 2),
    ],
    columns=["city", "city_zh", "province", "weight"],
)

# How widely traits scatter within a segment: they set how well segments can be recovered.
SHARE_CONCENTRATION = 11.0
RATING_SPREAD = 1.0
RATE_SPREAD = 0.40
VALUE_SPREAD = 0.50


def draw_people(world: World) -> pd.DataFrame:
    """The true customers: ids, needs, traits, sign-up and last active day."""
    rng, n = world.rng("people"), world.customers
    people = pd.DataFrame({"customer_id": _ids(world, n)})
    people["signup_day"] = _signup_days(rng, n)
    channel = rng.choice(len(CHANNELS), size=n, p=CHANNELS["share"])
    segment = _segments(rng, channel)
    people["channel"] = channel
    people["segment"] = segment
    people["city"] = rng.choice(len(CITIES), size=n, p=CITIES["weight"] / CITIES["weight"].sum())
    return people.assign(**_traits(rng, segment), **_loyalty(rng, channel, people["signup_day"]))


def _ids(world: World, n: int) -> np.ndarray:
    ids = world.rng("customer_id").choice(len(world.customer_ids), size=n, replace=False)
    return np.char.add("C", (ids + world.customer_ids.start).astype("U9"))


def _signup_days(rng, n: int) -> np.ndarray:
    growth = GROWTH * EVERYDAY.weights
    return np.sort(rng.choice(DAYS, size=n, p=growth / growth.sum()))


def _segments(rng, channel: np.ndarray) -> np.ndarray:
    chances = AFFINITY * SEGMENTS["share"].to_numpy()
    chances = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
    return (rng.random(len(channel))[:, None] > chances[channel]).sum(axis=1)


def _traits(rng, segment: np.ndarray) -> dict[str, np.ndarray]:
    """Traits scattered around the means of each customer's segment."""
    mean = {name: SEGMENTS[name].to_numpy()[segment] for name in SEGMENTS.columns[2:]}
    n = len(segment)
    traits = {
        "rate": mean["rate"] * np.exp(rng.normal(0, RATE_SPREAD, n)),
        "order_value": mean["order_value"] * np.exp(rng.normal(0, VALUE_SPREAD, n)),
    }
    for name in ("gift_share", "online_share", "discount_share"):
        a = mean[name] * SHARE_CONCENTRATION
        traits[name] = rng.beta(a, SHARE_CONCENTRATION - a)
    for name in ("tea_knowledge", "novelty_seeking"):
        traits[name] = np.clip(rng.normal(mean[name], RATING_SPREAD), 1, 7)
    return traits


def _loyalty(rng, channel: np.ndarray, signup_day) -> dict[str, np.ndarray]:
    """How long a customer stays, and how far real buying strays from what the needs suggest."""
    n = len(channel)
    one_time = rng.random(n) < CHANNELS["one_time"].to_numpy()[channel]
    stay = rng.exponential(1.0, n) * rng.gamma(2.5, 220.0, n)  # days; some leave soon, some never
    last = np.asarray(signup_day) + np.where(one_time, 0, np.ceil(stay))
    return {
        "last_day": np.minimum(last, DAYS - 1).astype("int64"),
        "pace": np.minimum(rng.gamma(4.0, 1 / 4.0, n), 2.0) * CHANNELS["rate"].to_numpy()[channel],
        "receptive": np.exp(rng.normal(0, 0.12, n)),
    }


def customers(world: World) -> pd.DataFrame:
    """The table `customers`: what the company knows about each customer."""
    rng, people = world.rng("customers"), world.people
    city = CITIES.iloc[people["city"].to_numpy()].reset_index(drop=True)
    n = len(people)
    birth_year = pd.Series(np.clip(rng.normal(1986, 11, n), 1945, 2006).round()).astype("Int64")
    table = pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "signup_date": to_dates(people["signup_day"]),
            "acquisition_channel": CHANNELS["channel"].to_numpy()[people["channel"]],
            "city": city["city"],
            "province": city["province"],
            "birth_year": birth_year.mask(rng.random(n) < 0.08),
            "gender": rng.choice(["female", "male", "not_stated"], size=n, p=[0.56, 0.38, 0.06]),
            "consent_marketing": rng.random(n) < 0.72,
        }
    )
    return table.sort_values("customer_id", ignore_index=True)


def cities(world: World) -> pd.DataFrame:
    """The table `cities`: the official spelling of every city, in both scripts."""
    return CITIES[["city", "city_zh", "province"]]


def customer_features(world: World) -> pd.DataFrame:
    """The table `customer_features`: needs as numbers on very different scales."""
    people = world.people
    table = pd.DataFrame({"customer_id": people["customer_id"]})
    table["spend_per_year"] = (people["rate"] * people["order_value"]).round(2)
    table["orders_per_year"] = people["rate"].round(1)
    for name in ("gift_share", "online_share", "discount_share"):
        table[name] = people[name].round(3)
    for name in ("tea_knowledge", "novelty_seeking"):
        table[name] = people[name].round(1)
    return table.sort_values("customer_id", ignore_index=True)


def survey_2025(world: World) -> pd.DataFrame:
    """The table `survey_2025`: the attitudes of about a third of the customers."""
    rng, people = world.rng("survey_2025"), world.people
    chosen = np.sort(rng.choice(len(people), size=round(len(people) / 3), replace=False))
    asked = people.iloc[chosen]
    n = len(asked)

    def rating(mean, spread) -> np.ndarray:
        return np.clip(np.rint(rng.normal(mean, spread)), 1, 7).astype(int)

    active = (asked["last_day"] >= DAYS - 1).to_numpy()
    table = pd.DataFrame(
        {
            "customer_id": asked["customer_id"].to_numpy(),
            "satisfaction": rating(4.4 + 0.9 * active, 1.2 * np.ones(n)),
            "tea_knowledge": rating(asked["tea_knowledge"], 0.5),
            "novelty_seeking": rating(asked["novelty_seeking"], 0.5),
            "price_sensitivity": rating(2.2 + 5 * asked["discount_share"], 0.8),
            "occasion": _occasion(rng, asked),
        }
    )
    return table.sort_values("customer_id", ignore_index=True)


def _occasion(rng, asked: pd.DataFrame) -> np.ndarray:
    office = SEGMENTS["segment"].to_numpy()[asked["segment"]] == "office_buyers"
    gift = rng.random(len(asked)) < asked["gift_share"].to_numpy()
    at_work = rng.random(len(asked)) < np.where(office, 0.8, 0.08)
    return np.select([at_work, gift], ["at_work", "as_a_gift"], default="at_home")


def customer_segments(world: World) -> pd.DataFrame:
    """Truth: each customer's planted needs segment."""
    people = world.people
    table = pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "segment": SEGMENTS["segment"].to_numpy()[people["segment"]],
        }
    )
    return table.sort_values("customer_id", ignore_index=True)
