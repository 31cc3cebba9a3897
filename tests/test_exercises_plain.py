"""Whatever a learner's code yields becomes plain JSON data, or is refused; nothing is evaluated."""

import datetime
import json
import math
from collections import Counter, OrderedDict, deque
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from types import MappingProxyType
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlib.exercises.plain import MAX_ITEMS, MAX_TEXT, class_name, count, describe, show, to_plain

# A slow machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAN = {"type": "number", "value": "nan"}


def listed(*items):
    return {"type": "list", "items": list(items)}


def dated(day):
    return {"type": "date", "value": day}


class Rating(IntEnum):
    GOOD = 5


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (..., None),
        (True, True),
        (np.True_, True),
        (7, 7),
        (np.int64(7), 7),
        (Rating.GOOD, 5),
        (2.5, 2.5),
        (np.float32(2.5), 2.5),
        (np.array(2.5), 2.5),
        (Decimal("2.5"), 2.5),
        (Fraction(5, 2), 2.5),
        ("tea", "tea"),
        (np.str_("tea"), "tea"),
        ("茶", "茶"),
        (pd.Period("2025-01"), "2025-01"),
        (pd.Timedelta(days=3), {"type": "duration", "days": 3.0}),
        (np.timedelta64(36, "h"), {"type": "duration", "days": 1.5}),
    ],
)
def test_single_values_of_any_library_become_pythons_own(value, plain):
    assert to_plain(value) == plain
    assert type(to_plain(value)) is type(plain)


@pytest.mark.parametrize(
    "value", [math.nan, np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("nan")]
)
def test_every_kind_of_missing_value_is_nan(value):
    assert to_plain(value) == NAN


def test_infinities_are_encoded():
    assert to_plain(math.inf) == {"type": "number", "value": "inf"}
    assert to_plain(-np.inf) == {"type": "number", "value": "-inf"}


@pytest.mark.parametrize(
    "value",
    [
        datetime.date(2025, 1, 31),
        datetime.datetime(2025, 1, 31),
        pd.Timestamp("2025-01-31"),
        np.datetime64("2025-01-31"),
        np.datetime64("2025-01-31", "ns"),
    ],
)
def test_a_date_is_the_same_whatever_type_it_has(value):
    assert to_plain(value) == dated("2025-01-31")


def test_a_time_of_day_is_kept():
    assert to_plain(pd.Timestamp("2025-01-31 08:30")) == dated("2025-01-31T08:30:00")


@pytest.mark.parametrize("unit", ["D", "s", "us", "ns"])
def test_dates_in_an_array_stay_dates(unit):
    dates = np.array(["2025-01-31", "NaT"], dtype=f"datetime64[{unit}]")
    first, second = to_plain(dates)["items"]
    assert first == dated("2025-01-31")
    assert second in (None, NAN)


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        (1, 2),
        deque([1, 2]),
        range(1, 3),
        np.array([1, 2]),
        pd.Index([1, 2]),
        pd.array([1, 2]),
        {1: "a", 2: "b"}.keys(),
        {"a": 1, "b": 2}.values(),
    ],
)
def test_whatever_lies_in_a_row_is_a_list(value):
    assert to_plain(value) == listed(1, 2)


def test_the_items_of_a_dictionary_are_a_list_of_pairs():
    assert to_plain({"a": 1}.items()) == listed(listed("a", 1))


@pytest.mark.parametrize("value", [{2, 1}, frozenset({1, 2})])
def test_a_set_is_written_in_one_order(value):
    assert to_plain(value) == {"type": "set", "items": [1, 2]}


@pytest.mark.parametrize(
    "value", [{"a": 1}, OrderedDict(a=1), Counter("a"), MappingProxyType({"a": 1})]
)
def test_every_dictionary_is_a_mapping(value):
    assert to_plain(value) == {"type": "mapping", "keys": ["a"], "values": [1]}


def test_a_series_keeps_its_index_and_name():
    series = pd.Series([0.5, math.nan], index=["C1", "C2"], name="share")
    assert to_plain(series) == {
        "type": "series",
        "name": "share",
        "index": ["C1", "C2"],
        "values": [0.5, NAN],
    }


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_texts_are_the_same_in_every_dtype(dtype):
    table = pd.DataFrame({"segment": pd.Series(["loyal", None], dtype=dtype)})
    first, second = to_plain(table)["data"][0]
    assert first == "loyal"
    assert second in (None, NAN)


