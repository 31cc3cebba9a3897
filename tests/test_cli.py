"""The commands: help that fits a screen, one sentence for what is wrong, and what each one does."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import course.build
import course.company
import course.grading
import course.modules
from course import cli
from course.commands import doctor, lab, notebook_doctor, release
from course.commands import test as test_command
from course.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = [line.split()[0] for line in cli.COMMANDS.splitlines()]
MODULES = ["01-first", "02-second"]


@pytest.fixture
def modules(monkeypatch):
    """A course of two modules."""
    monkeypatch.setattr(course.modules, "list_modules", lambda: MODULES)


def record(calls: list, code: int = 0):
    """A function that notes how it was called and returns ``code``."""

    def called(*args, **options):
        calls.append((args, options))
        return code

    return called


# --- The command line ----------------------------------------------------------------------------


def test_the_commands_are_those_of_the_design():
    assert COMMANDS == "demo lab test build data site release grade doctor".split()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_screen_and_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"] if command else ["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    assert lines[-1].startswith(f"example:  python3 -m course {command}".rstrip())


def test_no_command_shows_the_commands_and_is_no_success(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "grade a small class" in capsys.readouterr().out


def test_an_unknown_option_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["build", "--fast"])
    assert ended.value.code == 2
    assert "--fast" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["build", "grade", "lab"])
def test_an_unknown_module_is_one_sentence_that_lists_the_modules(command, modules, capsys):
    assert cli.main([command, "77"]) == 2
    said = capsys.readouterr().err
    assert "77" in said and "01-first, 02-second" in said and said.count("\n") == 1


def test_debug_shows_where_an_error_arose(modules):
    with pytest.raises(CourseError):
        cli.main(["build", "77", "--debug"])


def test_a_full_disk_is_one_sentence(modules, monkeypatch, capsys):
    def fail(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(course.build, "build", fail)
    assert cli.main(["build", "02"]) == 2
    assert capsys.readouterr().err.startswith("The disk is full")


def test_ctrl_c_ends_without_a_traceback(modules, monkeypatch, capsys):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(course.build, "build", stop)
    assert cli.main(["build"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_output_survives_any_console(encoding):
    code = (
        "from course import cli; cli.survive_any_console(); print('Lanternleaf 灯叶茶业 \\u2713')"
    )
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True)
    assert done.returncode == 0
    assert b"Lanternleaf" in done.stdout


def test_starting_the_command_line_imports_no_heavy_package():
    code = "import sys, course.cli; print({'pandas', 'nbgrader', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_build_makes_all_modules_unless_some_are_named(modules, monkeypatch):
    calls = []
    monkeypatch.setattr(course.build, "build", record(calls, 1))
    assert cli.main(["build"]) == 1
    assert cli.main(["build", "2", "--check", "--force"]) == 1
    assert calls == [
        ((MODULES,), {"check": False, "force": False}),
        ((["02-second"],), {"check": True, "force": True}),
    ]


def test_data_makes_the_tables(monkeypatch):
    made = []
    monkeypatch.setattr(course.company, "make_datasets", record(made, None))
    assert cli.main(["data"]) == 0
    assert len(made) == 1


@pytest.mark.parametrize(("differing", "code"), [([], 0), (["lanternleaf/orders.csv"], 1)])
def test_data_check_names_the_files_that_differ(monkeypatch, capsys, differing, code):
    monkeypatch.setattr(course.company, "check_datasets", record([], differing))
    assert cli.main(["data", "--check"]) == code
    assert all(file in capsys.readouterr().out for file in differing)


def test_grade_takes_a_class_and_students(modules, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(course.grading, "grade", record(calls))
    line = ["grade", "02", "--class", str(tmp_path), "--student", "ann", "--student", "bo"]
    assert cli.main([*line, "--feedback"]) == 0
    options = {"class_folder": tmp_path, "students": ["ann", "bo"], "feedback_only": True}
    assert calls == [(("02-second",), options)]


def test_test_passes_options_and_exit_code_on(monkeypatch):
    calls = []

    def run(command, **options):
        calls.append(command)
        return SimpleNamespace(returncode=5)

    monkeypatch.setattr(test_command.subprocess, "run", run)
    assert cli.main(["test", "-k", "rfm", "--maxfail=1"]) == 5
    assert calls[0][-3:] == ["-k", "rfm", "--maxfail=1"]


# --- lab -----------------------------------------------------------------------------------------


@pytest.fixture
def built(tmp_path, modules, monkeypatch):
    """A project with the notebooks of module 01 built; JupyterLab is only noted, not started."""
    folder = tmp_path / "notebooks" / "01-first"
    (folder / "img").mkdir(parents=True)
    (folder / "01-first.ipynb").write_text("one", encoding="utf-8")
    (folder / "img" / "a.png").write_bytes(b"picture")
    started = []

    def run(command, **options):
        started.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.setattr(lab.subprocess, "run", run)
    return SimpleNamespace(root=tmp_path, notebook=folder / "01-first.ipynb", started=started)


def test_lab_copies_the_notebooks_into_work(built):
    assert cli.main(["lab", "--copy-only"]) == 0
    assert (built.root / "work" / "01-first" / "01-first.ipynb").read_text("utf-8") == "one"
    assert (built.root / "work" / "01-first" / "img" / "a.png").exists()
    assert not built.started


def test_lab_never_writes_over_a_learners_file_and_says_what_is_newer(built, capsys):
    cli.main(["lab", "--copy-only"])
    mine = built.root / "work" / "01-first" / "01-first.ipynb"
    mine.write_text("my answers", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["lab", "--copy-only"]) == 0
    assert mine.read_text("utf-8") == "my answers"
    said = [line for line in capsys.readouterr().out.splitlines() if "kept yours" in line]
    assert len(said) == 1 and str(mine) in said[0]


def test_lab_says_nothing_of_files_that_are_the_same(built, capsys):
    cli.main(["lab", "--copy-only"])
    cli.main(["lab", "--copy-only"])
    assert "kept yours" not in capsys.readouterr().out


def test_lab_opens_jupyterlab_there_and_passes_options_on(built):
    folder = built.root / "elsewhere"
    assert cli.main(["lab", "1", "--folder", str(folder), "--no-browser", "--port=9999"]) == 0
    command = built.started[0]
    assert command[1:3] == ["-m", "jupyterlab"]
    assert command[-2:] == ["--no-browser", "--port=9999"]
    assert f"--ServerApp.root_dir={folder.resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/01-first/01-first.ipynb" in command


def test_lab_keeps_jupyterlab_from_asking_to_fetch_news():
    settings = ROOT / "course" / "jupyter" / "labconfig" / "page_config.json"
    disabled = json.loads(settings.read_text("utf-8"))["disabledExtensions"]
    assert disabled["@jupyterlab/apputils-extension:announcements"]


def test_lab_on_a_module_that_is_not_built_is_one_sentence(built, capsys):
    assert cli.main(["lab", "02"]) == 2
    assert "run the build command first" in capsys.readouterr().err


# --- release -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The students' archive of this very course."""
    output = tmp_path_factory.mktemp("release")
    assert release.release(output=output) == 0
    return output / f"crm-course-{release.version()}.zip"


