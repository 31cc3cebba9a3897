"""The audit: rules anyone can read, counted rightly, with clear errors."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlib.data import (
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


def broken(values, rule):
    data = pd.DataFrame(values)
    return rows_breaking(data, rule).tolist()


def test_the_report_has_one_row_a_rule_in_the_order_given():
    data = pd.DataFrame({"id": [1, 1, 2, 3], "email": ["a@b.cn", None, "", "c@d.cn"]})
    report = audit(data, [not_missing("email"), unique("id")])
    assert report["rule"].tolist() == ["missing_email", "duplicate_id"]
    assert report["dimension"].tolist() == ["completeness", "uniqueness"]
    assert report["columns"].tolist() == ["email", "id"]
    assert report["rows"].tolist() == [2, 1]
    assert report["share"].tolist() == [0.5, 0.25]


def test_no_rules_make_an_empty_report():
    assert len(audit(pd.DataFrame({"id": [1]}), [])) == 0


def test_the_five_dimensions_are_those_of_the_course():
    assert DIMENSIONS == ("completeness", "uniqueness", "validity", "consistency", "timeliness")


def test_blanks_are_missing_but_zero_is_not():
    assert broken({"x": ["a", "", "  ", None]}, not_missing("x")) == [False, True, True, True]
    assert broken({"x": [0.0, None]}, not_missing("x")) == [False, True]


def test_without_dates_the_first_row_of_an_id_counts():
    assert broken({"id": ["a", "b", "a", "a"]}, unique("id")) == [False, False, True, True]


def test_with_dates_the_newest_row_of_an_id_counts():
    data = {"id": ["a", "a", "b"], "at": ["2025-01-01", "2025-02-01", "not a date"]}
    assert broken(data, unique("id", newest="at")) == [True, False, False]


def test_a_row_without_a_date_is_older_than_one_with():
    data = {"id": ["a", "a"], "at": ["unknown", "2020-01-01"]}
    assert broken(data, unique("id", newest="at")) == [True, False]


def test_the_index_of_the_table_does_not_matter():
    data = pd.DataFrame({"id": ["a", "a"], "at": ["2025-01-01", "2025-02-01"]}, index=[7, 7])
    marks = rows_breaking(data, unique("id", newest="at"))
    assert marks.tolist() == [True, False] and marks.index.tolist() == [7, 7]


def test_a_pattern_covers_the_whole_text():
    phone = matches("phone", "1[3-9][0-9]{9}")
    values = ["13812345678", "138123456789", "x13812345678", "12812345678"]
    assert broken({"phone": values}, phone) == [False, True, True, True]


def test_what_is_missing_is_no_matter_of_validity():
    data = {"x": ["", None], "n": [None, None], "d": ["", None]}
    assert broken(data, matches("x", "a")) == [False, False]
    assert broken(data, one_of("x", ["a"])) == [False, False]
    assert broken({"n": pd.array([None, 5], dtype="Int64")}, within("n", 1, 9)) == [False, False]
    assert broken(data, is_date("d")) == [False, False]


def test_numbers_at_the_limits_are_allowed():
    assert broken({"n": [1919, 1920, 2010, 2011]}, within("n", 1920, 2010)) == [
        True,
        False,
        False,
        True,
    ]


def test_spelling_counts():
    assert broken({"c": ["Ningbo", "ningbo", "Ningbo "]}, one_of("c", ["Ningbo"])) == [
        False,
        True,
        True,
    ]


def test_days_that_do_not_exist_are_no_dates():
    values = ["2024-02-29", "2025-02-29", "2025-13-01", "soon"]
    assert broken({"d": values}, is_date("d")) == [False, True, True, True]


def test_the_last_day_allowed_is_allowed():
    rule = is_date("d", until="2025-12-31")
    assert broken({"d": ["2025-12-31", "2026-01-01", "soon"]}, rule) == [False, True, False]


def test_an_hour_of_the_last_day_allowed_is_allowed():
    moment = pd.to_datetime(["2025-12-31 18:00", "2026-01-01 00:00"])
    assert broken({"d": moment}, is_date("d", until="2025-12-31")) == [False, True]


def test_the_same_day_is_in_order():
    data = {"from": ["2025-05-01"] * 3, "to": ["2025-05-01", "2025-04-30", "never"]}
    assert broken(data, in_order("from", "to")) == [False, True, False]


def test_a_record_exactly_as_old_as_allowed_is_fresh():
    rule = newer_than("at", 730, snapshot="2026-01-01")
    assert broken({"at": ["2024-01-02", "2024-01-01"]}, rule) == [False, True]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_distinct_values_and_duplicates_add_up(ids):
    data = pd.DataFrame({"id": ids})
    assert rows_breaking(data, unique("id")).sum() + data["id"].nunique() == len(data)


@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=1))
def test_text_is_missing_valid_or_invalid_and_only_one_of_them(values):
    data = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    missing = rows_breaking(data, not_missing("x"))
    invalid = rows_breaking(data, matches("x", "a+"))
    assert not (missing & invalid).any()


def test_a_rule_of_ones_own_is_a_rule():
    adult = Rule("too_young", "consistency", ("age",), lambda data: data["age"] < 18)
    assert audit(pd.DataFrame({"age": [17, 18]}), [adult])["rows"].tolist() == [1]


def test_an_audit_does_not_change_the_table():
    data = pd.DataFrame({"id": ["a", "a"], "at": ["2025-01-01", "2025-02-01"]})
    before = data.copy()
    audit(data, [unique("id", newest="at"), is_date("at"), not_missing("at")])
    pd.testing.assert_frame_equal(data, before)


# --- Errors --------------------------------------------------------------------------------------


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="no column 'mail'.*Did you mean 'email'"):
        audit(pd.DataFrame({"email": ["a"]}), [not_missing("mail")])


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="no rows"):
        audit(pd.DataFrame({"email": []}), [not_missing("email")])


def test_what_is_no_table_is_refused():
    with pytest.raises(TypeError, match="DataFrame"):
        audit([1, 2], [not_missing("email")])


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(ValueError, match="'missing_email'.*name="):
        audit(pd.DataFrame({"email": ["a"]}), [not_missing("email"), not_missing("email")])


def test_an_unknown_dimension_is_refused():
    with pytest.raises(ValueError, match="'accuracy'.*completeness"):
        Rule("x", "accuracy", ("x",), lambda data: data["x"].isna())


def test_numbers_are_asked_of_a_rule_about_numbers():
    with pytest.raises(TypeError, match="'birth_year'.*numbers"):
        audit(pd.DataFrame({"birth_year": ["1985"]}), [within("birth_year", 1920, 2010)])


@pytest.mark.parametrize("rule", [is_date, lambda c: newer_than(c, 9, snapshot="2026-01-01")])
def test_numbers_are_not_read_as_dates(rule):
    with pytest.raises(TypeError, match="'at'.*dates"):
        audit(pd.DataFrame({"at": [20250101]}), [rule("at")])


def test_a_snapshot_that_is_no_date_is_refused():
    with pytest.raises(ValueError, match="snapshot='soon'"):
        newer_than("at", 730, snapshot="soon")
