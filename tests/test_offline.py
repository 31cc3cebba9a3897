"""With the network off, everything but the installation works."""

import subprocess
import sys
from pathlib import Path

import pytest

from course.modules import ROOT, read

OFFLINE = str(Path(__file__).parent / "offline.py")


def offline(*command):
    return subprocess.run(
        [sys.executable, OFFLINE, sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_network_is_really_off_in_these_tests():
    done = offline("-c", "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)")
    assert done.returncode != 0
    done = offline("-c", "import socket; socket.getaddrinfo('example.org', 80)")
    assert done.returncode != 0


@pytest.mark.parametrize(
    "command",
    [
        ["data", "--check"],
        ["lab", "--copy-only", "--folder", "OUT"],
        ["site", "--output", "OUT"],
        ["release", "--output", "OUT"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_needs_no_network(command, tmp_path):
    line = [str(tmp_path / "out") if part == "OUT" else part for part in command]
    done = offline("-m", "course", *line)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_build_needs_no_network(tmp_path):
    text = Path(__file__).parent / "texts" / "00-tiny.md"
    code = (
        "from pathlib import Path; from course.build import make; "
        f"make('00-tiny', Path({str(tmp_path)!r}), text=Path({str(text)!r}))"
    )
    done = offline("-c", code)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "notebooks" / "00-tiny" / "00-tiny.ipynb").exists()


def test_grading_needs_no_network(tmp_path):
    from course.demo import make_class

    text = read("02")
    make_class(text, tmp_path)
    command = ["-m", "course", "grade", "02", "--class", str(tmp_path), "--student", "chen"]
    done = offline(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "feedback" / "chen" / text.id / f"{text.id}.html").exists()
