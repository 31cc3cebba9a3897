"""Whatever a student hands in, a notebook that can be graded comes out, with a reason in words."""

import copy
import json

import nbformat
import pytest

from course.build.notebook import source_notebook
from course.grading.intake import mend, read_notebook
from course.modules import read_file, without_solution
from tests.test_build import TINY


@pytest.fixture
def release():
    book = source_notebook(read_file(TINY))
    for cell in book.cells:
        cell.source = without_solution(cell.source)
    return book


@pytest.fixture
def submitted(release):
    book = copy.deepcopy(release)
    cell_of(book, "nps-answer").source = "def nps(ratings):\n    return 1"
    return book


def cell_of(book, grade_id):
    return next(c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def graded(book):
    return [c.metadata.nbgrader.grade_id for c in book.cells if "nbgrader" in c.metadata]


def test_an_honest_notebook_comes_out_as_it_was(submitted, release):
    mended, findings = mend(submitted, release)
    assert findings == []
    assert [c.source for c in mended.cells] == [c.source for c in submitted.cells]


def test_a_deleted_check_is_put_back_in_its_place(submitted, release):
    submitted.cells.remove(cell_of(submitted, "nps-check"))
    mended, findings = mend(submitted, release)
    assert graded(mended) == graded(release)
    assert findings == ["The cell `nps-check` was missing and has been put back."]


def test_of_a_copied_cell_the_first_counts(submitted, release):
    twin = copy.deepcopy(cell_of(submitted, "nps-answer"))
    twin.source = "nps = None"
    submitted.cells.append(twin)
    mended, findings = mend(submitted, release)
    assert graded(mended) == graded(release)
    assert "return 1" in cell_of(mended, "nps-answer").source
    assert "there twice" in findings[0]


def test_an_edited_check_is_replaced_by_the_original(submitted, release):
    cell_of(submitted, "nps-check").source = "4.0"
    mended, findings = mend(submitted, release)
    assert cell_of(mended, "nps-check").source == cell_of(release, "nps-check").source
    assert "was changed" in findings[0]


def test_changed_points_are_those_of_the_release(submitted, release):
    cell_of(submitted, "nps-check").metadata.nbgrader.points = 400
    mended, _ = mend(submitted, release)
    assert cell_of(mended, "nps-check").metadata.nbgrader.points == 4


def test_a_retyped_answer_is_code_again(submitted, release):
    cell = cell_of(submitted, "nps-answer")
    cell.cell_type = "markdown"
    mended, findings = mend(submitted, release)
    assert cell_of(mended, "nps-answer").cell_type == "code"
    assert "another type" in findings[0]


def test_moved_checks_stand_in_their_order_again(submitted, release):
    check = cell_of(submitted, "nps-check")
    submitted.cells.remove(check)
    submitted.cells.append(check)
    mended, findings = mend(submitted, release)
    assert graded(mended) == graded(release)
    assert "had been moved" in findings[0]


def test_cells_whose_metadata_was_stripped_are_known_by_their_id(submitted, release):
    for cell in submitted.cells:
        cell.metadata.pop("nbgrader", None)
    mended, findings = mend(submitted, release)
    assert findings == []
    assert "return 1" in cell_of(mended, "nps-answer").source


def test_a_cell_that_claims_points_of_its_own_is_plain_text(submitted, release):
    forged = nbformat.v4.new_code_cell("100.0")
    forged.metadata["nbgrader"] = {
        **cell_of(release, "nps-check").metadata.nbgrader,
        "grade_id": "bonus",
        "points": 100,
    }
    submitted.cells.append(forged)
    mended, _ = mend(submitted, release)
    assert graded(mended) == graded(release)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty, cut off or damaged"),
        (b'{"cells": [', "empty, cut off or damaged"),
        (b"\xff\xfe\x00", "empty, cut off or damaged"),
        (b"[]", "empty, cut off or damaged"),
        (b'{"nbformat": 4}', "empty, cut off or damaged"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_a_notebook_gets_a_reason(tmp_path, content, says):
    path = tmp_path / "02.ipynb"
    path.write_bytes(content)
    book, why = read_notebook(path)
    assert book is None
    assert says in why


def test_a_missing_file_gets_a_reason(tmp_path):
    assert read_notebook(tmp_path / "02.ipynb") == (None, "There is no file called 02.ipynb.")


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "gradebook.db").write_text("{}")
    try:
        (tmp_path / "02.ipynb").symlink_to(tmp_path / "gradebook.db")
    except OSError:  # Windows without the right to make links has no links to follow either
        (tmp_path / "02.ipynb").mkdir()
    book, why = read_notebook(tmp_path / "02.ipynb")
    assert book is None
    assert "is a link" in why or "no file" in why


def test_a_huge_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("course.grading.intake.MOST_BYTES", 10)
    (tmp_path / "02.ipynb").write_text("x" * 11)
    assert "larger than" in read_notebook(tmp_path / "02.ipynb")[1]


def test_text_that_no_database_takes_is_made_harmless(tmp_path, submitted):
    raw = json.loads(nbformat.writes(submitted))
    raw["cells"][0]["source"] = "a\ud800b\x00c"
    path = tmp_path / "02.ipynb"
    path.write_text(json.dumps(raw), encoding="utf-8")
    book, why = read_notebook(path)
    assert why == ""
    assert book.cells[0].source == "a?bc"


def test_an_older_format_is_read(tmp_path, submitted):
    path = tmp_path / "02.ipynb"
    path.write_text(nbformat.writes(nbformat.convert(submitted, 3), version=3), encoding="utf-8")
    book, why = read_notebook(path)
    assert why == ""
    assert any("return 1" in c.source for c in book.cells)
