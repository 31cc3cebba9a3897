"""A verdict is one of three outcomes, never more than its points, and names the mistake."""

import copy
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from crmlib.exercises import Verdict, clusters, decision, items, number, table, text, values
from crmlib.exercises.plain import to_plain
from crmlib.exercises.verdict import CaseResult, card, judge

# A slow machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# The net promoter score on three surveys, and two mistakes: the base left out, and 7s counted.
NPS = {
    "exercise": "nps",
    "points": 4,
    "callable": True,
    "builds": "crmlib.performance.nps",
    "cases": [
        {"name": "five customers", "weight": 1, "judge": number(decimals=1).spec(), "wanted": 20.0},
        {"name": "one shop", "weight": 2, "judge": number(decimals=1).spec(), "wanted": 100 / 3},
        {
            "name": "nobody answered",
            "weight": 1,
            "judge": number(decimals=1).spec(),
            "wanted": {"type": "number", "value": "nan"},
        },
    ],
    "starter": [{"value": None}, {"value": None}, {"value": None}],
    "traps": [
        {
            "name": "base",
            "says": "The 7s and 8s answered too.",
            "cases": [{"value": 200 / 3}, {"value": 50.0}, {"error": "ZeroDivisionError: zero"}],
        },
        {
            "name": "passives",
            "says": "7 and 8 are passives, not promoters.",
            "cases": [{"value": 60.0}, {"value": 50.0}, None],
        },
    ],
}


def payload(*outcomes, **more):
    """What a learner's nps gave; an outcome is a value or, as a dict, a whole case."""
    cases = [o if isinstance(o, dict) else {"value": to_plain(o)} for o in outcomes]
    return {"exercise": "nps", "missing": False, "callable": True, "cases": cases} | more


def error(words, line=""):
    return {"error": words, "line": line}


RIGHT = payload(20, 33.3, math.nan)

# Three outcomes


def test_the_untouched_starter_is_not_attempted():
    verdict = judge(NPS, payload(None, None, None))
    assert (verdict.state, verdict.score) == ("not attempted", 0)
    assert "does it end in `return`" in verdict.notes[0]


def test_an_answer_that_is_not_there_is_not_attempted():
    verdict = judge(NPS, payload({}, {}, {}, missing=True))
    assert verdict.state == "not attempted"
    assert verdict.notes == ("There is no `nps` yet: run the cell that defines it, then this one.",)


def test_a_starter_that_stops_is_not_attempted_either():
    record = NPS | {"starter": [error("NameError: x")] * 3}
    verdict = judge(record, payload(*[error("NameError: x")] * 3))
    assert verdict.state == "not attempted"
    assert verdict.notes[0].startswith("Write your answer in the cell above")


def test_a_wrong_answer_is_not_yet():
    verdict = judge(NPS, payload(1, 2, 3))
    assert (verdict.state, verdict.score) == ("not yet", 0)
    assert [c.right for c in verdict.cases] == [False, False, False]


def test_the_right_answer_is_passed():
    verdict = judge(NPS, RIGHT)
    assert (verdict.state, verdict.score) == ("passed", 4)
    assert verdict.mistake == verdict.trap == ""


def test_each_case_earns_its_share():
    assert judge(NPS, payload(1, 33.3, 3)).score == 2
    assert judge(NPS, payload(20, 2, 3)).score == 1
    assert judge(NPS, payload(20, 33.3, 0)).score == 3