def test_the_archive_holds_what_a_student_needs_and_nothing_else(archive):
    with zipfile.ZipFile(archive) as opened:
        names = [Path(name).relative_to(archive.stem) for name in opened.namelist()]
    tops = {name.parts[0] for name in names}
    wheel = f"crmlib-{release.version()}-py3-none-any.whl"
    assert tops == {"notebooks", "datasets", "START-HERE.md", "requirements.txt", wheel}
    kinds = {name.suffix for name in names if name.parts[0] in ("notebooks", "datasets")}
    assert kinds <= {".ipynb", ".json", ".csv", ".png", ".svg"}
    assert not [name for name in names if "truth" in name.parts]


def test_every_table_in_the_archive_has_its_card(archive):
    with zipfile.ZipFile(archive) as opened:
        names = {Path(name) for name in opened.namelist()}
    tables = [name for name in names if name.suffix == ".csv" and "datasets" in name.parts]
    assert tables
    assert all(name.with_name("datapackage.json") in names for name in tables)


def test_the_wheel_in_the_archive_carries_the_tables(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        wheel = next(name for name in opened.namelist() if name.endswith(".whl"))
        opened.extract(wheel, tmp_path)
    with zipfile.ZipFile(tmp_path / wheel) as opened:
        names = opened.namelist()
    assert "crmlib/data/datasets/lanternleaf/orders.csv" in names
    assert not [name for name in names if "truth" in name or name.startswith("course")]


def test_the_archive_asks_for_crmlib_and_pinned_learners_packages_only(archive):
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read(f"{archive.stem}/requirements.txt").decode().splitlines()
    names = {line.split("==")[0].lower() for line in lines[1:]}
    assert lines[0].startswith("./crmlib-")
    assert all("==" in line for line in lines[1:])
    assert {"jupyterlab", "pandas", "scikit-learn", "seaborn"} <= names
    assert not {"nbgrader", "pytest", "sphinx", "ruff"} & names


def test_what_only_some_systems_need_keeps_its_condition(archive):
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read(f"{archive.stem}/requirements.txt").decode().splitlines()
    unconditional = {line.split("==")[0].lower() for line in lines[1:] if ";" not in line}
    assert not {"pexpect", "ptyprocess", "pywinpty", "appnope"} & unconditional


def test_the_same_course_makes_the_same_archive(archive, tmp_path):
    folder = tmp_path / archive.stem
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    again = release.pack(folder, tmp_path / "again" / archive.name)
    assert again.read_bytes() == archive.read_bytes()


def test_nothing_is_released_that_gives_something_away(tmp_path, monkeypatch):
    import course.secrets

    monkeypatch.setattr(course.secrets, "scan", lambda paths: ["an answer in rfm.ipynb"])
    with pytest.raises(CourseError, match="an answer in rfm.ipynb"):
        release.release(output=tmp_path)
    assert not list(tmp_path.iterdir())


# --- doctor --------------------------------------------------------------------------------------


def test_doctor_fails_only_if_something_is_a_problem(monkeypatch, capsys):
    fine = doctor.Finding("ok", "disk"), doctor.Finding("note", "browser")
    monkeypatch.setattr(doctor, "LOOKS", (lambda: fine,))
    assert cli.main(["doctor"]) == 0
    bad = doctor.Finding("problem", "no memory", "Close something.")
    monkeypatch.setattr(doctor, "LOOKS", (lambda: fine, lambda: [bad]))
    assert cli.main(["doctor"]) == 1
    assert "Close something." in capsys.readouterr().out


def levels(findings) -> dict[str, str]:
    return {finding.text: finding.level for finding in findings}


def test_doctor_finds_a_full_disk_and_little_memory(monkeypatch):
    import psutil

    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=2e8))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=3e8))
    found = levels(doctor.look_at_room())
    assert found["0.2 GB of disk left"] == found["0.3 GB of memory left"] == "problem"