@pytest.mark.parametrize("dtype", ["int64", "int8", "Int64"])
def test_whole_numbers_are_the_same_in_every_dtype(dtype):
    assert to_plain(pd.DataFrame({"n": pd.Series([1, 2], dtype=dtype)}))["data"] == [[1, 2]]


def test_a_key_in_the_index_is_a_column():
    table = pd.DataFrame({"customer_id": ["C1", "C2"], "frequency": [3, 1]})
    assert to_plain(table.set_index("customer_id")) == to_plain(table)


def test_a_key_that_is_both_index_and_column_is_one_column():
    table = pd.DataFrame({"customer_id": ["C1"], "frequency": [3]})
    both = table.set_index("customer_id", drop=False)
    assert to_plain(both) == to_plain(table)


def test_two_keys_in_the_index_are_two_columns():
    table = pd.DataFrame({"month": [1, 1], "channel": ["web", "app"], "cost": [5, 7]})
    assert to_plain(table.set_index(["month", "channel"])) == to_plain(table)


def test_row_numbers_left_by_sorting_are_no_column():
    table = pd.DataFrame({"n": [2, 1]}).sort_values("n")
    assert to_plain(table)["columns"] == ["n"]


def test_an_index_of_texts_without_a_name_is_kept():
    assert to_plain(pd.DataFrame({"n": [1]}, index=["C1"]))["columns"] == ["index", "n"]
    two = pd.DataFrame({"n": [1]}, index=pd.MultiIndex.from_tuples([("C1", "web")]))
    assert to_plain(two)["columns"] == ["level_0", "level_1", "n"]


def test_a_header_of_two_storeys_is_joined():
    table = pd.DataFrame({"id": ["C1"], "amount": [2.0]}).groupby("id").agg({"amount": ["sum"]})
    assert to_plain(table.reset_index())["columns"] == ["id", "amount_sum"]


def test_a_table_of_another_library_is_read_through_pandas():
    class Polars:
        def to_pandas(self):
            return pd.DataFrame({"n": [1]})

    assert to_plain(Polars()) == {"type": "table", "columns": ["n"], "data": [[1]]}


def test_a_subclass_of_dataframe_is_a_table():
    class Special(pd.DataFrame):
        pass

    assert to_plain(Special({"n": [1]})) == to_plain(pd.DataFrame({"n": [1]}))


# Hostile values