@pytest.mark.parametrize(
    ("kind", "wanted", "wrong", "truth"),
    [
        (number(), 250, 251, None),
        (text(), "loyal", "lost", None),
        (items(), ["C1", "C2"], ["C1"], None),
        (values(), {"a": 1}, {"a": 2}, None),
        (table(by="id"), None, None, None),
        (
            clusters(truth="t", column="c"),
            {"C1": 1, "C2": 1, "C3": 2},
            {"C1": 1, "C2": 2, "C3": 2},
            {"C1": "a", "C2": "a", "C3": "b"},
        ),
        (decision(truth="t", column="c", most=1), ["C1"], ["C2"], {"C1": 5.0, "C2": 1.0}),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_every_kind_of_task_has_the_three_outcomes(kind, wanted, wrong, truth):
    wanted, wrong = to_plain(wanted), to_plain(wrong)
    if kind.kind == "table":
        wanted = {"type": "table", "columns": ["id", "n"], "data": [["a", "b"], [1, 2]]}
        wrong = {"type": "table", "columns": ["id", "n"], "data": [["a", "b"], [1, 3]]}
    case = {"name": "c", "weight": 1, "judge": kind.spec(), "wanted": wanted}
    case["truth"] = to_plain(truth)
    record = {"exercise": "x", "points": 5, "callable": False, "cases": [case]}
    record |= {"starter": [{"value": None}], "traps": []}
    states = [
        judge(record, {"callable": False, "cases": [{"value": v}]}).state
        for v in (None, wrong, wanted)
    ]
    assert states == ["not attempted", "not yet", "passed"]


# What is said


def test_an_error_is_told_with_the_learners_own_line():
    verdict = judge(NPS, payload(error("KeyError: 'rating'", "ratings['rating']"), 1, 1))
    assert verdict.cases[0].message == (
        "Your code stopped: KeyError: 'rating' (in the line `ratings['rating']`)"
    )


def test_an_error_without_a_line_of_theirs_is_told_too():
    verdict = judge(NPS, payload(error("TypeError: nps() takes 0 arguments"), 1, 1))
    assert verdict.cases[0].message == "Your code stopped: TypeError: nps() takes 0 arguments"


def test_nothing_that_comes_back_from_a_function_asks_for_return():
    verdict = judge(NPS, payload(20, None, math.nan))
    assert verdict.cases[1].message == "Nothing came back (None). Is a `return` missing?"


def test_a_value_is_not_asked_for_return():
    record = NPS | {"callable": False}
    verdict = judge(record, payload(20, None, math.nan, callable=False))
    assert verdict.cases[1].message == "Nothing came back (None)."


def test_a_value_where_a_function_is_asked_says_so():
    verdict = judge(NPS, payload(20, 33.3, math.nan, callable=False))
    assert (verdict.state, verdict.score) == ("not yet", 0)
    assert verdict.notes == ("`nps` should be a function (`def nps(...)`), but it is a value now.",)


def test_a_function_where_a_value_is_asked_says_so():
    verdict = judge(NPS | {"callable": False}, RIGHT)
    assert verdict.notes == ("`nps` should be a value (`nps = ...`), but it is a function now.",)


def test_a_value_too_large_is_told():
    verdict = judge(NPS, payload({"value": to_plain(range(10**9))}, 1, 1))
    assert verdict.cases[0].message == (
        "Yours is something too large to check: it holds more than 400,000 values."
    )


def test_a_check_with_other_cases_was_changed():
    verdict = judge(NPS, payload(20, 33.3))
    assert (verdict.state, verdict.score) == ("not yet", 0)
    assert verdict.notes[0].startswith("This check's cell was changed.")


def test_calling_crmlibs_own_version_is_said_kindly_and_costs_nothing():
    verdict = judge(NPS, RIGHT | {"uses": True})
    assert verdict.score == 4
    assert verdict.notes[0].startswith("Your code calls `crmlib.performance.nps`.")


def test_no_message_holds_the_references_value():
    verdict = judge(NPS, payload(1, 2, 3))
    assert "33.3" not in str(verdict) + card(verdict)


# Which mistake it looks like


@pytest.mark.parametrize("name", ["base", "passives"])
def test_the_mistake_itself_is_named(name):
    trap = next(t for t in NPS["traps"] if t["name"] == name)
    cases = [c or {"value": NPS["cases"][2]["wanted"]} for c in trap["cases"]]
    verdict = judge(NPS, payload(*cases))
    assert (verdict.trap, verdict.mistake) == (name, trap["says"])


def test_a_rounded_mistake_is_still_the_mistake():
    assert judge(NPS, payload(66.7, 50.01, 0)).trap == "base"


def test_the_mistake_that_explains_most_cases_is_named():
    # 50 is what both give for the shop; only the first case tells them apart.
    assert judge(NPS, payload(60, 50, 0)).trap == "passives"
    assert judge(NPS, payload(66.7, 50, math.nan)).trap == "base"


def test_of_two_that_explain_as_much_the_one_that_fits_the_right_cases_too_is_named():
    # The shop's 50 is both mistakes'; with nobody answering, "base" would have stopped.
    assert judge(NPS, payload(1, 50, math.nan)).trap == "passives"


def test_the_first_is_named_if_nothing_tells_them_apart():
    assert judge(NPS, payload(1, 50, 0)).trap == "base"


def test_an_error_is_a_mistake_if_its_words_are_the_same():
    same = error("ZeroDivisionError: zero")
    assert judge(NPS, payload(20, 33.3, same)).trap == "base"
    assert judge(NPS, payload(20, 33.3, error("KeyError: 1"))).trap == ""


def test_a_mistake_nobody_knows_has_no_name():
    verdict = judge(NPS, payload(1, 2, 3))
    assert verdict.trap == verdict.mistake == ""


def test_where_a_mistake_gives_the_right_value_it_explains_nothing():
    # Wrong only where "passives" is right: that is not this mistake.
    record = copy.deepcopy(NPS)
    record["traps"] = record["traps"][1:]
    assert judge(record, payload(20, 33.3, 5)).trap == ""


def test_a_passed_answer_has_no_mistake():
    record = copy.deepcopy(NPS)
    record["traps"][0]["cases"] = [{"value": 20.01}] * 3  # the same within rounding
    assert judge(record, RIGHT).trap == ""


def test_a_mistake_is_also_known_by_the_judges_own_measure():
    ids = [f"C{i}" for i in range(10)]
    case = {
        "name": "calls",
        "weight": 1,
        "judge": decision(truth="t", column="c", most=10).spec(),
        "wanted": to_plain(ids),
        "truth": to_plain({**dict.fromkeys(ids, 10.0), **{f"X{i}": 0.0 for i in range(10)}}),
    }
    spenders = to_plain([f"X{i}" for i in range(10)])
    record = NPS | {"cases": [case], "starter": [{"value": None}]}
    record["traps"] = [
        {"name": "spend", "says": "They buy anyway.", "cases": [{"value": spenders}]}
    ]
    nearly = to_plain([*(f"X{i}" for i in range(9)), "C0"])
    assert judge(record, payload({"value": nearly})).trap == "spend"
    assert judge(record, payload({"value": to_plain(["X1"])})).trap == ""
    assert judge(record, payload({"value": {"type": "list"}})).trap == ""


# Scores


@pytest.mark.parametrize(
    ("score", "kept"), [(3, 3), (9, 4), (-1, 0), (math.nan, 0), (math.inf, 0), (1.23456, 1.23)]
)
def test_a_score_lies_between_nothing_and_its_points(score, kept):
    assert Verdict("x", 4, score, "not yet").score == kept


def test_rounding_never_lifts_a_score_above_its_points():
    assert Verdict("x", 0.666, 0.666, "passed").score == 0.666
    assert Verdict("x", 0.666, 0.6655, "not yet").score <= 0.666


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "value", "items", "values", "columns", "data", "keys", "days", "why"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
        | st.builds(
            lambda kind, rest: {**rest, "type": kind},
            st.sampled_from(
                ["number", "date", "duration", "list", "set", "mapping", "series", "table"]
                + ["refused", "other", "no such type"]
            ),
            st.dictionaries(
                st.sampled_from(["value", "items", "values", "index", "columns", "data", "keys"]),
                inner,
                max_size=3,
            ),
        )
    ),
    max_leaves=12,
)
malformed = (
    json_values
    | st.fixed_dictionaries(
        {"callable": json_values | st.just(True), "cases": json_values},
        optional={"missing": json_values, "uses": json_values},
    )
    | st.builds(
        lambda cases: {"callable": True, "cases": cases},
        st.lists(
            json_values
            | st.fixed_dictionaries({}, optional={"value": json_values, "error": json_values})
            | st.fixed_dictionaries({"value": json_values, "line": json_values}),
            min_size=3,
            max_size=3,
        ),
    )
)
WANTED = {
    "number": (number(), 20.0),
    "text": (text(), {"type": "date", "value": "2025-01-05"}),
    "items": (items(), to_plain(["a", "b"])),
    "values": (values(), to_plain({"a": 1})),
    "table": (table(by="a"), {"type": "table", "columns": ["a", "b"], "data": [["x"], [1]]}),
    "clusters": (clusters(truth="t", column="c"), to_plain({"a": 1, "b": 2})),
    "decision": (decision(truth="t", column="c", most=1), to_plain(["a"])),
}


