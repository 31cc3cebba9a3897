"""The first run: the right Python, one environment, and a sentence for whatever goes wrong."""

import ast
import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import __main__ as starter
from course import bootstrap

ROOT = Path(__file__).resolve().parent.parent


class FakePip:
    """Stands for a pip that prints ``lines`` and ends with ``code``."""

    def __init__(self, *lines: str, code: int = 0):
        self.lines, self.code, self.calls = lines, code, []

    def __call__(self, command, **options):
        self.calls.append((command, options))
        return SimpleNamespace(
            stdout=[f"{line}\n" for line in self.lines],
            wait=lambda: self.code,
            poll=lambda: self.code,
        )


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project in which making an environment costs nothing; pip succeeds."""
    root = (tmp_path / "project").resolve()
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (root / "constraints.txt").write_text("numpy==2.0\n", encoding="utf-8")
    pip = FakePip("Collecting numpy", "Installing collected packages: numpy")
    monkeypatch.setattr(bootstrap.subprocess, "Popen", pip)
    monkeypatch.setattr(bootstrap.subprocess, "run", make_python)
    monkeypatch.setattr(bootstrap, "satisfies", lambda root: False)
    return SimpleNamespace(root=root, venv=root / ".venv", pip=pip)


def make_python(command, **options):
    python = bootstrap.python_of(Path(command[-1]))
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    return SimpleNamespace(returncode=0, stdout="", stderr="")


def test_the_starter_can_be_read_by_python_3_6():
    for name in ("__init__.py", "__main__.py"):
        source = (ROOT / "course" / name).read_bytes()
        assert ast.parse(source, feature_version=(3, 6))
        assert source.isascii()


def test_the_starter_has_no_strings_that_python_2_cannot_read():
    tree = ast.parse((ROOT / "course" / "__main__.py").read_bytes())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.annotation]


def test_an_old_python_is_told_which_one_is_needed(capsys):
    assert not starter.say_version((3, 8))
    said = capsys.readouterr().err
    assert "Python 3.11 to 3.13" in said and "3.8" in said and said.count("\n") == 1


def test_a_newer_python_gets_a_warning_and_may_go_on(capsys):
    assert starter.say_version((3, 14))
    assert "tested on Python 3.11 to 3.13" in capsys.readouterr().err


def test_a_tested_python_is_not_talked_about(capsys):
    assert starter.say_version((3, 12))
    assert capsys.readouterr() == ("", "")


def test_help_needs_no_packages():
    bare = [sys.executable, "-S", "-m", "course", "--help"]
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_a_mistyped_command_is_refused_before_anything_is_installed():
    bare = [sys.executable, "-S", "-m", "course", "biuld"]
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "biuld" in done.stderr


def test_the_first_run_makes_an_environment_with_the_pinned_versions(project):
    assert bootstrap.find_python(project.root) == bootstrap.python_of(project.venv)
    command, options = project.pip.calls[0]
    assert command[-4:] == ["-c", "constraints.txt", "-e", ".[course]"]
    assert options["cwd"] == project.root


def test_the_first_run_shows_how_far_it_is(project, capsys):
    bootstrap.find_python(project.root)
    said = capsys.readouterr().out
    assert "making an environment" in said and "Installing the packages" in said


def test_the_second_run_installs_nothing(project):
    bootstrap.find_python(project.root)
    bootstrap.find_python(project.root)
    assert len(project.pip.calls) == 1


def test_changed_pins_are_installed_into_the_same_environment(project):
    bootstrap.find_python(project.root)
    (project.venv / "mark").touch()
    (project.root / "constraints.txt").write_text("numpy==2.1\n", encoding="utf-8")
    bootstrap.find_python(project.root)
    assert len(project.pip.calls) == 2
    assert (project.venv / "mark").exists()


def test_line_ends_of_windows_are_no_change(project):
    bootstrap.find_python(project.root)
    (project.root / "constraints.txt").write_bytes(b"numpy==2.0\r\n")
    bootstrap.find_python(project.root)
    assert len(project.pip.calls) == 1


def test_an_environment_left_half_made_is_made_anew(project):
    project.venv.mkdir()
    (project.venv / bootstrap.UNFINISHED).touch()
    (project.venv / "rubble").touch()
    bootstrap.find_python(project.root)
    assert not (project.venv / "rubble").exists()
    assert bootstrap.stamp_of(project.venv)


def test_an_environment_that_was_moved_is_made_anew(project):
    bootstrap.find_python(project.root)
    stamp = json.loads((project.venv / bootstrap.STAMP).read_text("utf-8"))
    stamp["folder"] = "elsewhere"
    (project.venv / bootstrap.STAMP).write_text(json.dumps(stamp), "utf-8")
    (project.venv / "rubble").touch()
    bootstrap.find_python(project.root)
    assert not (project.venv / "rubble").exists()


def test_a_folder_of_somebody_elses_is_not_touched(project):
    project.venv.mkdir()
    (project.venv / "precious").touch()
    with pytest.raises(bootstrap.SetupError, match="delete or rename it"):
        bootstrap.find_python(project.root)
    assert (project.venv / "precious").exists()


def test_an_active_environment_that_has_everything_is_used(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "satisfies", lambda root: True)
    monkeypatch.setattr(bootstrap, "inside_an_environment", lambda: True)
    assert bootstrap.find_python(project.root) == Path(sys.executable)
    assert not project.venv.exists()


def test_the_base_interpreter_is_not_used_even_if_it_has_everything(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "satisfies", lambda root: True)
    monkeypatch.setattr(bootstrap, "inside_an_environment", lambda: False)
    assert bootstrap.find_python(project.root) == bootstrap.python_of(project.venv)


@pytest.mark.parametrize(
    ("is_env", "folders", "expected"),
    [
        (True, [], True),
        (False, [], False),
        (False, ["conda-meta"], True),
        (False, ["conda-meta", "condabin"], False),
    ],
    ids=["venv", "machine's Python", "conda environment", "conda's base"],
)
def test_an_environment_is_told_from_a_base_interpreter(
    is_env, folders, expected, tmp_path, monkeypatch
):
    for folder in folders:
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", "base" if is_env else str(tmp_path))
    assert bootstrap.inside_an_environment() is expected


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A project that needs numpy >= 2 and pytest, and what is installed, to be changed."""
    root = tmp_path.resolve()
    (root / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=2"]\n'
        '[project.optional-dependencies]\ncourse = ["pytest"]\n',
        encoding="utf-8",
    )
    have = {"numpy": "2.4", "pytest": "9.0"}

    def version(name):
        if name not in have:
            raise importlib.metadata.PackageNotFoundError(name)
        return have[name]

    def distribution(name):
        url = json.dumps({"url": have.get("from", root.as_uri()), "dir_info": {"editable": True}})
        return SimpleNamespace(read_text=lambda file: url)

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    return SimpleNamespace(root=root, have=have)


