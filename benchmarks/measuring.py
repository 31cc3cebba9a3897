"""How long does it take and how much memory does it need, each contestant in a fresh process?

A child process prepares its data, then works while the parent watches its memory from outside, so
that neither another contestant's leftovers nor Python's lock disturbs the reading.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """One line of the printed table: a value that must not exceed its limit."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value <= self.limit


@dataclass(frozen=True)
class Measured:
    """Seconds of the quickest repeat, megabytes above the start at the peak, and the answer."""

    seconds: float
    peak_mb: float
    answer: object


def better(one: Measured, other: Measured) -> Measured:
    """The quicker time and the lower peak of two measurements of the same work."""
    return Measured(min(one.seconds, other.seconds), min(one.peak_mb, other.peak_mb), one.answer)


def measure(
    prepare: Callable[[], object], work: Callable[[object], object], *, repeats: int = 2
) -> Measured:
    """Run ``work(prepare())`` in a fresh process; only ``work`` is measured."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs, prepare, work, repeats))
    child.start()
    theirs.close()
    try:
        _expect(ours, child)  # prepared
        watched = psutil.Process(child.pid)
        before = peak = watched.memory_info().rss
        ours.send("start")
        while not ours.poll(0.002):
            peak = max(peak, watched.memory_info().rss)
        seconds, answer = _expect(ours, child)
    finally:
        ours.close()
        child.join()
    return Measured(seconds, (peak - before) / MEGABYTE, answer)


def _in_child(pipe, prepare, work, repeats: int) -> None:
    data = prepare()
    pipe.send("ready")
    pipe.recv()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work(data)
        seconds.append(time.perf_counter() - start)
    pipe.send((min(seconds), answer))


def _expect(pipe, child):
    try:
        return pipe.recv()
    except EOFError as error:
        raise RuntimeError(
            f"a benchmark's process ended early, exit code {child.exitcode}"
        ) from error