@pytest.mark.parametrize("kind", WANTED)
@unhurried
@given(given_payload=malformed)
def test_whatever_is_handed_over_is_judged_and_never_above_its_points(kind, given_payload):
    spec, wanted = WANTED[kind]
    record = copy.deepcopy(NPS)
    for case in record["cases"]:
        case |= {"judge": spec.spec(), "wanted": wanted, "truth": to_plain({"a": 1.0, "b": 2.0})}
    verdict = judge(record, given_payload)
    assert 0 <= verdict.score <= 4
    assert verdict.state in {"not attempted", "not yet", "passed"}
    for words in (str(verdict), card(verdict)):
        assert words.encode("utf-8")
        assert "\0" not in words
        assert len(words) < 20_000


def test_a_wrong_record_is_not_blamed_on_the_learner():
    record = copy.deepcopy(NPS)
    record["cases"][0]["judge"] = {"kind": "of a later version"}
    with pytest.raises(KeyError):
        judge(record, RIGHT)


def test_endless_words_are_cut():
    verdict = judge(NPS, payload(error("E" * 10**6, "l" * 10**6), "x" * 10**6, 1))
    assert all(len(c.message) <= 600 for c in verdict.cases)


# How it shows


def grade_of(verdict, points=4):
    """What stock nbgrader gives a check cell that shows this verdict."""
    cell = new_code_cell("check(...)")
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": points}
    data = {"text/plain": repr(verdict), "text/html": card(verdict)}
    cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
    return determine_grade(cell)


