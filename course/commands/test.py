"""``test``: every test of the project, in parallel."""

from __future__ import annotations

import subprocess
import sys

from course.modules import ROOT


def test(options: list[str]) -> int:
    """Run pytest with ``options`` on top of the project's own; return its exit code."""
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadgroup", *options]
    return subprocess.run(command, cwd=ROOT).returncode
