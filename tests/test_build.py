"""The build: one text becomes solutions and students' notebooks, the same every time."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.build import make
from course.build.notebook import source_notebook
from course.build.outputs import WIDGET_NOTE, keep_equal_figures, stabilise
from course.errors import CourseError
from course.kernels import client
from course.modules import ROOT, find, list_modules, quiz_question, read, read_file
from course.secrets import READERS, STUDENTS, Secret, scan, secrets_of

TINY = Path(__file__).parent / "texts" / "00-tiny.md"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make("00-tiny", tmp_path_factory.mktemp("tiny"), text=TINY)


def notebook(folder, part, name="00-tiny"):
    return nbformat.read(folder / part / name / f"{name}.ipynb", as_version=4)


def cells_with(book, role):
    return [c for c in book.cells if c.metadata.get("course", {}).get("role") == role]


def test_a_second_build_gives_the_same_bytes(tiny, tmp_path):
    again = make("00-tiny", tmp_path, text=TINY)
    for part in ("solutions", "notebooks"):
        for file in sorted((tiny / part).rglob("*.*")):
            other = again / file.relative_to(tiny)
            assert file.read_bytes() == other.read_bytes(), file.name


def test_solutions_are_executed_and_earn_all_points(tiny):
    checks = [
        c for c in cells_with(notebook(tiny, "solutions"), "check") if "sealed" not in c.source
    ]
    for cell in checks:
        assert cell.source.endswith(f"points={cell.outputs[0].data['text/plain']})")


def test_students_notebooks_hold_no_outputs_and_no_solution(tiny):
    book = notebook(tiny, "notebooks")
    assert not any(c.get("outputs") for c in book.cells)
    assert all("SOLUTION" not in c.source for c in book.cells)
    assert all(
        "# your code here" in c.source for c in cells_with(book, "answer") if c.cell_type == "code"
    )


def test_cells_keep_their_ids_in_both_notebooks(tiny):
    solutions, students = notebook(tiny, "solutions"), notebook(tiny, "notebooks")
    ids = [c.id for c in solutions.cells]
    assert ids == [c.id for c in students.cells]
    assert len(set(ids)) == len(ids)


def test_an_inserted_cell_changes_no_other_cells_id(tmp_path):
    text = TINY.read_text(encoding="utf-8")
    before = [c.id for c in source_notebook(read_file(TINY)).cells]
    figure = "```{code-cell} ipython3\n:alt:"
    path = tmp_path / "00-tiny.md"
    path.write_text(text.replace(figure, f"+++\n\nOne more thought.\n\n{figure}"), encoding="utf-8")
    after = [c.id for c in source_notebook(read_file(path)).cells]
    assert len(after) == len(before) + 1
    assert set(before) < set(after)


def test_nbgrader_accepts_both_notebooks(tiny):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.preprocessors import CheckCellMetadata

    for part in ("solutions", "notebooks"):
        book = notebook(tiny, part)
        MetadataValidator().validate_nb(book)
        CheckCellMetadata().preprocess(book, {})
        nbformat.validate(book)


def test_a_sealed_answer_is_nowhere_but_in_the_text(tiny):
    assert (
        "verdict"
        not in json.loads(
            (tiny / "solutions" / "00-tiny" / "checks.json").read_text(encoding="utf-8")
        )["exercises"]
    )
    sealed = [Secret("a sealed answer", 'verdict = "b"')]
    assert scan([tiny / "solutions", tiny / "notebooks"], kinds=READERS, secrets=sealed) == []


def test_the_untouched_notebook_runs_and_stops_at_nothing(tiny):
    book = notebook(tiny, "notebooks")
    folder = tiny / "notebooks" / "00-tiny"
    client(book, folder, timeout=60).execute()
    for cell in cells_with(book, "check"):
        assert cell.outputs[0].data["text/plain"] == "0"
        assert "Not attempted yet" in cell.outputs[0].data["text/html"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (":role: setup", ":role: set-up", "known are"),
        (":points: 4\n", "", "lacks `points:`"),
        (
            'check("verdict", [',
            'check("verdict", sealed=True, cases=[',
            "belong in the cell's header",
        ),
        ("says: 7 and 8 are passives, not promoters.\n", "", "lacks `says:`"),
        ("### BEGIN SOLUTION", "# begin", "lacks ### BEGIN SOLUTION"),
        ("  title_zh: 小模块\n", "", "lacks `course: title_zh`"),
        ('check("nps", [', 'check("npss", [', 'lacks check("nps"'),
        ("- [ ] somebody", "- [x] somebody", None),
        ("- [x] somebody who gives 9 or 10", "- [ ] somebody", "needs two options and a right"),
    ],
)
def test_a_text_that_breaks_the_form_is_refused_in_words(tmp_path, old, new, says):
    text = TINY.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "00-tiny.md"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if says is None:
        assert read_file(path).exercises
    else:
        with pytest.raises(CourseError, match=says.replace("(", r"\(").replace("`", "`")):
            read_file(path)


def test_an_option_without_an_explanation_is_refused():
    with pytest.raises(CourseError, match="without an explanation"):
        quiz_question("How many?\n\n- [ ] one\n- [x] two\n  Indeed.")


def test_an_unknown_module_is_answered_with_the_list():
    with pytest.raises(CourseError, match="The modules are"):
        find("77")


def code(source, *outputs, **metadata):
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)]
    )


def output(**data):
    return nbformat.v4.new_output(
        "display_data", data={k.replace("_", "/"): v for k, v in data.items()}
    )


@pytest.mark.parametrize(
    ("book", "says"),
    [
        (code("f()", nbformat.v4.new_output("stream", name="stderr", text="Warning: x")), "stderr"),
        (
            code(
                "f()",
                nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[]),
            ),
            "ValueError",
        ),
        (code("f", output(text_plain="<function f at 0x7f3c2a1b9d00>")), "memory address"),
        (code("plot()", output(image_png="abc")), "lacks `alt:`"),
    ],
)
def test_outputs_that_would_differ_or_mislead_are_refused(book, says):
    with pytest.raises(CourseError, match=says):
        stabilise(book, "02.md")


def test_a_widget_leaves_a_note_and_no_random_id():
    book = code("explore()", output(text_plain="VBox(children=(IntSlider(value=3),))"))
    book.cells[0].outputs[0].data["application/vnd.jupyter.widget-view+json"] = {"model_id": "abc"}
    stabilise(book, "02.md")
    assert book.cells[0].outputs[0].data == {"text/plain": WIDGET_NOTE}
    assert book.cells[0].metadata.tags == ["nbval-ignore-output"]


def test_styler_tables_get_the_same_name_every_time():
    book = code(
        "s",
        nbformat.v4.new_output(
            "display_data", data={"text/html": "<style>#T_3fa9b td{}</style><table id='T_3fa9b'>"}
        ),
    )
    stabilise(book, "02.md")
    assert "T_3fa9b" not in book.cells[0].outputs[0].data["text/html"]
    assert book.cells[0].outputs[0].data["text/html"].count("T_00000") == 2


def picture(value):
    import base64
    import io

    import numpy as np
    from PIL import Image

    image = Image.fromarray(np.full((40, 40, 3), value, dtype="uint8"))
    file = io.BytesIO()
    image.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(("value", "kept"), [(101, True), (180, False)])
def test_a_figure_that_differs_in_pixels_alone_stays_as_committed(value, kept):
    old = code("plot()", output(image_png=picture(100)))
    new = copy.deepcopy(old)
    new.cells[0].outputs[0].data["image/png"] = picture(value)
    keep_equal_figures(new, old)
    same = new.cells[0].outputs[0].data["image/png"] == old.cells[0].outputs[0].data["image/png"]
    assert same is kept


# The scan for leaks is itself tested with planted leaks.


def test_the_scan_finds_planted_leaks_in_notebooks_pages_and_archives(tmp_path):
    import html
    import zipfile

    wanted = secrets_of(read_file(TINY))
    answer = next(s for s in wanted if s.kind == "an answer")
    sample = next(s for s in wanted if s.kind == "a sample answer")
    sealed = next(s for s in wanted if s.kind == "a sealed answer")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"x = 1\n  {answer.line}")])
    nbformat.write(book, tmp_path / "a.ipynb")
    spans = "".join(f"<span>{html.escape(word)}</span> " for word in sample.line.split(" "))
    (tmp_path / "b.html").write_text(f"<p>{spans}</p>", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("inner/notes.py", sealed.line)
    (tmp_path / "d.txt").write_text("nothing at all", encoding="utf-8")
    leaks = scan([tmp_path], kinds=STUDENTS, secrets=wanted)
    found = {(Path(leak.file.split(":")[0]).name, leak.secret.line) for leak in leaks}
    assert found == {("a.ipynb", answer.line), ("b.html", sample.line), ("c.zip", sealed.line)}


def test_every_kind_of_secret_is_known():
    assert {s.kind for s in secrets_of(read_file(TINY))} == STUDENTS - {"the seed"}


# What holds of every module of the course.


@pytest.mark.parametrize("module", list_modules())
def test_a_text_is_kept_as_jupytext_writes_it(module):
    import jupytext

    text = read(module).path.read_text(encoding="utf-8")
    again = jupytext.writes(jupytext.reads(text, fmt="md:myst"), fmt="md:myst")
    strip = [line for line in again.splitlines() if "jupytext_version" not in line]
    assert [line for line in text.splitlines() if "jupytext_version" not in line] == strip


@pytest.mark.parametrize("module", list_modules())
def test_a_module_is_worth_100_points_and_has_a_quiz(module):
    text = read(module)
    questions = [c for c in text.cells if c.role == "quiz"]
    assert text.points == 100
    assert 6 <= len(questions) <= 10


@pytest.mark.parametrize("module", list_modules())
def test_every_written_task_has_a_sample_for_each_of_four_bands(module):
    for task in read(module).written.values():
        assert len({band for band, _ in task.samples}) == 4
        for _, sample in task.samples:
            assert len(sample.split()) <= 250


@pytest.mark.parametrize("module", list_modules())
def test_most_code_cells_are_short(module):
    lengths = [
        len(c.source.strip().splitlines())
        for c in read(module).cells
        if c.kind == "code" and c.role == "lesson"
    ]
    assert sorted(lengths)[len(lengths) // 2] <= 8
    assert sum(length > 20 for length in lengths) <= 0.1 * len(lengths)


@pytest.mark.parametrize("module", list_modules())
def test_students_get_no_answer_trap_sample_or_seed(module):
    assert [str(leak) for leak in scan([ROOT / "notebooks" / module])] == []


@pytest.mark.parametrize("module", list_modules())
def test_solutions_hold_no_sealed_answer_and_no_sample(module):
    assert [str(k) for k in scan([ROOT / "solutions" / module], kinds=READERS)] == []


@pytest.mark.parametrize("module", list_modules())
def test_nbgrader_accepts_what_is_committed(module):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.preprocessors import CheckCellMetadata

    for part in ("solutions", "notebooks"):
        book = nbformat.read(ROOT / part / module / f"{module}.ipynb", as_version=4)
        MetadataValidator().validate_nb(book)
        CheckCellMetadata().preprocess(book, {})


@pytest.mark.parametrize("module", list_modules())
def test_the_committed_notebooks_are_what_the_text_makes(module):
    from course.build import build

    assert build([module], check=True) == 0


@pytest.mark.parametrize("module", list_modules())
def test_the_untouched_students_notebook_runs_to_its_end(module):
    book = nbformat.read(ROOT / "notebooks" / module / f"{module}.ipynb", as_version=4)
    client(book, ROOT / "notebooks" / module, timeout=120).execute()
    checks = [
        c
        for c in book.cells
        if c.metadata.get("nbgrader", {}).get("points") and c.cell_type == "code"
    ]
    assert checks
    for cell in checks:
        assert "Not attempted yet" in cell.outputs[0].data["text/html"], cell.id


@pytest.mark.parametrize("module", list_modules())
def test_nbval_passes_on_the_solutions(module):
    path = ROOT / "solutions" / module / f"{module}.ipynb"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval-cell-timeout=120",
        "-o",
        "addopts=",
        str(path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-3000:]
