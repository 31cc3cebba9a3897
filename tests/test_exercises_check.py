"""A check runs an answer safely and quietly, and gives practice marks or hands the values over."""

import ast
import json
import linecache
import logging
import sys
import warnings

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import crmlib.value
from course.kernels import client
from crmlib.exercises import case, check, choice, number, table, values
from crmlib.exercises.kernel import MIME, collect, in_words, receiving
from crmlib.exercises.plain import to_plain
from crmlib.exercises.records import read_checks, write_checks

ORDERS = pd.DataFrame(
    {
        "customer_id": ["C1", "C1", "C2"],
        "order_date": pd.to_datetime(["2025-12-01", "2025-12-24", "2025-06-30"]),
        "amount": [20.0, 30.0, 5.0],
    }
)


def cell(source, names, filename="<ipython-input-1>"):
    """Run a learner's cell as IPython does: its lines can be looked up."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), names)
    return names


def answered(source, *cases, **options):
    """The payload of the answer `answer` that a learner's cell defines."""
    return collect("answer", cell(source, {}), list(cases), **options)


def first(source, *args, **options):
    """What the answer gives on one case."""
    return answered(source, case("one", *args), **options)["cases"][0]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Stand beside a checks.json with this text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CRMLIB_CHECKS", raising=False)
    monkeypatch.delenv("CRMLIB_GRADING", raising=False)
    return lambda text: (tmp_path / "checks.json").write_text(text, encoding="utf-8")


DOUBLE = {
    "exercise": "double",
    "points": 4,
    "callable": True,
    "cases": [
        {"name": "two", "weight": 1, "judge": number().spec(), "wanted": 4},
        {"name": "minus three", "weight": 3, "judge": number().spec(), "wanted": -6},
    ],
    "starter": [{"value": None}, {"value": None}],
    "traps": [
        {"name": "square", "says": "That is the square.", "cases": [None, {"value": 9}]},
    ],
}
CHECK = 'check("double", [case("two", 2), case("minus three", -3, weight=3)], points=4)'


def practised(answer, check_source=CHECK):
    """The verdict that a learner's cell and the check below it give."""
    names = cell(answer, {"check": check, "case": case, "choice": choice})
    return eval(compile(ast.parse(check_source, mode="eval"), "<check>", "eval"), names)


# In practice


def test_practice_judges_against_the_file_beside_the_notebook(beside):
    beside(json.dumps({"exercises": {"double": DOUBLE}}))
    assert practised("double = lambda x: 2 * x").score == 4
    verdict = practised("double = lambda x: x * x")
    assert (verdict.score, verdict.state, verdict.mistake) == (1, "not yet", "That is the square.")
    assert practised("def double(x): pass").state == "not attempted"
    assert practised("").state == "not attempted"


def test_the_file_may_lie_elsewhere(beside, tmp_path, monkeypatch):
    (tmp_path / "other.json").write_text(json.dumps({"exercises": {"double": DOUBLE}}))
    monkeypatch.setenv("CRMLIB_CHECKS", str(tmp_path / "other.json"))
    assert practised("double = lambda x: 2 * x").score == 4


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "",
        "{",
        "[]",
        "5",
        "{}",
        '{"exercises": []}',
        '{"exercises": {}}',
        '{"exercises": {"other": {}}}',
        '{"exercises": {"double": 5}}',
        '{"exercises": {"double": {"exercise": "double", "points": 4}}}',
        "[" * 100_000,
        json.dumps({"exercises": {"double": DOUBLE | {"cases": [{"judge": {"kind": "new"}}] * 2}}}),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_a_missing_or_damaged_file_is_one_clear_sentence(beside, damaged):
    if damaged is not None:
        beside(damaged)
    verdict = practised("double = lambda x: 2 * x")
    assert verdict.score == 0
    assert verdict.notes[-1].startswith(
        "checks.json belongs beside this notebook and is missing, damaged or of another module."
    )


def test_what_the_build_writes_the_check_reads(tmp_path):
    truth = {"type": "mapping", "keys": ["C1"], "values": [5.0]}
    judged = {"truth": truth, "judge": {"truth": "call_value", "column": "call_value"}}
    records = {"a": {"cases": [judged, judged]}, "b": {"cases": [{"judge": {}}]}}
    path = tmp_path / "checks.json"
    path.write_text(write_checks(records), encoding="utf-8")
    assert read_checks(path) == records
    assert path.read_text(encoding="utf-8").count('"C1"') == 1


