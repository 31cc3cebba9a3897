"""How long does an author wait for a build, and a newcomer for the demo?"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import Result
from course.modules import ROOT


def run() -> list[Result]:
    """Seconds of `build` with nothing changed, of module 02 made anew, and of `demo`."""
    _course("build")  # whatever had changed is made now, so that the next one finds nothing
    nothing = _course("build")
    with tempfile.TemporaryDirectory() as folder:
        cold = _python(
            f"from pathlib import Path; from course.build import make; "
            f"make('02-identification', Path({str(Path(folder) / 'made')!r}))"
        )
    return [
        Result("build, nothing changed", nothing, "s", 3),
        Result("build of module 02, cold", cold, "s", 60),
        Result("demo", _course("demo"), "s", 180),
    ]


def _course(*command: str) -> float:
    return _timed([sys.executable, "-m", "course", *command])


def _python(code: str) -> float:
    return _timed([sys.executable, "-c", code])


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
