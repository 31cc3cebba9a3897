"""Write a company to CSV files with their data card, and remake or check `datasets/`.

A folder is made whole beside its place and then put there, so nothing half-written is ever left.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from course.folders import put_in_place
from crmlib.data.columns import DATE_FORMAT, DATETIME_FORMAT

from .cards import COMPANY_CARD, card
from .cdnow import copy_cdnow
from .draw import PUBLIC_SEED, Company, make
from .schema import SCHEMA, TABLES, Table
from .world import World

FOLDERS = ("cdnow", "lanternleaf")  # of datasets/, all made here


def to_csv(data: pd.DataFrame, table: Table) -> bytes:
    """A table as the bytes of its CSV file: UTF-8, one line end, days and moments in ISO form."""
    data = data.copy()
    for column in table.columns:
        if column.type in ("date", "datetime"):
            layout = DATE_FORMAT if column.type == "date" else DATETIME_FORMAT
            data[column.name] = data[column.name].dt.strftime(layout)
    return data.to_csv(index=False, lineterminator="\n").encode("utf-8")


def write(company: Company, folder: str | Path, *, truth: bool = False) -> None:
    """Write a company's tables to ``folder/lanternleaf``, laid out like ``datasets/``.

    Parameters
    ----------
    company : Company
        From `draw`.
    folder : str or Path
        Made if it doesn't exist. Files already there are replaced.
    truth : bool
        Also write the truth, to ``folder/truth``.
    """
    folder = Path(folder)
    files = [(SCHEMA[name], to_csv(data, SCHEMA[name])) for name, data in company.tables.items()]
    write_package(folder / "lanternleaf", COMPANY_CARD, files)
    if truth:
        (folder / "truth").mkdir(parents=True, exist_ok=True)
        for name, data in company.truth.items():
            (folder / "truth" / f"{name}.csv").write_bytes(to_csv(data, SCHEMA[name]))


def write_package(folder: Path, about: dict, files: list[tuple[Table, bytes]]) -> None:
    """Write the files of one folder, and its card."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, content in files:
        (folder / f"{table.name}.csv").write_bytes(content)
    (folder / "datapackage.json").write_bytes(card(about, files))


def make_datasets(root: str | Path, *, progress: bool = True) -> None:
    """Remake ``root/datasets`` from the public seed; the same bytes each time.

    Parameters
    ----------
    root : str or Path
        The repository's folder. Its ``datasets/cdnow/cdnow.csv`` is kept (it can't be made).
    progress : bool
        Show a progress bar on a terminal.

    Raises
    ------
    CourseError
        If CDNOW's file is missing or damaged. Nothing is changed then.
    """
    datasets = Path(root) / "datasets"
    datasets.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        _remake(datasets, fresh, progress=progress)
        for name in FOLDERS:
            put_in_place(fresh / name, datasets / name)


def check_datasets(root: str | Path) -> list[str]:
    """Which files of ``root/datasets`` differ from a remake (missing and extra ones too)?

    Parameters
    ----------
    root : str or Path
        The repository's folder.

    Returns
    -------
    list of str
        Paths relative to ``root``, with forward slashes; empty if all is in line.

    Raises
    ------
    CourseError
        If CDNOW's file is missing or damaged: it can't be remade, so there is no telling.
    """
    datasets = Path(root) / "datasets"
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        _remake(datasets, fresh, progress=False)
        differing = []
        for name in FOLDERS:
            names = {path.name for path in [*_files(fresh / name), *_files(datasets / name)]}
            for file in sorted(names):
                if _bytes(fresh / name / file) != _bytes(datasets / name / file):
                    differing.append(f"datasets/{name}/{file}")
    return differing


def _remake(datasets: Path, fresh: Path, *, progress: bool) -> None:
    world = World(seed=PUBLIC_SEED)
    tables = [table for table in TABLES if not table.truth]
    files = []
    for table in _shown(tables, progress):
        files.append((table, to_csv(make(table, world), table)))
    write_package(fresh / "lanternleaf", COMPANY_CARD, files)
    copy_cdnow(datasets / "cdnow", fresh / "cdnow")


def _shown(tables: list[Table], progress: bool) -> Iterable[Table]:
    """The tables, with a bar on the terminal while they are worked through."""
    if not progress:
        return tables
    from rich.progress import track

    return track(tables, description="Making the tables of Lanternleaf")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
