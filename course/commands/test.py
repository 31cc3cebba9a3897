"""``test``: every test of the project, in parallel."""

from __future__ import annotations

import subprocess
import sys

from course.modules import ROOT

# A file's tests stay together, so that what they share is made once.
PARALLEL = ["-n", "auto", "--dist", "loadfile"]
# crmlib is what others import: of all its lines and branches, so many must be tried.
COVERED = ["--cov=crmlib", "--cov-branch", "--cov-fail-under=95", "--cov-report="]


def test(options: list[str]) -> int:
    """Run pytest with ``options`` on top of the project's own; return its exit code.

    Without options, everything is tested and crmlib's coverage is held to its limit.
    """
    command = [sys.executable, "-m", "pytest", *PARALLEL, *(options or COVERED)]
    return subprocess.run(command, cwd=ROOT).returncode