@pytest.mark.parametrize(
    "answer",
    [RIGHT, payload(20, 2, 3), payload(None, None, None), payload(20, 33.3, 1), payload(20)],
)
def test_nbgrader_reads_the_score_from_the_repr(answer):
    verdict = judge(NPS, answer)
    assert grade_of(verdict) == (verdict.score, 4.0)


@unhurried
@given(st.floats(0, 100), st.integers(1, 100))
def test_nbgrader_reads_every_score(share, points):
    verdict = Verdict("x", points, share * points / 100, "not yet")
    assert grade_of(verdict, points)[0] == pytest.approx(verdict.score)


def test_the_text_tells_the_outcome_the_cases_and_the_mistake():
    assert str(judge(NPS, payload(66.7, 33.3, 5, uses=True))).splitlines() == [
        "✗ Not yet: 2 of 4 points",
        "  ✗ five customers: Yours is 66.7, which is too high.",
        "  ✓ one shop: right",
        "  ✗ nobody answered: Yours is 5, but it can't be known here: don't make up a number.",
        "  → The 7s and 8s answered too.",
        "  Your code calls `crmlib.performance.nps`. Here the point is to write it yourself. "
        "It costs no points, but your instructor sees it.",
    ]


def test_the_card_says_that_grading_uses_other_data():
    note = "Grading runs this same check on other data."
    assert note in judge(NPS, RIGHT)._repr_html_()
    assert note in card(judge(NPS, payload(1, 2, 3)))
    assert note not in card(judge(NPS, RIGHT), practice=False)
    assert note not in card(judge(NPS, payload(None, None, None)))


def test_a_recorded_answer_says_when_it_is_marked():
    verdict = Verdict("x", 4, 0, "recorded")
    assert verdict.headline() == "Recorded. This answer is marked when your notebook is graded."


def test_the_card_escapes_whatever_is_in_it():
    evil = "<script>alert('x')</script>\"&"
    verdict = Verdict(
        evil, 4, 0, "not yet", (CaseResult(evil, False, evil),), mistake=evil, notes=(evil,)
    )
    shown = card(verdict)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 4


def test_a_learners_text_on_the_card_is_escaped():
    shown = card(judge(NPS, payload("<img src=x onerror=alert(1)>", 1, 1)))
    assert "<img" not in shown


def test_record_and_payload_travel_as_strict_json():
    record, given_payload = (
        json.loads(json.dumps(x, allow_nan=False)) for x in (NPS, payload(66.7, 33.3, math.nan))
    )
    assert judge(record, given_payload) == judge(NPS, payload(66.7, 33.3, math.nan))
