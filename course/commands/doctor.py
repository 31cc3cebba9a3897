"""``doctor``: what would keep the course from working here, each with its remedy."""

from __future__ import annotations

import importlib.metadata
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course.__main__ import NEWEST, OLDEST
from course.modules import ROOT, list_modules

FREE_DISK, FREE_MEMORY = 1e9, 1e9  # bytes, with which the course still works
KERNEL_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: ``level`` is "ok", "note" (works all the same) or "problem"."""

    level: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.level.upper() if self.level == 'problem' else self.level:<8}{self.text}"
        return f"{line}\n        -> {self.remedy}" if self.remedy else line


def doctor(files: list[Path]) -> int:
    """Look at this machine, or at the notebooks named; 1 if anything is a problem."""
    if files:
        from course.commands.notebook_doctor import look_at

        findings = (finding for file in files for finding in look_at(file))
    else:
        findings = (finding for look in LOOKS for finding in look())
    problems = 0
    for finding in findings:
        print(finding, flush=True)
        problems += finding.level == "problem"
    print("No problem found." if not problems else f"Problems found: {problems}.")
    return 1 if problems else 0


def look_at_python() -> Iterator[Finding]:
    """Its version is one of those tested."""
    version = sys.version_info[:2]
    name = f"Python {sys.version.split()[0]} at {sys.executable}"
    if OLDEST <= version <= NEWEST:
        yield Finding("ok", name)
    else:
        tested = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        yield Finding("note", f"{name} is not among those tested ({tested})")


def look_at_packages(constraints: Path = ROOT / "constraints.txt") -> Iterator[Finding]:
    """Everything needed is installed, in the versions tested."""
    remedy = "Delete the folder .venv and run any command of the course again."
    pins = dict(line.split("==") for line in constraints.read_text("utf-8").split())
    have = {}
    for name in pins:
        try:
            have[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    missing = [name for name in needed() if name not in installed_names()]
    if missing:
        yield Finding("problem", f"Not installed: {', '.join(missing)}", remedy)
    other = [f"{name} {have[name]} for {pins[name]}" for name in have if have[name] != pins[name]]
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        yield Finding("note", f"Other versions than tested: {', '.join(other[:3])}{more}")
    if not missing and not other:
        yield Finding("ok", f"{len(have)} packages have the versions tested")


def needed() -> list[str]:
    """The names of the packages that pyproject.toml asks for."""
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = project["dependencies"] + project["optional-dependencies"]["course"]
    needs = [Requirement(text) for text in texts]
    return ["crmlib"] + [n.name for n in needs if n.marker is None or n.marker.evaluate()]


def installed_names() -> set[str]:
    """The packages of this environment, spelt as pyproject.toml spells them."""
    from packaging.utils import canonicalize_name

    return {canonicalize_name(found.name) for found in importlib.metadata.distributions()}


def look_at_room() -> Iterator[Finding]:
    """There is disk and memory enough, and the project's folder can be written."""
    import psutil

    free, memory = shutil.disk_usage(ROOT).free, psutil.virtual_memory().available
    if free < FREE_DISK:
        yield Finding("problem", f"{free / 1e9:.1f} GB of disk left", "Free at least 1 GB.")
    else:
        yield Finding("ok", f"{free / 1e9:.1f} GB of disk left")
    if memory < FREE_MEMORY:
        remedy = "Close other programs: a notebook and its marking need about 1 GB."
        yield Finding("problem", f"{memory / 1e9:.1f} GB of memory left", remedy)
    else:
        yield Finding("ok", f"{memory / 1e9:.1f} GB of memory left")
    try:
        with tempfile.TemporaryFile(dir=ROOT):
            yield Finding("ok", f"{ROOT} can be written")
    except OSError as error:
        remedy = "Move the course to a folder of your own."
        yield Finding("problem", f"{ROOT} cannot be written ({error.strerror})", remedy)


def look_at_course() -> Iterator[Finding]:
    """The tables are there, the notebooks are built, and no file in work/ hides a package."""
    if list((ROOT / "datasets").rglob("*.csv")):
        yield Finding("ok", "The tables are in datasets/")
    else:
        yield Finding("problem", "datasets/ has no tables", "Run: python3 -m course data")
    missing = [
        module
        for module in list_modules()
        if not (ROOT / "notebooks" / module / f"{module}.ipynb").is_file()
    ]
    if missing:
        remedy = f"Run: python3 -m course build {missing[0]}"
        yield Finding("problem", f"No notebook yet of {', '.join(missing)}", remedy)
    else:
        yield Finding("ok", "The notebooks are built")
    hidden = set(sys.stdlib_module_names) | {"pandas", "numpy", "seaborn", "sklearn", "crmlib"}
    for path in sorted((ROOT / "work").rglob("*.py")):
        if path.stem in hidden:
            remedy = "Rename it: Python finds it instead of the package of that name."
            yield Finding("problem", f"{path} is called like a package", remedy)


def look_at_kernels() -> Iterator[Finding]:
    """No kernel that Jupyter offers points to an interpreter that is gone."""
    from jupyter_client.kernelspec import KernelSpecManager

    for name, found in KernelSpecManager().get_all_specs().items():
        program = Path(found["spec"]["argv"][0])
        if program.is_absolute() and not program.exists():
            yield Finding(
                "problem",
                f"The Jupyter kernel {name!r} needs {program}, which is gone",
                f"Run: {Path(sys.executable)} -m jupyter kernelspec remove {name}",
            )


def look_at_a_running_kernel() -> Iterator[Finding]:
    """A notebook's Python starts, answers and finds crmlib: ports and kernel work."""
    from jupyter_client.manager import start_new_kernel

    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        remedy = "A firewall or security program blocks ports on this machine: allow Python there."
        yield Finding("problem", f"No port can be opened ({error.strerror})", remedy)
        return
    said = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            manager, client = start_new_kernel(
                startup_timeout=KERNEL_SECONDS,
                kernel_name="python3",
                cwd=folder,
                stderr=subprocess.DEVNULL,  # what it logs while starting helps nobody here
            )
            try:
                client.execute_interactive(
                    "import sys, crmlib; print(sys.prefix)",
                    timeout=KERNEL_SECONDS,
                    output_hook=lambda message: said.append(message["content"]),
                )
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
    except Exception as error:  # whatever the reason, the doctor goes on to the next look
        remedy = "Delete the folder .venv and run any command of the course again."
        yield Finding("problem", f"The notebooks' Python does not start: {error}", remedy)
        return
    printed = "".join(content.get("text", "") for content in said).strip()
    problem = next((c["evalue"] for c in said if "evalue" in c), "")
    if problem:
        remedy = "Delete the folder .venv and run any command of the course again."
        yield Finding("problem", f"A notebook cannot use crmlib: {problem}", remedy)
    elif Path(printed) != Path(sys.prefix):
        remedy = "Start the course with 'python3 -m course lab', not with another JupyterLab."
        yield Finding("problem", f"Notebooks run in another environment, {printed}", remedy)
    else:
        yield Finding("ok", "A notebook's Python starts and finds crmlib")


def look_at_browser() -> Iterator[Finding]:
    """The tests of the website can run."""
    from course.browser import find_browser

    browser = find_browser()
    if browser:
        yield Finding("ok", f"The website's tests can use {browser}")
    else:
        yield Finding("note", "No Chromium found: the website's tests in a browser are left out")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    look_at_python,
    look_at_packages,
    look_at_room,
    look_at_course,
    look_at_kernels,
    look_at_a_running_kernel,
    look_at_browser,
)