def test_doctor_finds_a_missing_package(monkeypatch):
    monkeypatch.setattr(doctor, "installed_names", lambda: {"crmlib"})
    found = list(doctor.look_at_packages())
    assert found[0].level == "problem" and "pandas" in found[0].text and found[0].remedy


def test_doctor_names_versions_that_were_not_tested(tmp_path):
    pins = tmp_path / "constraints.txt"
    pins.write_text("pytest==1.0\n", encoding="utf-8")
    texts = [finding.text for finding in doctor.look_at_packages(pins)]
    assert any("for 1.0" in text for text in texts)


def test_doctor_finds_a_kernel_whose_interpreter_is_gone(tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "old-one"
    kernel.mkdir(parents=True)
    gone = (tmp_path / "gone" / "python").as_posix()
    spec = f'{{"argv": ["{gone}", "-f", "{{connection_file}}"], "display_name": "Old"}}'
    (kernel / "kernel.json").write_text(spec, encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = [finding for finding in doctor.look_at_kernels() if "'old-one'" in finding.text]
    assert found[0].level == "problem" and "kernelspec remove old-one" in found[0].remedy


def test_doctor_finds_a_file_of_the_learners_that_hides_a_package(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    monkeypatch.setattr(doctor, "list_modules", lambda: [])
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pandas.py").touch()
    assert [f for f in doctor.look_at_course() if "called like a package" in f.text]


def test_doctor_starts_a_notebooks_python():
    found = list(doctor.look_at_a_running_kernel())
    assert [finding.level for finding in found] == ["ok"]


def graded(name: str, source: str, *, solution: bool):
    """A cell as nbgrader marks it."""
    grader = {"grade_id": name, "solution": solution, "locked": not solution, "task": False}
    grader |= {"grade": not solution, "schema_version": 3}
    cell = new_code_cell(source, metadata={"nbgrader": grader}, id=name)
    if not solution:
        cell.metadata.nbgrader["points"] = 4
    return cell


def handed_out(*names: str):
    """A students' notebook with an answer and a check for each name."""
    cells = [new_markdown_cell("# Lesson", id="lesson")]
    for name in names:
        cells.append(graded(f"{name}-answer", "# your code here", solution=True))
        cells.append(graded(f"{name}-check", f"check('{name}')", solution=False))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def submission(tmp_path, monkeypatch):
    """Two modules' notebooks are handed out; a function writes a submission and looks at it."""
    released = {"01-first": ("whale", "margin"), "02-second": ("rfm", "cac")}
    monkeypatch.setattr(notebook_doctor, "list_modules", lambda: list(released))
    monkeypatch.setattr(
        notebook_doctor, "release_notebook", lambda module: handed_out(*released[module])
    )

    def look_at(content, name="02-second.ipynb"):
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            nbformat.write(content, path)
        return list(notebook_doctor.look_at(path))

    return SimpleNamespace(folder=tmp_path, look_at=look_at, mended="02-second.mended.ipynb")


def answered():
    notebook = handed_out("rfm", "cac")
    notebook.cells[1].source = "def rfm(): return 1"
    return notebook


def problems(findings) -> list[str]:
    return [finding.text for finding in findings if finding.level == "problem"]


def test_doctor_finds_nothing_wrong_in_a_good_notebook(submission):
    assert [f.level for f in submission.look_at(answered())] == ["ok"]
    assert not (submission.folder / submission.mended).exists()


@pytest.mark.parametrize("text", ["", "<html>", '{"cells": [', "[]"], ids=repr)
def test_doctor_says_what_is_no_notebook(submission, text):
    found = submission.look_at(text)
    assert "not a whole notebook" in problems(found)[0] and found[0].remedy


def test_doctor_says_that_there_is_no_such_file(submission):
    found = list(notebook_doctor.look_at(submission.folder / "none.ipynb"))
    assert "no file" in problems(found)[0]


def test_doctor_says_that_a_notebook_is_not_the_courses(submission):
    other = new_notebook(cells=[new_code_cell("1 + 1")])
    assert "no exercise of this course" in problems(submission.look_at(other))[0]


def test_doctor_says_that_a_notebook_is_another_modules(submission):
    found = submission.look_at(answered(), name="01-first.ipynb")
    assert "called like 01-first but holds 02-second" in problems(found)[0]


def test_doctor_says_that_nothing_was_answered(submission):
    found = submission.look_at(handed_out("rfm", "cac"))
    assert [f for f in found if f.level == "note" and "No answer" in f.text]


def damage(kind: str):
    """An answered notebook with its first check missing, there twice, or edited."""
    notebook = answered()
    if kind == "missing":
        del notebook.cells[2]
    elif kind == "twice":
        twin = graded("rfm-check", "check('rfm')", solution=False)
        twin.id = "twin"
        notebook.cells.insert(3, twin)
    elif kind == "edited":
        notebook.cells[2].source = "print('passed')"
    elif kind == "kernel":
        notebook.metadata.kernelspec.name = "my-env"
    return notebook


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("missing", "`rfm-check` was missing"),
        ("twice", "`rfm-check` was there twice"),
        ("edited", "`rfm-check` was changed"),
        ("kernel", "the kernel 'my-env'"),
    ],
)
def test_doctor_mends_a_copy_and_leaves_the_file_alone(submission, kind, expected):
    found = submission.look_at(damage(kind))
    assert expected in problems(found)[0]
    assert nbformat.read(submission.folder / "02-second.ipynb", 4).cells == damage(kind).cells
    mended = nbformat.read(submission.folder / submission.mended, 4)
    assert [cell.source for cell in mended.cells] == [cell.source for cell in answered().cells]
    assert mended.metadata.kernelspec.name == "python3"


def test_doctor_never_writes_over_a_file(submission):
    (submission.folder / submission.mended).write_text("mine", encoding="utf-8")
    with pytest.raises(CourseError, match="is there already"):
        submission.look_at(damage("missing"))
    assert (submission.folder / submission.mended).read_text("utf-8") == "mine"