def test_a_file_that_is_no_text_is_damaged_too(beside, tmp_path):
    (tmp_path / "checks.json").write_bytes(b"\xff\xfe\x00")
    assert "damaged" in practised("double = lambda x: 2 * x").notes[-1]


# Sealed answers

SEALED = 'check("budget", [case("your number")], points=2, sealed=True)'


def test_a_sealed_answer_is_recorded_and_not_judged(beside):
    verdict = practised("budget = 250", SEALED)
    assert (verdict.state, verdict.score) == ("recorded", 0)
    assert str(verdict).splitlines() == [
        "● Recorded. This answer is marked when your notebook is graded.",
        "  Your answer: 250.",
    ]


def test_a_sealed_choice_that_is_none_of_the_options_is_sent_back(beside):
    source = (
        'check("verdict", [case("yours")], points=2, sealed=True, judge=choice(options=["A", "B"]))'
    )
    verdict = practised('verdict = "D"', source)
    assert verdict.state == "not yet"
    assert verdict.notes == ("Choose one of 'A', 'B'; yours is the text 'D'.",)


@pytest.mark.parametrize("answer", ["", "budget = ...", "budget = None"])
def test_a_sealed_answer_that_is_empty_is_not_attempted(beside, answer):
    assert practised(answer, SEALED).state == "not attempted"


def test_a_sealed_answer_that_stops_says_so(beside):
    verdict = practised("def budget(): return 1 / 0", SEALED)
    assert verdict.state == "not yet"
    assert verdict.notes == ("Your code stopped: ZeroDivisionError: division by zero",)


def test_a_sealed_answer_that_cannot_be_marked_says_so(beside):
    verdict = practised("budget = (x for x in [1])", SEALED)
    assert verdict.state == "not yet"
    assert verdict.notes[0] == (
        "This can't be marked: it is a generator, which gives its values only once: "
        "put list(...) around it."
    )


# The five kinds of answer


def test_a_function_is_called_with_the_cases_arguments():
    payload = answered("def answer(a, b=1): return a + b", case("one", 2), case("two", 2, b=3))
    assert payload["callable"] is True
    assert [c["value"] for c in payload["cases"]] == [3, 5]


def test_a_value_is_taken_as_it_is():
    payload = answered("answer = 42", case("yours"))
    assert payload["callable"] is False
    assert payload["cases"] == [{"name": "yours", "value": 42}]


def test_a_table_is_taken_as_it_is():
    names = {"answer": ORDERS}
    assert collect("answer", names, [case("yours")])["cases"][0]["value"] == to_plain(ORDERS)


def test_a_model_is_run_and_its_result_is_judged():
    source = "class Model:\n    def fit_predict(self, x): return [v > 1 for v in x]\n"
    source += "def answer(): return Model()"
    found = first(source, [1, 2], run=lambda make, x: make().fit_predict(x))
    assert found["value"]["items"] == [False, True]


def test_an_untouched_value_is_not_run():
    assert first("answer = ...", 1, run=lambda answer, x: answer.fit(x)) == {
        "name": "one",
        "value": None,
    }


def test_an_answer_that_is_not_there_is_missing():
    payload = collect("answer", {}, [case("one", 1)])
    assert payload["missing"] is True
    assert payload["cases"] == [{"name": "one"}]


# Safe: whatever the answer does


def test_changing_the_inputs_does_not_matter():
    orders, bins = ORDERS.copy(), [1, 2]
    source = "def answer(orders, bins, **more):\n    orders['amount'] = 0\n    bins.clear()\n"
    source += "    more['last'].append(1)\n    return len(bins)"
    payload = answered(source, *[case("one", orders, bins, last=[])] * 2)
    assert [c["value"] for c in payload["cases"]] == [0, 0]
    pd.testing.assert_frame_equal(orders, ORDERS)
    assert bins == [1, 2]


ERRORS = {
    "return 1 / 0": "ZeroDivisionError: division by zero",
    "return {}['amount']": "KeyError: 'amount' (there is no column or key of that name)",
    "return nothing": "NameError: name 'nothing' is not defined",
    "raise SystemExit(1)": "SystemExit: 1 (exit() and quit() end Python; use return)",
    "raise MemoryError": "MemoryError (it needs more memory than there is)",
    "assert False": "AssertionError",
    "raise GeneratorExit": "GeneratorExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt (it was stopped before it had finished)",
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    "raise ValueError('one\\ntwo')": "ValueError: one",
    "raise ValueError('x' * 10**6)": "ValueError: " + "x" * 200,
    "raise ValueError('a\\ud800\\0')": "ValueError: a?\N{REPLACEMENT CHARACTER}",
}


