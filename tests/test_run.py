"""Running a student's notebook: whatever it does, the rest of it counts and the grader lives."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course.build.notebook import source_notebook
from course.grading import run
from course.grading.plugin import NOTHING_CAME, TYPED_IN, judge_all
from course.modules import ROOT, read_file
from course.reference import records, run_variants
from tests.test_build import TINY

MODULE = read_file(TINY)
TABLES = ROOT / "datasets"


def part(*cells):
    """A notebook of the tiny module's set-up, some cells of a student, and the check of nps."""
    source = source_notebook(MODULE)
    keep = [c for c in source.cells if c.id in {"setup", "nps-check"}]
    return new_notebook(
        cells=[keep[0], *(new_code_cell(c) for c in cells), keep[1]], metadata=source.metadata
    )


RIGHT = MODULE.exercises["nps"].answer


def handed_over(book, name="nps"):
    return run.payloads(book, MODULE)[name]


def test_a_check_hands_its_values_over():
    payload = handed_over(run.run_in_kernel(part(RIGHT), TABLES))
    assert payload["cases"][0]["value"] == pytest.approx(0.0)
    assert [c["name"] for c in payload["cases"]][-1] == "nobody answered"


def test_an_error_in_a_cell_costs_only_that_cell():
    book = run.run_in_kernel(part("1 / 0", RIGHT), TABLES)
    assert book.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert handed_over(book)


def test_an_endless_loop_that_catches_everything_costs_only_its_cell(monkeypatch):
    monkeypatch.setattr(run, "CELL_SECONDS", 6)
    loop = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    book = run.run_in_kernel(part(loop, RIGHT), TABLES)
    assert handed_over(book)
    assert book.cells[1].source == loop
    assert "took longer than 6 seconds" in book.cells[1].outputs[0].evalue


def test_a_cell_that_ends_python_costs_only_itself():
    book = run.run_in_kernel(part("import os; os._exit(0)", RIGHT), TABLES)
    assert handed_over(book)
    assert "ended Python" in book.cells[1].outputs[0].evalue


def test_a_warning_on_stderr_changes_nothing():
    book = run.run_in_kernel(part("import sys; print('careful', file=sys.stderr)", RIGHT), TABLES)
    assert handed_over(book)["cases"][0]["value"] == pytest.approx(0.0)


def test_a_second_payload_in_the_same_cell_counts_as_none():
    twice = (
        "import crmlib.exercises.kernel as k\n_old = k._hand_over\n"
        "def _twice(payload):\n    _old(payload); _old(payload)\nk._hand_over = _twice"
    )
    assert handed_over(run.run_in_kernel(part(RIGHT, twice), TABLES)) is None


def test_a_replaced_check_hands_nothing_over():
    fake = "import crmlib.exercises\ncrmlib.exercises.check = lambda *a, **k: 4.0"
    assert handed_over(run.run_in_kernel(part(fake), TABLES)) is None


def test_another_exercises_payload_is_not_taken():
    steal = (
        "import crmlib.exercises.kernel as k\n_old = k._hand_over\n"
        "k._hand_over = lambda payload: _old({**payload, 'exercise': 'customer_count'})"
    )
    assert handed_over(run.run_in_kernel(part(RIGHT, steal), TABLES)) is None


def test_the_students_process_is_told_nothing_but_where_the_tables_lie(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    book = run.run_in_kernel(part("import os; print(sorted(os.environ))"), TABLES)
    names = book.cells[1].outputs[0].text
    assert "SECRET_TOKEN" not in names
    assert "CRMLIB_DATA" in names


def test_the_students_folder_is_empty_and_gone_afterwards():
    book = run.run_in_kernel(part("import os; print(os.getcwd(), os.listdir())"), TABLES)
    folder, listing = book.cells[1].outputs[0].text.strip().split(" ", 1)
    assert listing == "[]"
    assert not os.path.exists(folder)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    from course.build import public_truth

    truth = public_truth(tmp_path_factory.mktemp("truth"))
    return records(MODULE, run_variants(MODULE, TABLES, which="grading"), truth)


def test_an_untouched_notebook_is_not_run_and_not_attempted(known):
    from course.grading.plugin import is_untouched, untouched

    handed_out = part("# your code here")
    assert is_untouched(handed_out, part("# your code here"))
    assert not is_untouched(part(RIGHT), handed_out)
    verdicts = untouched(known)
    assert {v.state for v in verdicts.values()} == {"not attempted"}
    assert sum(v.score for v in verdicts.values()) == 0


class Holder:
    """Stands for a draw that has the given records."""

    def __init__(self, records):
        self.records = records


def test_what_is_right_on_the_public_tables_alone_was_probably_typed_in(known, monkeypatch):
    other = {
        **known["customer_count"],
        "cases": [{**known["customer_count"]["cases"][0], "wanted": 4321}],
    }
    monkeypatch.setattr("course.grading.plugin.public_records", lambda module: known)
    value = known["customer_count"]["cases"][0]["wanted"]
    payload = {"exercise": "customer_count", "callable": False, "cases": [{"value": value}]}
    given = {**dict.fromkeys(MODULE.exercises), "customer_count": payload}
    draw = Holder({**known, "customer_count": other})
    verdicts = judge_all(MODULE, draw, given, given)
    assert verdicts["customer_count"].score == 0
    assert TYPED_IN in verdicts["customer_count"].notes
    assert verdicts["nps"].notes == (NOTHING_CAME,)


def test_the_verdict_is_what_nbgrader_reads(known):
    from nbgrader.utils import determine_grade

    from crmlib.exercises.verdict import judge

    record = known["nps"]
    payload = {
        "exercise": "nps",
        "callable": True,
        "cases": [{"value": c["wanted"]} for c in record["cases"][:-1]] + [{"value": 1.0}],
    }
    cell = next(c for c in source_notebook(MODULE).cells if c.id == "nps-check")
    cell.outputs = [run.verdict_output(judge(record, payload))]
    score, most = determine_grade(nbformat.from_dict(cell))
    assert (round(score, 2), most) == (2.67, 4)
