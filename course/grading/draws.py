"""A fresh draw of the company for one grading run: the tables as files, all else in memory.

The tables are handed to the students' notebooks. The seed, the truth and the reference's values
stay in the grader's process and are never written where a notebook could find them.
"""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from course.modules import ROOT, Module
from course.reference import records, run_variants
from crmlib.exercises.records import CHECKS_FILE, read_checks


@dataclass(frozen=True)
class Draw:
    """Tables in a folder laid out like ``datasets/``, and each exercise's record on them."""

    tables: Path
    records: dict[str, dict]
    holder: tempfile.TemporaryDirectory | None = field(default=None, repr=False)


def fresh_draw(module: Module) -> Draw:
    """Draw new tables from 128 random bits and run the module's answers on them.

    The folder is removed with the returned object.
    """
    holder = tempfile.TemporaryDirectory(prefix="course-tables-")
    tables = Path(holder.name)
    write_tables(tables, secrets.randbits(128))
    with tempfile.TemporaryDirectory(prefix="course-truth-") as truth:
        move_truth(tables, Path(truth))
        payloads = run_variants(module, tables, which="grading")
        known = records(module, payloads, Path(truth))
    return Draw(tables, known, holder)


def write_tables(folder: Path, seed: int) -> None:
    """Write one draw of every data set, and ``truth/``, to ``folder``."""
    from course.company import draw, redraw_real, write

    write(draw(seed), folder, truth=True)
    redraw_real(folder, seed)


def move_truth(tables: Path, truth: Path) -> None:
    """Take the truth out of the folder that students will be given."""
    for path in (tables / "truth").iterdir():
        path.rename(truth / path.name)
    (tables / "truth").rmdir()


def public_records(module: Module) -> dict[str, dict]:
    """The records on the public tables, as they lie beside the students' notebooks."""
    return read_checks(ROOT / "notebooks" / module.id / CHECKS_FILE)
