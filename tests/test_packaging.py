"""What the files at the root promise agrees with each other and with the code."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import crmlib
from course import cli
from course.__main__ import NEWEST, OLDEST
from course.modules import read_file
from course.proof import failures
from course.reference import records, run_variants

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDS = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["course"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RUN = (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_pythons_are_the_same_everywhere():
    tested = [f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    listed = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if "Python :: 3." in c]
    assert listed == tested
    assert PROJECT["requires-python"] == f">={tested[0]}"
    assert f"Python {', '.join(tested[:-1])} or {tested[-1]}" in README


def test_the_package_has_the_projects_version():
    assert crmlib.__version__ == PROJECT["version"]


def test_environment_yml_asks_for_what_pyproject_asks_for():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *packages, pip = environment["dependencies"]
    python = next(Requirement(text) for text in packages if text.startswith("python"))
    after = f"{NEWEST[0]}.{NEWEST[1] + 1}"
    assert python.specifier == SpecifierSet(f"{PROJECT['requires-python']},<{after}")
    assert pip == {"pip": ["-c constraints.txt", f"-e .[{','.join(extras())}]"]}
    assert "pip" in packages


def extras() -> list[str]:
    return list(PROJECT["optional-dependencies"])


def test_constraints_are_names_and_versions_only():
    lines = CONSTRAINTS.splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line) for line in lines)
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    assert len(names) == len(set(names))
    assert "crmlib" not in names


@pytest.mark.parametrize("text", NEEDS)
def test_every_dependency_has_a_pin_that_it_allows(text):
    need = Requirement(text)
    pins = {
        canonicalize_name(name): version
        for name, version in (line.split("==") for line in CONSTRAINTS.splitlines())
    }
    assert need.specifier.contains(pins[canonicalize_name(need.name)])


def test_the_readmes_two_commands_come_first():
    block = re.search(r"```\n(.*?)```", README, re.DOTALL).group(1)
    assert block == "python3 -m course demo\npython3 -m course test\n"


def test_ci_runs_the_readmes_test_command_last_and_passes_its_exit_code_on():
    assert "python3 -m course test" in README
    assert RUN.rstrip().splitlines()[-1] == "python3 -m course test"
    assert "set -euo pipefail" in RUN


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_command_that_is_documented_exists(name, capsys):
    text = (ROOT / name).read_text("utf-8")
    lines = re.findall(r"python3 -m course ((?!--help)[a-z][^`\n]*)", text)
    assert lines
    for line in lines:
        assert cli.parse(line.split()).command == line.split()[0]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert not [link for link in links if not (ROOT / link).exists()]


def test_every_folder_that_the_readme_names_exists():
    table = README.split("## What is where")[1].split("##")[0]
    folders = re.findall(r"`([a-z]+(?:/[a-z]+)*/)`", table)
    assert folders
    assert not [folder for folder in folders if not (ROOT / folder).is_dir()]


def test_the_readmes_example_runs():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    names: dict = {}
    exec(code, names)
    assert len(names["customers"]) > 0


def test_contributings_exercise_is_proven_like_any_other(tmp_path):
    """What an author copies must work: its answers earn all points, its traps are named."""
    exercise = re.search(r"````markdown\n(.*?)````", CONTRIBUTING, re.DOTALL).group(1)
    tiny = (ROOT / "tests" / "texts" / "00-tiny.md").read_text("utf-8")
    head, setup = tiny.split("\n# A tiny module\n")
    setup = re.search(r"```\{code-cell\} ipython3\n:role: setup.*?```\n", setup, re.DOTALL).group()
    path = tmp_path / "02-example.md"
    path.write_text(f"{head}\n# Example\n\n{setup}\n{exercise}", encoding="utf-8")
    module = read_file(path)
    payloads = run_variants(module, ROOT / "datasets")
    assert list(module.exercises) == ["repeat_share"]
    assert failures(module, payloads, records(module, payloads, tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("LICENSE", "BSD 3-Clause License", "POSSIBILITY OF SUCH DAMAGE."),
        ("LICENSE-TEXT", "Creative Commons Attribution 4.0", "at creativecommons.org."),
    ],
)
def test_the_licences_are_there_in_full(name, first, last):
    text = (ROOT / name).read_text("utf-8").strip()
    assert text.startswith(first) and text.endswith(last)
    assert name in PROJECT["license-files"]


def test_what_is_made_outside_the_project_stays_outside_git():
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/build/", "/class/", "/work/", "/.venv/"} <= set(ignored)