@pytest.mark.parametrize("body", ERRORS)
def test_an_error_is_told_in_words_with_the_learners_own_line(body):
    found = first(f"def answer():\n    {body}")
    assert found["line"] == body[:120]
    assert found["error"] == ERRORS[body]


def test_a_function_that_calls_itself_without_end_says_so():
    found = first("def answer():\n    return answer()")
    assert found["line"] == "return answer()"
    assert found["error"].startswith("RecursionError: maximum recursion depth")
    assert found["error"].endswith("(the function calls itself without end)")


def test_an_error_whose_text_cannot_be_had_is_told_by_its_kind():
    source = (
        "class Odd(Exception):\n    def __str__(self): raise SystemExit\ndef answer(): raise Odd()"
    )
    assert first(source) == {"name": "one", "error": "Odd", "line": "def answer(): raise Odd()"}


def test_the_line_is_the_learners_even_where_a_library_stops():
    source = "import pandas as pd\ndef answer(orders):\n    return orders['spend'].sum()"
    found = first(source, ORDERS)
    assert found["line"] == "return orders['spend'].sum()"
    assert found["error"].startswith("KeyError: 'spend'")


def test_a_wrong_call_has_no_line_of_theirs():
    found = first("def answer(): return 1", 5)
    assert found["error"] == "TypeError: answer() takes 0 positional arguments but 1 was given"
    assert found["line"] == ""


def test_a_line_of_the_checks_own_is_not_shown_as_theirs():
    names = cell("run = lambda make: make().fit_predict()", {}, "<ipython-input-2>")
    found = first("def answer(): pass", run=names["run"])
    assert found["error"].startswith("AttributeError: 'NoneType' object has no attribute")
    assert found["line"] == ""


@pytest.mark.parametrize("filename", ["/tmp/ipykernel_12/345.py", "C:\\Temp\\ipykernel_1\\2.py"])
def test_a_notebook_cell_is_the_learners(filename):
    with pytest.raises(ZeroDivisionError) as caught:
        cell("1 / 0", {}, filename)
    assert in_words(caught.value)["line"] == "1 / 0"


@pytest.mark.parametrize(
    "filename",
    ["/env/lib/python3.11/site-packages/ipykernel/kernel.py", "<frozen importlib>", "/x/crm.py"],
)
def test_a_librarys_line_is_not_the_learners(filename):
    with pytest.raises(ZeroDivisionError) as caught:
        cell("1 / 0", {}, filename)
    assert in_words(caught.value)["line"] == ""


def test_an_error_in_one_case_leaves_the_others():
    payload = answered("def answer(x): return 1 / x", case("zero", 0), case("one", 1))
    assert "error" in payload["cases"][0]
    assert payload["cases"][1]["value"] == 1


def test_the_stop_button_ends_the_whole_check():
    calls = []

    def answer(x):
        calls.append(x)
        raise KeyboardInterrupt

    payload = collect("answer", {"answer": answer}, [case("one", 1), case("two", 2)])
    assert calls == [1]
    words = "KeyboardInterrupt (it was stopped before it had finished)"
    assert [c["error"] for c in payload["cases"]] == [words, words]


