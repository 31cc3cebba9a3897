"""A class is graded: through nbgrader's own commands and ours, each notebook gets what it deserves.

One class holds the reference, two other methods, every known mistake, values typed in from the
public tables, and the untouched notebook; ``nbgrader autograde`` marks it on fresh tables.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.demo import filled
from course.grading import grade
from course.grading.draws import public_records
from course.grading.feedback import verdicts_in
from course.grading.gradebook import marks
from course.grading.run import exercise_of, release_notebook
from course.modules import ROOT, list_modules, read
from course.secrets import STUDENTS, scan

WRITTEN = "A student's own words about two personas, & <b>markup</b>."


def typed_in(record):
    """Code that returns the public reference values without computing anything."""
    if record["cases"][0]["judge"]["kind"] == "clusters":
        labels = record["cases"][0]["wanted"]
        return (
            f"class Labels:\n    def fit_predict(self, X):\n        return {labels['values']!r}\n"
            f"def {record['exercise']}():\n    return Labels()\n"
        )
    values = ",\n".join(python_of(case["wanted"]) for case in record["cases"])
    if not record["callable"]:
        return f"{record['exercise']} = [{values}][0]"
    return (
        f"_values = iter([{values}])\n"
        f"def {record['exercise']}(*args, **kwargs):\n    return next(_values)\n"
    )


def python_of(plain):
    """An expression that makes a plain value again."""
    if not isinstance(plain, dict):
        return repr(plain)
    kind = plain["type"]
    if kind == "number":
        return f"float({plain['value']!r})"
    if kind == "date":
        return f"pd.Timestamp({plain['value']!r})"
    if kind in ("list", "set"):
        return "[" + ", ".join(map(python_of, plain["items"])) + "]"
    keys = plain.get("columns") or plain.get("keys") or plain.get("index")
    values = plain.get("data") or plain.get("values")
    as_list = [
        "[" + ", ".join(map(python_of, v)) + "]" if kind == "table" else python_of(v)
        for v in values
    ]
    pairs = ", ".join(f"{python_of(k)}: {v}" for k, v in zip(keys, as_list, strict=True))
    return f"pd.DataFrame({{{pairs}}})" if kind == "table" else f"pd.Series({{{pairs}}})"


def class_of(module):
    """The answers of each student of the class, by exercise."""
    text, known = read(module), public_records(read(module))
    exercises = text.exercises
    most = max(len(e.traps) for e in exercises.values())
    class_ = {"reference": {n: e.answer for n, e in exercises.items()}}
    for i in range(2):
        class_[f"also-right-{i + 1}"] = {n: e.also_right[i].source for n, e in exercises.items()}
    for i in range(most):
        class_[f"trap-{i + 1}"] = {
            n: e.traps[i].source for n, e in exercises.items() if i < len(e.traps)
        }
    class_["typed-in"] = {n: typed_in(record) for n, record in known.items()}
    class_["untouched"] = {}
    return class_


@pytest.fixture(scope="module", params=list_modules())
def graded(request, tmp_path_factory):
    """The class after ``nbgrader autograde``; (module's text, folder)."""
    module = request.param
    folder = tmp_path_factory.mktemp("class")
    text, release = read(module), release_notebook(module)
    for student, answers in class_of(module).items():
        book = filled(release, text, answers, band=-1)
        if student != "untouched":
            for cell in book.cells:
                if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type != "code":
                    cell.source = WRITTEN
        path = folder / "submitted" / student / module / f"{module}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(book, path)
    nbgrader(folder, "autograde", module)
    return text, folder


def nbgrader(folder, *command):
    environment = {**os.environ, "CRM_CLASS_FOLDER": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


def scores(text, folder, student):
    by_id = {m.grade_id: m.score for m in marks(text.id, student, folder)}
    return {n: by_id[f"{n}-check".replace("_", "-")] for n in text.exercises}


def verdicts(text, folder, student):
    path = folder / "autograded" / student / text.id / f"{text.id}.ipynb"
    return verdicts_in(nbformat.read(path, as_version=4), text)


@pytest.mark.parametrize("student", ["reference", "also-right-1", "also-right-2"])
def test_right_answers_earn_full_marks(graded, student):
    text, folder = graded
    assert scores(text, folder, student) == {n: e.points for n, e in text.exercises.items()}


def test_every_trap_loses_marks_and_is_named(graded):
    text, folder = graded
    for name, exercise in text.exercises.items():
        for i, trap in enumerate(exercise.traps, 1):
            student = f"trap-{i}"
            assert scores(text, folder, student)[name] < exercise.points, trap.name
            assert verdicts(text, folder, student)[name].mistake == trap.says, trap.name


def test_the_untouched_notebook_earns_nothing(graded):
    text, folder = graded
    assert sum(mark.score for mark in marks(text.id, "untouched", folder)) == 0
    states = {v.state for v in verdicts(text, folder, "untouched").values()}
    assert states == {"not attempted"}


def test_values_typed_in_from_the_public_tables_fail_on_fresh_ones(graded):
    text, folder = graded
    for name, score in scores(text, folder, "typed-in").items():
        exercise = text.exercises[name]
        assert score < exercise.points, name


def test_typed_in_values_are_right_in_practice_so_the_test_above_means_something(graded):
    from crmlib.exercises.verdict import judge

    text, _ = graded
    for name, record in public_records(text).items():
        payload = {
            "exercise": name,
            "callable": record["callable"],
            "cases": [{"value": case["wanted"]} for case in record["cases"]],
        }
        assert judge(record, payload).score == text.exercises[name].points


def test_written_answers_wait_for_a_person(graded):
    text, folder = graded
    waiting = [m for m in marks(text.id, "reference", folder) if m.score is None]
    assert [m.grade_id for m in waiting] == [
        f"{name}-answer".replace("_", "-") for name in text.written
    ]


def test_marks_are_exported_by_nbgrader(graded):
    text, folder = graded
    target = folder / "grades.csv"
    nbgrader(folder, "export", f"--to={target}")
    with target.open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    auto = sum(e.points for e in text.exercises.values())
    assert float(rows["reference"]["score"]) == auto
    assert float(rows["reference"]["max_score"]) == text.points
    assert float(rows["untouched"]["score"]) == 0


def test_nbgraders_own_feedback_page_shows_the_verdicts(graded):
    text, folder = graded
    nbgrader(folder, "generate_feedback", text.id, "--student=trap-1", "--force")
    page = folder / "feedback" / "trap-1" / text.id / f"{text.id}.html"
    first = next(e for e in text.exercises.values() if e.traps)
    import html

    assert first.traps[0].says[:40] in html.unescape(page.read_text(encoding="utf-8"))


def test_the_formgrader_opens_on_the_graded_class(graded):
    """Its list of submissions is what a marker starts from."""
    from nbgrader.api import Gradebook

    text, folder = graded
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        rows = gradebook.assignment_submissions(text.id)
        assert len(rows) == len(class_of(text.id))
        assert any(row.needs_manual_grade for row in rows)


def test_nbgrader_validates_the_solutions_but_for_what_is_sealed(graded):
    text, _ = graded
    path = ROOT / "solutions" / text.id / f"{text.id}.ipynb"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    sealed = [e for e in text.exercises.values() if e.sealed]
    says = f"VALIDATION FAILED ON {len(sealed)} CELL(S)" if sealed else "Success"
    assert says in done.stdout
    assert all(f'check("{exercise.name}"' in done.stdout for exercise in sealed)


@pytest.fixture(scope="module")
def demo_class(tmp_path_factory):
    """The demo's class, graded by our own command."""
    from course.demo import make_class

    folder = tmp_path_factory.mktemp("demo")
    text = read("02")
    stories = make_class(text, folder)
    assert grade("02", class_folder=folder) == 0
    return text, folder, stories


def auto(text, folder, student):
    manual = {f"{n}-answer".replace("_", "-") for n in text.written}
    found = marks(text.id, student, folder)
    return sum(m.score or 0 for m in found if m.grade_id not in manual)


def test_the_demos_class_gets_the_marks_it_deserves(demo_class):
    text, folder, stories = demo_class
    full = sum(e.points for e in text.exercises.values())
    got = {student: auto(text, folder, student) for student in stories}
    assert len(got) >= 8
    assert got["ana"] == got["bela"] == full
    assert 0 < got["chen"] < full
    assert all(0 < got[s] < full for s in ("dora", "emil", "fang", "ivan"))
    assert got["goran"] == got["hana"] == 0


def test_every_student_has_a_feedback_page_even_with_a_broken_file(demo_class):
    text, folder, stories = demo_class
    for student in stories:
        page = folder / "feedback" / student / text.id / f"{text.id}.html"
        assert text.title in page.read_text(encoding="utf-8")
    hana = (folder / "feedback" / "hana" / text.id / f"{text.id}.html").read_text(encoding="utf-8")
    assert "empty, cut off or damaged" in hana


def test_feedback_names_the_mistake_and_what_to_read_again(demo_class):
    import html

    text, folder, stories = demo_class
    for student in ("dora", "emil", "fang"):
        page = folder / "feedback" / student / text.id / f"{text.id}.html"
        shown = html.unescape(page.read_text(encoding="utf-8"))
        sentence = stories[student].split(": ", 1)[1]
        assert sentence in shown
        assert "Read again:" in shown


def test_feedback_shows_no_reference_answer(demo_class):
    text, folder, _ = demo_class
    pages = [folder / "feedback" / student for student in ("goran", "hana")]
    assert [str(leak) for leak in scan(pages, kinds=STUDENTS)] == []


def test_what_a_student_wrote_is_escaped_in_feedback(graded):
    from course.grading import write_feedback

    text, folder = graded
    page = write_feedback(text.id, "reference", folder, ())
    assert "<b>markup</b>" not in page.read_text(encoding="utf-8")


def test_a_markers_points_and_words_reach_the_page_and_stay(demo_class):
    from nbgrader.api import Gradebook

    text, folder, _ = demo_class
    name = f"{next(iter(text.written))}-answer".replace("_", "-")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade(name, text.id, text.id, "ana")
        mark.manual_score, mark.needs_manual_grade = 5.0, False
        gradebook.db.commit()
        comment = gradebook.find_comment(name, text.id, text.id, "ana")
        comment.manual_comment = "Well argued, & clear."
        gradebook.db.commit()
    grade("02", class_folder=folder, students=["ana"], feedback_only=True)
    page = folder / "feedback" / "ana" / text.id / f"{text.id}.html"
    assert "Well argued, &amp; clear." in page.read_text(encoding="utf-8")
    before = auto(text, folder, "ana")
    grade("02", class_folder=folder, students=["ana"])
    by_id = {m.grade_id: m.score for m in marks(text.id, "ana", folder)}
    assert by_id[name] == 5.0
    assert auto(text, folder, "ana") == before


def test_the_marking_guide_has_every_sample_and_stays_with_the_instructor(demo_class):
    text, folder, _ = demo_class
    guide = (folder / "marking" / f"{text.id}.md").read_text(encoding="utf-8")
    for task in text.written.values():
        for _, sample in task.samples:
            assert sample in guide


def test_check_cells_of_the_graded_notebook_hold_nothing_but_our_verdict(graded):
    text, folder = graded
    path = folder / "autograded" / "reference" / text.id / f"{text.id}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        if exercise_of(cell, text):
            assert len(cell.outputs) == 1


def test_nothing_to_grade_is_said_in_words(tmp_path):
    from course.errors import CourseError

    with pytest.raises(CourseError, match="Nothing to grade: put notebooks into"):
        grade("02", class_folder=Path(tmp_path))