class EqualsEverything(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class SneakyText(str):
    def __str__(self):
        return "42"

    def __getitem__(self, key):
        return "42"


def test_a_subclass_that_equals_everything_is_only_its_number():
    assert type(to_plain(EqualsEverything(3))) is int


def test_a_subclass_of_text_cannot_smuggle_another_text():
    assert to_plain(SneakyText("mine")) == "mine"
    assert type(to_plain(SneakyText("mine"))) is str


def raising(*args):
    raise RuntimeError("boo")


class Raises:
    __len__ = __iter__ = __getitem__ = __str__ = __repr__ = __float__ = __int__ = __bool__ = raising
    __eq__ = __hash__ = raising

    def __getattr__(self, name):
        raise RuntimeError(name)


class PretendsText:
    __class__ = str


class Nameless(type):
    __name__ = property(raising)


class OfNameless(metaclass=Nameless):
    pass


class Itself:
    dtype = size = 0

    def tolist(self):
        return self


@pytest.mark.parametrize(
    "value",
    [
        Raises(),
        PretendsText(),
        OfNameless(),
        MagicMock(),
        pd.DataFrame,
        b"bytes",
        1j,
        object(),
        pd.DataFrame({"a": [1]}).groupby("a"),
        type("DataFrame", (), {"columns": 1})(),
        type("Series", (), {"index": 1, "name": 1})(),
        type("Period", (), {"__str__": raising})(),
        type("bool", (), {"__bool__": raising})(),
    ],
    ids=lambda value: type.__dict__["__name__"].__get__(type(value)),
)
def test_an_object_that_is_no_value_is_named_and_no_more(value):
    assert to_plain(value)["type"] == "other"
    assert json.dumps(to_plain(value))


def test_even_a_class_that_hides_its_name_has_one():
    assert class_name(OfNameless()) == "object"


def test_one_odd_value_does_not_spoil_the_others():
    plain = to_plain([1, object(), 10**400, -(10**400), "ok"])
    assert plain["items"][0] == 1
    assert plain["items"][2:] == [
        {"type": "number", "value": "inf"},
        {"type": "number", "value": "-inf"},
        "ok",
    ]


def test_long_ids_keep_every_digit():
    assert to_plain(330106199001011234) == 330106199001011234


def test_whole_numbers_that_no_json_reader_takes_become_floats():
    assert to_plain([2**63]) == listed(float(2**63))


@pytest.mark.parametrize(
    "value",
    [
        range(10**12),
        list(range(MAX_ITEMS + 1)),
        np.zeros(MAX_ITEMS + 1),
        np.broadcast_to(0.0, (10**6, 10**6)),
        pd.DataFrame({"n": np.zeros(MAX_ITEMS + 1)}),
        pd.Series(np.zeros(MAX_ITEMS + 1)),
        [list(range(1000))] * 1000,
    ],
    ids=["range", "list", "array", "view", "table", "series", "same list often"],
)
def test_what_is_too_large_is_refused(value):
    plain = to_plain(value)
    assert plain == {"type": "refused", "why": "it holds more than 400,000 values"}


def test_what_is_nested_too_deep_is_refused():
    deep = []
    for _ in range(10_000):
        deep = [deep]
    assert to_plain(deep) == {"type": "refused", "why": "it is nested more than 6 levels deep"}


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    assert to_plain(endless)["type"] == "refused"


def test_an_array_that_gives_itself_is_refused():
    assert to_plain(Itself())["type"] == "refused"


def test_an_endless_generator_is_not_started():
    def forever():
        while True:
            yield 1

    assert to_plain(forever()) == {"type": "other", "class": "generator"}


def test_texts_that_files_and_databases_refuse_are_mended():
    assert to_plain("a\ud800b\0c") == "a?b\N{REPLACEMENT CHARACTER}c"


def test_an_endless_text_is_cut():
    assert len(to_plain("x" * 10**6)) == MAX_TEXT


plain_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
anything = st.recursive(
    plain_scalars
    | st.datetimes()
    | st.timedeltas()
    | st.decimals()
    | st.binary()
    | st.complex_numbers(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.dates(), inner)
    ),
    max_leaves=20,
)


@unhurried
@given(anything)
def test_every_value_becomes_strict_json(value):
    plain = to_plain(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


@unhurried
@given(st.lists(st.lists(plain_scalars, min_size=2, max_size=2)))
def test_every_table_becomes_strict_json(rows):
    plain = to_plain(pd.DataFrame(rows, columns=["a", "b"]))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


@unhurried
@given(anything)
def test_every_value_can_be_described(value):
    assert describe(to_plain(value))
    assert show(to_plain(value))


# Words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing (None)"),
        (True, "True"),
        (3, "the number 3"),
        ("tea", "the text 'tea'"),
        (math.nan, "NaN (not a number)"),
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
        ([1], "a list of 1"),
        ({1}, "a set of 1"),
        ({"a": 1}, "a dictionary of 1"),
        (pd.Series([1, 2]), "a Series of 2 values"),
        (pd.DataFrame({"a": [1]}), "a table of 1 row and 1 column"),
        (pd.DataFrame(), "a table of 0 rows and 0 columns"),
        (datetime.date(2025, 1, 31), "the date 2025-01-31"),
        (datetime.timedelta(days=2), "the duration 2 days"),
        (object(), "an object of type object"),
        ([[[[[[[[1]]]]]]]], "something too large to check: it is nested more than 6 levels deep"),
        (len, "a method, not what it gives: are its brackets () missing?"),
        (pd.Series([1]).mean, "a method, not what it gives: are its brackets () missing?"),
        (lambda: 1, "a function, not what it gives: are its brackets () missing?"),
        (map(int, "12"), "a map, which gives its values only once: put list(...) around it"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "a grouping of which nothing is computed yet"),
    ],
)
def test_values_are_described_as_a_learner_would(value, words):
    assert describe(to_plain(value)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2026, "2026"),
        (12_345, "12,345"),
        (1234.567, "1,234.57"),
        (0.123456789, "0.123457"),
        (False, "False"),
        (math.nan, "NaN"),
        (pd.Timestamp("2025-01-31 08:30"), "2025-01-31 08:30:00"),
        ("x" * 100, repr("x" * 57 + "...")),
        ([1, 2], "a list of 2"),
    ],
)
def test_values_are_shown_short(value, words):
    assert show(to_plain(value)) == words


def test_one_row_is_no_rows():
    assert [count(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
