"""Finds or makes the Python environment that the course runs in, then runs the command there.

Standard library only: this runs on a machine that has nothing but Python. The first run makes
``.venv`` in the project's folder and installs the exact versions of constraints.txt; an
environment that is already active and has what pyproject.toml asks for is used as it is.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

ROOT = Path(__file__).resolve().parent.parent
NEEDED = 2_000_000_000  # bytes: the environment takes about 1.2 GB, unpacking it some more
STAMP, UNFINISHED = "course-stamp.json", "course-unfinished"

# What pip prints when something outside the course is wrong, and what to do about it.
PIP_TROUBLES = {
    ("No space left on device", "not enough space on the disk", "Errno 28"): (
        "The disk is full: free some space (about 2 GB are needed), then run the command again."
    ),
    ("Windows Long Path", "WinError 206"): (
        "The folder's path is too long for Windows: move the course to a short one such as "
        "C:\\crm, then run the command again."
    ),
    ("Permission denied", "WinError 5]", "Errno 13"): (
        "Installing was not allowed to write its files: move the course to a folder of your own, "
        "then run the command again."
    ),
    (
        "NewConnectionError",
        "NameResolutionError",
        "name resolution",
        "getaddrinfo failed",
        "ConnectTimeout",
        "Read timed out",
        "ConnectionResetError",
        "ProxyError",
        "SSLError",
        "Network is unreachable",
    ): (
        "The packages could not be fetched: the first run needs the internet (or pip settings "
        "that name a mirror); connect and run the command again."
    ),
}


class SetupError(Exception):
    """Why the environment cannot be made, as a sentence that says what to do."""


def main(argv: list[str]) -> int:
    """Run the course's command line ``argv`` in the course's environment; return its exit code."""
    from course import cli

    cli.survive_any_console()
    cli.parse(argv)  # help and mistyped commands need no environment: they end here
    try:
        python = find_python(ROOT)
    except SetupError as error:
        show("", last=True)  # below the progress, not behind it
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left half-made.", file=sys.stderr)
        return 130
    return run(python, argv)


def run(python: Path, argv: list[str]) -> int:
    """Run the real program and pass on its exit code, Ctrl-C and termination."""
    process = subprocess.Popen([str(python), "-m", "course.cli", *argv], env=child_env(python))
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        code = None
        while code is None:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                pass  # the program got the Ctrl-C too, and ends in its own way
    finally:
        signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else 128 - code


def child_env(python: Path) -> dict[str, str]:
    """This process's environment variables, without those that mix two Pythons up."""
    mixing = {"PYTHONHOME", "PYTHONPATH", "JUPYTER_PATH", "__PYVENV_LAUNCHER__"}
    env = {name: value for name, value in os.environ.items() if name not in mixing}
    env |= {"PYTHONUTF8": "1", "JUPYTER_PREFER_ENV_PATH": "1"}
    env["PATH"] = os.pathsep.join([str(python.parent), env.get("PATH", os.defpath)])
    return env


# --- Which environment ---------------------------------------------------------------------------


def find_python(root: Path) -> Path:
    """The interpreter to run the course with; makes or mends ``.venv`` if there is no other."""
    venv = root / ".venv"
    if stamp_of(venv) == stamp_for(root, venv) and python_of(venv).exists():
        return python_of(venv)
    if inside_an_environment() and Path(sys.prefix) != venv and satisfies(root):
        return Path(sys.executable)
    with one_at_a_time(root):
        if stamp_of(venv) != stamp_for(root, venv):
            set_up(root, venv)
    return python_of(venv)


def inside_an_environment() -> bool:
    """Whether this interpreter is a virtual or conda environment's, not the machine's own."""
    if sys.prefix != sys.base_prefix:
        return True
    prefix = Path(sys.prefix)
    return (prefix / "conda-meta").is_dir() and not (prefix / "condabin").is_dir()


def satisfies(root: Path) -> bool:
    """Whether this environment has crmlib from this folder and all that pyproject.toml names."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        from packaging.requirements import Requirement

        source = importlib.metadata.distribution("crmlib").read_text("direct_url.json")
        if folder_of(json.loads(source or "{}").get("url", "")) != root:
            return False
        for text in project["dependencies"] + project["optional-dependencies"]["course"]:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate():
                have = importlib.metadata.version(need.name)
                if not need.specifier.contains(have, prereleases=True):
                    return False
    except (ImportError, ValueError):  # a missing package is an ImportError
        return False
    return True


def folder_of(url: str) -> Path | None:
    """The folder that a file: URL names."""
    parts = urlparse(url)
    return Path(url2pathname(unquote(parts.path))).resolve() if parts.scheme == "file" else None


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def stamp_for(root: Path, venv: Path) -> dict[str, str]:
    """What a finished environment is stamped with: where it works, and what it was made from."""
    pins = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        pins.update((root / name).read_bytes().replace(b"\r\n", b"\n"))
    return {
        "folder": str(root),
        "python": os.path.realpath(python_of(venv)),
        "pins": pins.hexdigest(),
    }


def stamp_of(venv: Path) -> dict[str, str]:
    """The stamp on an environment; empty if it has none or is unfinished."""
    if (venv / UNFINISHED).exists():
        return {}
    try:
        return json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


@contextmanager
def one_at_a_time(root: Path):
    """Let only one process set up; another one waits here and then finds all ready."""
    try:
        (root / "build").mkdir(exist_ok=True)
        lock = open(root / "build" / "setup.lock", "a+b")
    except OSError as error:
        raise SetupError(trouble_with_files(error, root)) from error
    with lock:
        while not try_lock(lock):
            show("Waiting for another run of the course that is setting up ...")
            time.sleep(1)
        yield  # closing the file gives the lock back, also after a crash


def try_lock(file) -> bool:
    """Take the lock on an open file if nobody has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# --- Making it -----------------------------------------------------------------------------------


