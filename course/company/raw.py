"""What does the customer table look like before cleaning? The export, with known faults planted.

Each fault is planted on rows of its own (older copies aside), so that its count is known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .people import CITIES, customers
from .world import DAYS, World, to_dates

SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
GIVEN = list("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰云峰雪梅")
# Made up: as far as is known, numbers with these starts have not been given to anyone.
PREFIXES = ["160", "161", "163", "164", "168", "169"]
STALE_DAYS = 730
EARLIEST_BIRTH, LATEST_BIRTH = 1920, 2010  # years of birth that are possible for a customer

# About how many rows of 6,000 carry each planted fault.
FAULTS = {
    "duplicate_customer_id": 150,
    "missing_email": 210,
    "invalid_email": 90,
    "invalid_phone": 110,
    "impossible_birth_year": 45,
    "unknown_city_spelling": 320,
    "signup_in_future": 25,
    "signup_not_a_date": 40,
    "updated_before_signup": 60,
}


def customers_raw(world: World) -> pd.DataFrame:
    """The table `customers_raw`: customers as the systems export them."""
    return _export(world)[0]


def data_quality(world: World) -> pd.DataFrame:
    """Truth: how many rows of `customers_raw` break each rule."""
    counts = _export(world)[1]
    return pd.DataFrame({"rule": list(counts), "rows": list(counts.values())})


def _export(world: World) -> tuple[pd.DataFrame, dict[str, int]]:
    rng = world.rng("customers_raw")
    table = _clean(world, rng)
    sizes = {
        rule: max(round(rows * world.scale * rng.uniform(0.85, 1.15)), 1)
        for rule, rows in FAULTS.items()
    }
    table = _add_older_copies(rng, table, sizes["duplicate_customer_id"])
    counts = {"duplicate_customer_id": int(table["customer_id"].duplicated().sum())}
    counts |= _plant(rng, table, sizes)
    counts["missing_birth_year"] = int(table["birth_year"].isna().sum())
    counts["stale_record"] = int((table["updated"] < DAYS - STALE_DAYS).sum())
    table["updated_at"] = to_dates(table["updated"]).dt.strftime("%Y-%m-%d").to_numpy()
    columns = ["customer_id", "name", "phone", "email", "city", "birth_year"]
    columns += ["signup_date", "updated_at", "consent_marketing"]
    order = rng.permutation(len(table))
    return table[columns].iloc[order].reset_index(drop=True), counts


def _clean(world: World, rng) -> pd.DataFrame:
    """The customers with contact details and the day (number) each record was last updated."""
    table = customers(world)[
        ["customer_id", "city", "birth_year", "signup_date", "consent_marketing"]
    ]
    n = len(table)
    signup = world.people.set_index("customer_id")["signup_day"].loc[table["customer_id"]]
    signup = signup.to_numpy()
    table["name"] = _joined(rng.choice(SURNAMES, n), rng.choice(GIVEN, n), rng.choice(GIVEN, n))
    table["name"] = table["name"].where(rng.random(n) < 0.7, table["name"].str[:2])
    table["phone"] = _joined(rng.choice(PREFIXES, n), _digits(rng, n, 8))
    user = rng.choice(["tea", "leaf", "lin", "chen", "wang", "li", "moon", "sun"], n)
    host = rng.choice(["example.com", "example.org", "example.net"], n)
    table["email"] = _joined(user, _digits(rng, n, 5), np.full(n, "@"), host)
    table["signup_day"] = signup
    # Most records were touched within the last two years, some never since the sign-up.
    age = np.minimum(rng.exponential(320, n), DAYS - 1 - signup)
    table["updated"] = np.where(rng.random(n) < 0.08, signup, DAYS - 1 - age.astype("int64"))
    table["signup_date"] = table["signup_date"].dt.strftime("%Y-%m-%d").astype(object)
    return table


def _joined(*parts) -> pd.Series:
    """Text columns side by side as one."""
    return pd.Series(["".join(row) for row in zip(*parts, strict=True)], dtype=object)


def _digits(rng, n: int, width: int) -> np.ndarray:
    return np.char.zfill(rng.integers(0, 10**width, n).astype(f"U{width}"), width)


def _add_older_copies(rng, table: pd.DataFrame, size: int) -> pd.DataFrame:
    """Some customers stand in the export twice: the older record is from before a change.

    It has an older date, and the phone, or the city as well, that the customer had then.
    """
    room = np.flatnonzero(table["updated"] - table["signup_day"] > 30)
    chosen = rng.choice(room, size=min(size, len(room)), replace=False)
    copies = table.iloc[chosen].copy()
    span = (copies["updated"] - copies["signup_day"]).to_numpy()
    copies["updated"] -= rng.integers(1, span, endpoint=True)
    copies["phone"] = _joined(
        rng.choice(PREFIXES, len(copies)), _digits(rng, len(copies), 8)
    ).values
    moved = rng.random(len(copies)) < 0.4
    copies["city"] = copies["city"].where(~moved, rng.permutation(copies["city"]))
    return pd.concat([table, copies], ignore_index=True)


def _plant(rng, table: pd.DataFrame, sizes: dict[str, int]) -> dict[str, int]:
    """Spoil rows of `table` in place; each fault has rows of its own. Returns the counts."""
    # An older copy must stay the older one, so its pair keeps its dates.
    single = np.flatnonzero(~table["customer_id"].duplicated(keep=False))
    free = iter(np.array_split(rng.permutation(single), len(FAULTS)))
    counts = {}
    for rule, spoil in SPOILERS.items():
        pool = next(free)
        if rule == "updated_before_signup":  # needs days between the start and the sign-up
            pool = pool[table["signup_day"].to_numpy()[pool] > 60]
        rows = pool[: sizes[rule]]
        spoil(rng, table, rows)
        counts[rule] = len(rows)
    # A sign-up in the future also lies after the last update.
    counts["updated_before_signup"] += counts["signup_in_future"]
    return counts


def _missing_email(rng, table, rows) -> None:
    table.loc[rows, "email"] = rng.choice(
        np.array([None, None, "  ", " "], dtype=object), len(rows)
    )


def _invalid_email(rng, table, rows) -> None:
    faults = [
        lambda email: email.replace("@", ""),
        lambda email: email.replace("@", "@@"),
        lambda email: email.rsplit(".", 1)[0],
        lambda email: email.replace("@", " @ "),
    ]
    _spoil_text(rng, table, "email", rows, faults)


def _invalid_phone(rng, table, rows) -> None:
    faults = [
        lambda phone: phone[:-1],
        lambda phone: phone + "0",
        lambda phone: "12" + phone[2:],
        lambda phone: phone[:5] + "x" + phone[6:],
    ]
    _spoil_text(rng, table, "phone", rows, faults)


def _spoil_text(rng, table, column, rows, faults) -> None:
    picks = rng.integers(0, len(faults), len(rows))
    values = table.loc[rows, column]
    table.loc[rows, column] = [
        faults[pick](value) for pick, value in zip(picks, values, strict=True)
    ]


def _impossible_birth_year(rng, table, rows) -> None:
    table.loc[rows, "birth_year"] = rng.choice(
        [1, 190, 1800, 1885, 1899, 2024, 2087, 9999], len(rows)
    )


def _city_spelling(rng, table, rows) -> None:
    chinese = dict(zip(CITIES["city"], CITIES["city_zh"], strict=True))
    faults = [
        str.lower,
        str.upper,
        lambda city: f" {city}",
        lambda city: f"{city} ",
        lambda city: chinese[city],
        lambda city: chinese[city] + "市",
    ]
    _spoil_text(rng, table, "city", rows, faults)


def _signup_in_future(rng, table, rows) -> None:
    days = DAYS + rng.integers(0, 1500, len(rows))
    table.loc[rows, "signup_date"] = to_dates(days).dt.strftime("%Y-%m-%d").to_numpy()


def _signup_not_a_date(rng, table, rows) -> None:
    values = ["2023-02-30", "2024-13-05", "2025-00-10", "unknown", "0000-00-00", "last spring"]
    table.loc[rows, "signup_date"] = rng.choice(values, len(rows))


def _updated_before_signup(rng, table, rows) -> None:
    signup = table.loc[rows, "signup_day"].to_numpy()
    table.loc[rows, "updated"] = signup - rng.integers(1, 60, len(rows))


SPOILERS = {
    "missing_email": _missing_email,
    "invalid_email": _invalid_email,
    "invalid_phone": _invalid_phone,
    "impossible_birth_year": _impossible_birth_year,
    "unknown_city_spelling": _city_spelling,
    "signup_in_future": _signup_in_future,
    "signup_not_a_date": _signup_not_a_date,
    "updated_before_signup": _updated_before_signup,
}