def test_an_environment_with_all_packages_satisfies(environment):
    assert bootstrap.satisfies(environment.root)


def test_an_environment_with_an_old_package_does_not_satisfy(environment):
    environment.have["numpy"] = "1.26"
    assert not bootstrap.satisfies(environment.root)


def test_an_environment_without_a_package_does_not_satisfy(environment):
    del environment.have["pytest"]
    assert not bootstrap.satisfies(environment.root)


def test_crmlib_from_another_folder_does_not_satisfy(environment, tmp_path):
    environment.have["from"] = (tmp_path / "other").as_uri()
    assert not bootstrap.satisfies(environment.root)


def sentence_of(project) -> str:
    """What the first run says when it fails; nothing of an environment may be left."""
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.find_python(project.root)
    assert not project.venv.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_one_sentence(project, monkeypatch, missing):
    there = bootstrap.importlib.util.find_spec
    monkeypatch.setattr(
        bootstrap.importlib.util, "find_spec", lambda name: None if name == missing else there(name)
    )
    assert "apt install python3-venv" in sentence_of(project)


def test_a_full_disk_is_one_sentence_before_anything_is_written(project, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=3e8))
    assert "0.3 GB free" in sentence_of(project)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: [WinError 5] Access is denied: [Errno 13] Permission denied", "not allowed"),
        ("NewConnectionError: Temporary failure in name resolution", "needs the internet"),
        ("HINT: Windows Long Path support is not enabled", "path is too long"),
        ("ERROR: No matching distribution found for numpy==2.0", "No matching distribution"),
    ],
)
def test_a_failing_installation_is_one_sentence(project, monkeypatch, printed, expected):
    monkeypatch.setattr(bootstrap.subprocess, "Popen", FakePip(printed, code=1))
    assert expected in sentence_of(project)