def set_up(root: Path, venv: Path) -> None:
    """Make ``.venv``, or bring it up to date; leave it stamped, or as it was, or not there."""
    started = time.monotonic()
    stamp, wanted = stamp_of(venv), stamp_for(root, venv)
    moved = bool(stamp) and any(stamp[key] != wanted[key] for key in ("folder", "python"))
    try:
        if (venv / UNFINISHED).exists() or moved:
            print("The environment in .venv is unfinished or was moved; making it anew.")
            shutil.rmtree(venv)
        new = not venv.exists()
        if new:
            make(root, venv)
    except OSError as error:
        raise SetupError(trouble_with_files(error, venv)) from error
    try:
        if not python_of(venv).exists():
            raise SetupError(
                "The folder .venv here is no environment that works, and it is not the course's "
                "own: delete or rename it, then run the command again."
            )
        install(root, python_of(venv))
        (venv / STAMP).write_text(json.dumps(stamp_for(root, venv)), encoding="utf-8")
        (venv / UNFINISHED).unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(trouble_with_files(error, venv)) from error
    finally:
        if new and (venv / UNFINISHED).exists():
            shutil.rmtree(venv, ignore_errors=True)
    show(f"The environment is ready, after {time.monotonic() - started:.0f} s.", last=True)


def make(root: Path, venv: Path) -> None:
    """Make an empty environment, marked as unfinished until everything is in it."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"This Python has no {missing[0]} module, which makes environments: on Debian or "
            "Ubuntu run 'sudo apt install python3-venv'; elsewhere use the Python of python.org."
        )
    free = shutil.disk_usage(root).free
    if free < NEEDED:
        raise SetupError(
            f"The disk has {free / 1e9:.1f} GB free, and the environment needs about "
            f"{NEEDED / 1e9:.0f} GB: free some space, then run the command again."
        )
    print(f"First run: making an environment in {venv} (once; a few minutes).", flush=True)
    venv.mkdir()
    (venv / UNFINISHED).touch()
    # An environment that is itself in use cannot make another one on every system.
    python = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run(
        [python, "-m", "venv", str(venv)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=child_env(Path(python)),
    )
    if made.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError(explain(made.stdout + made.stderr, "Making the environment failed"))


def install(root: Path, python: Path) -> None:
    """Install crmlib and the pinned versions with pip, showing how far it is."""
    total = len((root / "constraints.txt").read_text(encoding="utf-8").split())
    command = [str(python), "-m", "pip", "install", "--no-user", "--no-input", "--no-color"]
    command += ["--disable-pip-version-check", "--progress-bar=off"]
    process = subprocess.Popen(
        [*command, "-c", "constraints.txt", "-e", ".[course]"],
        cwd=root,
        env=child_env(python),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    output, found = [], 0
    try:
        for line in process.stdout:
            output.append(line)
            if line.startswith(("Collecting ", "Processing ", "Requirement already")):
                found += 1
                show(f"Fetching packages: {min(found, total)} of about {total}", step=found % 25)
            elif line.startswith("Installing collected packages"):
                show("Installing the packages; this takes a minute or two ...")
        code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if code:
        (root / "build" / "setup.log").write_text("".join(output), encoding="utf-8")
        reason = explain("".join(output), "Installing the packages failed")
        raise SetupError(f"{reason} (All that pip said is in build/setup.log.)")


def explain(output: str, what: str) -> str:
    """One sentence for what a failed tool printed."""
    for signs, sentence in PIP_TROUBLES.items():
        if any(sign in output for sign in signs):
            return sentence
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    reason = (errors or lines or ["it gave no reason"])[-1]
    return f"{what}: {reason}"


def trouble_with_files(error: OSError, path: Path) -> str:
    """One sentence for a file that cannot be made, changed or deleted."""
    if explain(str(error), "") == PIP_TROUBLES[next(iter(PIP_TROUBLES))]:
        return explain(str(error), "")
    return (
        f"The course cannot write in {path} ({error.strerror or error}): move it to a folder "
        "where you may write and nothing else holds files open, then run the command again."
    )


def show(text: str, *, step: int = 0, last: bool = False) -> None:
    """Show progress: on one line that changes in a terminal, else now and then on a new line."""
    if sys.stdout.isatty():
        print(f"\r{text:<78}", end="\n" if last else "", flush=True)
    elif text and step == 0:
        print(text, flush=True)
