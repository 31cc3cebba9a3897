"""Is RFM on ten million orders quicker than what one would write with pandas in a minute?

Three contestants: crmlib's rfm, two plain groupbys, and one pass over the columns (the least
anybody could do: it only reads them). rfm and the groupbys must give the same table.
"""

import functools
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measuring import Measured, Result, better, measure
from crmlib.value import rfm

SNAPSHOT = pd.Timestamp("2025-12-01")  # inside the history: some orders must be left out


def run(n_orders: int = 10_000_000) -> list[Result]:
    """Measure the three contestants and return their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.pickle"
        make_orders(n_orders).to_pickle(path)
        load = functools.partial(pd.read_pickle, path)
        # Two rounds in turns, so that a busy moment of the machine does not hit one alone.
        contestants = (crmlib_rfm, two_groupbys, read_columns)
        rounds = [[measure(load, work) for work in contestants] for _ in range(2)]
        ours, groupbys, one_pass = (better(*both) for both in zip(*rounds, strict=True))
    if not np.allclose(ours.answer, groupbys.answer):
        raise AssertionError(f"the tables differ: {ours.answer} against {groupbys.answer}")
    return [
        *_lines(f"RFM, {n_orders:,} orders", ours),
        *_lines("  two groupbys", groupbys),
        *_lines("  one pass over the columns", one_pass),
        Result("RFM / two groupbys, time", ours.seconds / groupbys.seconds, "x", 1.0),
        Result("RFM / two groupbys, peak memory", ours.peak_mb / groupbys.peak_mb, "x", 1.0),
        Result("RFM / one pass, time", ours.seconds / one_pass.seconds, "x"),
    ]


def make_orders(n_orders: int, *, seed: int = 0) -> pd.DataFrame:
    """Orders in the order of time; a customer places ten on average, some far more."""
    random = np.random.default_rng(seed)
    n_customers = max(1, n_orders // 10)
    ids = "C" + pd.Series(random.permutation(n_customers)).astype("str").str.zfill(7)
    rates = random.gamma(0.8, size=n_customers)
    who = random.choice(n_customers, size=n_orders, p=rates / rates.sum())
    seconds = np.sort(random.integers(0, 3 * 365 * 86_400, size=n_orders))
    sign = np.where(random.random(n_orders) < 0.05, -1.0, 1.0)  # one in twenty is a refund
    return pd.DataFrame(
        {
            "customer_id": ids.take(who).array,
            "order_date": np.datetime64("2023-01-01", "s") + seconds.astype("timedelta64[s]"),
            "amount": sign * random.gamma(2.0, 60.0, size=n_orders).round(2),
        }
    )


def crmlib_rfm(orders: pd.DataFrame) -> tuple[float, ...]:
    """The function under test."""
    return _fingerprint(rfm(orders, snapshot=SNAPSHOT))


def two_groupbys(orders: pd.DataFrame) -> tuple[float, ...]:
    """What most people would write: one groupby for purchases, one for the money."""
    known = orders[orders["order_date"] < SNAPSHOT]
    purchases = known[known["amount"] >= 0]
    table = purchases.groupby("customer_id").agg(
        last=("order_date", "max"), frequency=("order_date", "size")
    )
    table["recency"] = (SNAPSHOT - table["last"].dt.normalize()).dt.days
    table["monetary"] = known.groupby("customer_id")["amount"].sum()
    return _fingerprint(table)


def read_columns(orders: pd.DataFrame) -> tuple[float, ...]:
    """A bound, not a solution: look once at every value."""
    first = orders["customer_id"].iloc[0]
    return (
        float((orders["customer_id"] == first).sum()),
        float((orders["order_date"] < SNAPSHOT).sum()),
        float(orders["amount"].sum()),
    )


def _fingerprint(table: pd.DataFrame) -> tuple[float, ...]:
    """Enough of a table to notice a difference without sending it between processes."""
    measures = [table[name].to_numpy(dtype="float64") for name in ("recency", "frequency")]
    money = table["monetary"].to_numpy()
    place = np.arange(1, len(table) + 1) / len(table)  # so that the order of customers counts
    return len(table), *(float(m @ place) for m in measures), float(money @ place)


def _lines(what: str, measured: Measured) -> list[Result]:
    return [
        Result(f"{what}, time", measured.seconds, "s"),
        Result(f"{what}, peak memory", measured.peak_mb, "MB"),
    ]
