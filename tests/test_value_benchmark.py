"""The benchmark of RFM compares like with like, and its table can be read."""

import numpy as np
import pytest

from benchmarks.__main__ import as_table, main
from benchmarks.measuring import Measured, Result, better
from benchmarks.rfm import SNAPSHOT, crmlib_rfm, make_orders, two_groupbys


def test_both_contestants_make_the_same_table():
    orders = make_orders(3_000)
    assert np.allclose(crmlib_rfm(orders), two_groupbys(orders))


def test_the_orders_hold_what_makes_the_work_hard():
    orders = make_orders(3_000)
    assert len(orders) == 3_000
    assert (orders["amount"] < 0).any()
    assert (orders["order_date"] >= SNAPSHOT).any()
    assert orders["customer_id"].value_counts().max() > 30


def test_a_limit_that_is_exceeded_stands_in_the_table():
    table = as_table([Result("RFM", 1.25, "x", 1.0), Result("import", 0.01, "s", 0.15)])
    assert table.splitlines()[0].endswith("1.250 x   limit 1: EXCEEDED")
    assert table.splitlines()[1].endswith("0.010 s   limit 0.15: kept")


def test_of_two_rounds_the_better_counts():
    assert better(Measured(2.0, 80.0, "a"), Measured(3.0, 70.0, "a")) == Measured(2.0, 70.0, "a")


def test_an_unknown_benchmark_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "there is no benchmark 'speed'; there are: imports" in capsys.readouterr().err
