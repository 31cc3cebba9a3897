"""Does ``import crmlib`` cost next to nothing? It must not pay for what a lesson does not use."""

import subprocess
import sys
import time

from benchmarks.measuring import Result


def run(repeats: int = 9) -> list[Result]:
    """Seconds that ``import crmlib`` adds to starting bare Python (quickest of several starts)."""
    bare, ours = [], []
    for _ in range(repeats):  # in turns, so that both see the same moments of a busy machine
        bare.append(_seconds("pass"))
        ours.append(_seconds("import crmlib"))
    return [
        Result("bare Python", min(bare), "s"),
        Result("import crmlib above bare Python", min(ours) - min(bare), "s", 0.15),
    ]


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start