HOSTILE = [
    "class Odd(int):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "answer = Odd(3)",
    "class Odd:\n    def __getattr__(self, name): raise SystemExit\nanswer = Odd()",
    "class Odd:\n    def __call__(self, x): return self\nanswer = Odd()",
    "class Odd(list):\n    def __iter__(self): raise SystemExit\nanswer = Odd()",
    "class Odd(dict):\n    def keys(self): return iter(int, 1)\nanswer = Odd()",
    "def answer(x):\n    while True: yield x",
    "answer = lambda x: range(10 ** 15)",
    "answer = lambda x: 'x' * 10 ** 7",
    "answer = lambda x: 10 ** 5000",
    "answer = lambda x: answer",
    "answer = '\\ud800\\0'",
    "answer = type('Meta', (type,), {'__name__': property(lambda s: 1 / 0)})('Odd', (), {})()",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_a_hostile_answer_earns_nothing_and_breaks_nothing(beside, source):
    beside(json.dumps({"exercises": {"double": DOUBLE}}))
    verdict = practised(source.replace("answer", "double"))
    assert verdict.score == 0
    payload = answered(source, case("one", 1))
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload


# Quiet: only the card is shown


NOISY = """
def answer():
    import logging, sys, warnings
    print("printed")
    print("to stderr \\ud800", file=sys.stderr)
    warnings.warn("careful", stacklevel=1)
    warnings.simplefilter("error")
    logging.getLogger("noisy").warning("logged")
    return 1
"""


def test_printing_and_warnings_are_kept_out(capsys):
    handlers, logging.root.handlers = logging.root.handlers, []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert first(NOISY)["value"] == 1
            filters = list(warnings.filters)
    finally:
        logging.root.handlers = handlers
    assert caught == []
    assert ("error", None, Warning, None, 0) not in filters
    assert capsys.readouterr() == ("", "")


def test_output_is_given_back_after_an_error(capsys):
    first("def answer(): 1 / 0")
    print("heard")
    assert capsys.readouterr().out == "heard\n"


def test_figures_that_the_answer_draws_are_closed_and_others_stay():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    mine = plt.figure()
    source = "import matplotlib.pyplot as plt\ndef answer():\n    plt.plot([1, 2])\n"
    try:
        assert first(source + "    plt.figure()\n    return 1")["value"] == 1
        assert plt.get_fignums() == [mine.number]
    finally:
        plt.close(mine)


# Builds: does it call crmlib's own version?

CALLS = {
    "full name": (
        "import crmlib.value\nanswer = lambda o: crmlib.value.rfm(o, snapshot='2026-01-01')"
    ),
    "from import": (
        "from crmlib.value import rfm\nanswer = lambda o: rfm(o, snapshot='2026-01-01')"
    ),
    "another name": (
        "from crmlib.value import rfm as r\nanswer = lambda o: r(o, snapshot='2026-01-01')"
    ),
    "itself": "from functools import partial\nfrom crmlib.value import rfm\n"
    "answer = partial(rfm, snapshot='2026-01-01')",
    "pipe": "from crmlib.value import rfm\nanswer = lambda o: o.pipe(rfm, snapshot='2026-01-01')",
    "getattr": "import importlib\n"
    "answer = lambda o: getattr(importlib.import_module('crmlib.value'), 'rfm')"
    "(o, snapshot='2026-01-01')",
}


@pytest.mark.parametrize("source", CALLS.values(), ids=CALLS.keys())
def test_crmlibs_own_version_is_seen_however_it_is_imported(source):
    before = crmlib.value.rfm
    payload = answered(source, case("one", ORDERS), builds="crmlib.value.rfm")
    assert "value" in payload["cases"][0]
    assert payload["uses"] is True
    assert crmlib.value.rfm is before


def test_an_answer_of_ones_own_is_not_seen():
    source = "def answer(o): return o.groupby('customer_id')['amount'].sum()"
    assert answered(source, case("one", ORDERS), builds="crmlib.value.rfm")["uses"] is False


def test_importing_or_naming_it_is_no_call():
    source = "from crmlib.value import rfm\ndef answer(o): return str(rfm)"
    assert answered(source, case("one", ORDERS), builds="crmlib.value.rfm")["uses"] is False


def test_a_call_before_or_within_the_check_itself_is_not_the_learners():
    table = crmlib.value.rfm(ORDERS, snapshot="2026-01-01")
    payload = answered(
        "def answer(t): return len(t)",
        case("one", ORDERS),
        run=lambda answer, o: answer(crmlib.value.rfm(o, snapshot="2026-01-01")),
        builds="crmlib.value.rfm",
    )
    assert payload["cases"][0]["value"] == len(table)
    assert payload["uses"] is False


def test_a_call_by_another_of_crmlibs_functions_is_not_the_learners(monkeypatch):
    within = {"__name__": "crmlib.value.other", "rfm": crmlib.value.rfm}
    exec("def other(o): return len(rfm(o, snapshot='2026-01-01'))", within)
    payload = collect(
        "answer", {"answer": within["other"]}, [case("one", ORDERS)], builds="crmlib.value.rfm"
    )
    assert payload["cases"][0]["value"] == 2
    assert payload["uses"] is False


def test_a_decorated_version_is_known_by_its_own_code(monkeypatch):
    import functools

    def decorated(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)

        return wrapper

    monkeypatch.setattr(crmlib.value, "one", decorated(lambda: 1), raising=False)
    monkeypatch.setattr(crmlib.value, "two", decorated(lambda: 2), raising=False)
    source = "import crmlib.value\nanswer = lambda: crmlib.value.{}()"
    assert answered(source.format("one"), case("x"), builds="crmlib.value.one")["uses"] is True
    assert answered(source.format("two"), case("x"), builds="crmlib.value.one")["uses"] is False


def test_a_profiler_that_was_there_is_there_again():
    def profiler(frame, event, arg):
        return None

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        answered("def answer(): return 1", case("one"), builds="crmlib.value.rfm")
        answered("def answer(): return 1 / 0", case("one"), builds="crmlib.value.rfm")
        answered("def answer(): return answer()", case("one"), builds="crmlib.value.rfm")
        after = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert after is profiler


# What a check is made of


def test_a_case_takes_any_argument_by_name():
    assert case("one", name="Li", snapshot="2026-01-01").kwargs == {
        "name": "Li",
        "snapshot": "2026-01-01",
    }


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_a_weight_must_be_a_positive_number(weight):
    with pytest.raises(ValueError, match="case 'one': weight is .* number above 0"):
        case("one", weight=weight)


def test_a_check_needs_a_case():
    with pytest.raises(ValueError, match=r"check\('double'\) needs at least one case"):
        practised("", 'check("double", [])')


def test_a_case_may_have_a_judge_of_its_own():
    received = []
    answer = lambda x: x  # noqa: E731
    names = {"answer": answer, "check": check, "case": case, "values": values, "number": number}
    with receiving(received.append):
        exec('check("answer", [case("a", 1, judge=values()), case("b", 1)], judge=number())', names)
        exec('check("answer", [case("a", 1)])', names)
    first_check, second_check = received
    assert [c["judge"]["kind"] for c in first_check["cases"]] == ["values", "number"]
    assert second_check["cases"][0]["judge"] is None


# In a real kernel

ANSWER = """
import matplotlib.pyplot as plt
import sys, warnings
from IPython.display import display
def double(x):
    print("printed"); print("err", file=sys.stderr); warnings.warn("careful")
    display("shown"); plt.plot([1, 2]); plt.show(); plt.figure()
    if x < 0:
        raise ValueError("no negatives")
    return 2 * x
"""


def in_kernel(folder, *sources, **environment):
    """Run cells in a Jupyter kernel; the outputs of the last."""
    import os

    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    (folder / "checks.json").write_text(json.dumps({"exercises": {"double": DOUBLE}}))
    env = {k: v for k, v in os.environ.items() if not k.startswith("CRMLIB_")}
    client(notebook, folder, timeout=120).execute(env={**env, **environment})
    nbformat.validate(notebook)
    return notebook.cells[-1].outputs


KERNEL_CHECK = "from crmlib.exercises import case, check\n" + CHECK


def test_while_grading_a_check_emits_one_payload_and_nothing_else(tmp_path):
    outputs = in_kernel(tmp_path, ANSWER, KERNEL_CHECK, CRMLIB_GRADING="1")
    assert [o.output_type for o in outputs] == ["display_data"]
    assert list(outputs[0].data) == [MIME]
    payload = outputs[0].data[MIME]
    assert payload["exercise"] == "double"
    assert payload["cases"][0]["value"] == 4
    assert payload["cases"][1]["error"] == "ValueError: no negatives"
    assert payload["cases"][1]["line"] == 'raise ValueError("no negatives")'
    assert "wanted" not in json.dumps(payload)


def test_in_practice_a_check_shows_the_card_and_its_score(tmp_path):
    outputs = in_kernel(tmp_path, ANSWER, KERNEL_CHECK)
    assert [o.output_type for o in outputs] == ["execute_result"]
    assert outputs[0].data["text/plain"] == "1"
    shown = outputs[0].data["text/html"]
    assert "ValueError: no negatives (in the line <code>raise ValueError(" in shown
    assert "Traceback" not in outputs[0].data["text/html"]


def test_a_table_with_its_judge_survives_the_journey():
    received = []
    names = {"answer": ORDERS, "check": check, "case": case, "table": table}
    with receiving(received.append):
        exec('check("answer", [case("yours")], judge=table(by=("customer_id", "n")))', names)
    assert json.loads(json.dumps(received[0], allow_nan=False))["cases"][0]["judge"]["by"] == [
        "customer_id",
        "n",
    ]