def test_all_that_a_failing_pip_said_is_kept(project, monkeypatch):
    monkeypatch.setattr(bootstrap.subprocess, "Popen", FakePip("a", "ERROR: b", code=1))
    sentence_of(project)
    assert (project.root / "build" / "setup.log").read_text("utf-8") == "a\nERROR: b\n"


def test_a_failing_venv_is_one_sentence(project, monkeypatch):
    failed = SimpleNamespace(returncode=1, stdout="Error: Command failed", stderr="")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *args, **options: failed)
    assert "Command failed" in sentence_of(project)


def test_a_folder_that_cannot_be_written_is_one_sentence(project, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert "cannot write" in sentence_of(project)


def test_ctrl_c_while_installing_leaves_nothing(project, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt
        yield

    stopped = []
    fake = SimpleNamespace(
        stdout=interrupt(),
        poll=lambda: None,
        wait=lambda: 0,
        terminate=lambda: stopped.append(True),
    )
    monkeypatch.setattr(bootstrap.subprocess, "Popen", lambda *args, **options: fake)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.find_python(project.root)
    assert stopped and not project.venv.exists()


def test_a_failed_setup_ends_the_command_with_its_sentence(monkeypatch, capsys):
    def fail(root):
        raise bootstrap.SetupError("The disk is full.")

    monkeypatch.setattr(bootstrap, "find_python", fail)
    assert bootstrap.main(["demo"]) == 1
    assert capsys.readouterr().err == "The disk is full.\n"


def test_only_one_run_sets_up_at_a_time(tmp_path):
    with bootstrap.one_at_a_time(tmp_path):
        with open(tmp_path / "build" / "setup.lock", "a+b") as second:
            assert not bootstrap.try_lock(second)
    with open(tmp_path / "build" / "setup.lock", "a+b") as third:
        assert bootstrap.try_lock(third)


def test_variables_that_mix_two_pythons_are_cleared(monkeypatch):
    for name in ("PYTHONHOME", "PYTHONPATH", "JUPYTER_PATH"):
        monkeypatch.setenv(name, "elsewhere")
    env = bootstrap.child_env(Path("env") / "bin" / "python")
    assert not {"PYTHONHOME", "PYTHONPATH", "JUPYTER_PATH"} & set(env)
    assert env["PYTHONUTF8"] == env["JUPYTER_PREFER_ENV_PATH"] == "1"
    assert env["PATH"].startswith(str(Path("env") / "bin"))


class FakeProgram:
    """A child that ends with ``code`` after the user pressed Ctrl-C ``presses`` times."""

    def __init__(self, code, presses=0):
        self.code, self.presses = code, presses

    def __call__(self, *args, **options):
        return self

    def wait(self):
        if self.presses:
            self.presses -= 1
            raise KeyboardInterrupt
        return self.code


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 3), (-2, 130)])
def test_the_exit_code_is_passed_on(monkeypatch, code, expected):
    monkeypatch.setattr(bootstrap.subprocess, "Popen", FakeProgram(code))
    assert bootstrap.run(Path(sys.executable), ["demo"]) == expected


def test_ctrl_c_waits_for_the_program_to_end_in_its_own_way(monkeypatch):
    monkeypatch.setattr(bootstrap.subprocess, "Popen", FakeProgram(5, presses=2))
    assert bootstrap.run(Path(sys.executable), ["lab"]) == 5
