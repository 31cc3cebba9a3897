"""Load a table by its name, wherever the notebook runs.

Tables lie in folders, each with its data card (datapackage.json). Looked for in the folder that
the environment variable CRMLIB_DATA names, else in the installed package, else in the repository.
"""

import difflib
import json
import os
from functools import lru_cache
from pathlib import Path

import pandas as pd

from .columns import read_csv

PACKAGED = Path(__file__).parent / "datasets"
REPOSITORY = Path(__file__).parents[2] / "datasets"
CARD = "datapackage.json"


def data_folder() -> Path:
    """The folder the tables are read from.

    Returns
    -------
    pathlib.Path
        The folder named by the environment variable ``CRMLIB_DATA`` if it is set, else the one
        inside the installed package, else ``datasets/`` of the repository.

    Raises
    ------
    FileNotFoundError
        If that folder doesn't exist or holds no data card.

    Examples
    --------
    >>> data_folder().name
    'datasets'
    """
    chosen = os.environ.get("CRMLIB_DATA")
    places = [Path(chosen)] if chosen else [PACKAGED, REPOSITORY]
    for place in places:
        if any(place.glob(f"*/{CARD}")):
            return place
    if chosen:
        raise FileNotFoundError(
            f"CRMLIB_DATA names {chosen!r}, where there is no folder with a {CARD}; "
            f"point it to a folder laid out like datasets/, or unset it to use the course's tables"
        )
    raise FileNotFoundError(
        f"the course's tables are not installed with crmlib (looked in {PACKAGED} and "
        f"{REPOSITORY}); install crmlib again, or remake them with: python3 -m course data"
    )


def list_tables() -> list[str]:
    """The names of all tables that `load` knows.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> "orders" in list_tables()
    True
    """
    return sorted(_resources(data_folder()))


def load(name: str) -> pd.DataFrame:
    """Load one table.

    Parameters
    ----------
    name : str
        Such as ``"orders"``; `list_tables` names them all, `describe` says what is in one.

    Returns
    -------
    pandas.DataFrame
        A fresh copy, columns in the types of the table's data card: text as str, days and moments
        as datetime64, money in yuan (CNY; dollars in ``cdnow``) as float. Change it as you like.

    Raises
    ------
    KeyError
        If there is no such table.
    FileNotFoundError
        If the tables, or this table's file, can't be found.

    Examples
    --------
    >>> load("cdnow").columns.tolist()
    ['customer_id', 'order_date', 'quantity', 'amount']
    """
    folder, resource = find(name)
    path = folder / resource["path"]
    if not path.is_file():
        raise FileNotFoundError(
            f"the table {name!r} should lie at {path}, but there is no such file; "
            f"remake the tables with: python3 -m course data"
        )
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size, json.dumps(resource["schema"])).copy()


class Tables:
    """Every table as an attribute: ``tables.orders`` is ``load("orders")``.

    Each access gives a fresh copy, so that changing one never changes the next.

    Examples
    --------
    >>> tables.products.shape
    (20, 6)
    """

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):  # asked for by Python and Jupyter, never a table
            raise AttributeError(name)
        try:
            return load(name)
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __dir__(self) -> list[str]:
        return list_tables()

    def __repr__(self) -> str:
        return f"tables: {', '.join(list_tables())}"


tables = Tables()


def find(name: str) -> tuple[Path, dict]:
    """The folder a table lies in and its entry in that folder's data card."""
    resources = _resources(data_folder())
    if name not in resources:
        close = difflib.get_close_matches(str(name), resources, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise Missing(f"no table {name!r}; {hint}the tables are: {', '.join(sorted(resources))}")
    return resources[name]


class Missing(KeyError):
    """A KeyError that shows its sentence as it is, without quotes."""

    def __str__(self) -> str:
        return self.args[0]


def _resources(folder: Path) -> dict[str, tuple[Path, dict]]:
    found = {}
    for card in sorted(folder.glob(f"*/{CARD}")):
        for resource in read_card(card.parent)["resources"]:
            found[resource["name"]] = (card.parent, resource)
    return found


def read_card(folder: Path) -> dict:
    """The data card of one folder."""
    path = folder / CARD
    return _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _parse(path: Path, _changed: int) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


# The time and size of the file are part of the key, so that a remade file is read again.
@lru_cache(maxsize=64)
def _read(path: Path, _changed: int, _size: int, schema: str) -> pd.DataFrame:
    return read_csv(path, json.loads(schema)["fields"])
