"""How does a column of a CSV file become a column of a DataFrame? By its type in the data card.

The types are those of the Data Package standard (https://datapackage.org/standard/table-schema/).
"""

from pathlib import Path

import pandas as pd

DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S"
DATE_FORMAT = "%Y-%m-%d"
MOMENT = "datetime64[ns]"
PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
# pandas 3 has a type for text; before, text was kept as Python objects.
TEXT = "str" if PANDAS >= (3, 0) else "object"
# From pandas 3.1 on, numbers are always read exactly.
EXACT = {} if PANDAS >= (3, 1) else {"float_precision": "round_trip"}


def read_csv(path: Path, fields: list[dict]) -> pd.DataFrame:
    """Read a table whose columns are exactly ``fields`` (those of its card), in their types."""
    text = pd.read_csv(
        path,
        dtype={field["name"]: _raw_type(field) for field in fields},
        keep_default_na=False,  # a customer may be called "NA"
        na_values=[""],
        encoding="utf-8",
        **EXACT,
    )
    return typed(text, fields)


def typed(table: pd.DataFrame, fields: list[dict]) -> pd.DataFrame:
    """The columns named by ``fields``, in that order and in their types."""
    names = [field["name"] for field in fields]
    if list(table.columns) != names:
        raise ValueError(
            f"the table has the columns {list(table.columns)}, its card describes {names}; "
            f"bring the two in line (remake the data with: python3 -m course data)"
        )
    return pd.DataFrame({field["name"]: _column(table[field["name"]], field) for field in fields})


def _column(values: pd.Series, field: dict) -> pd.Series:
    kind = field["type"]
    if kind in ("date", "datetime"):
        layout = DATE_FORMAT if kind == "date" else DATETIME_FORMAT
        if not pd.api.types.is_datetime64_any_dtype(values.dtype):
            values = pd.to_datetime(values, format=layout)
        return values.astype(MOMENT)
    if kind == "string":
        return values.astype(TEXT).where(values.notna())  # one kind of missing text: NaN
    return values.astype(_raw_type(field))


def _raw_type(field: dict) -> object:
    needed = field.get("constraints", {}).get("required", False)
    return {
        "string": TEXT,
        "integer": "int64" if needed else "Int64",
        "number": "float64",
        "boolean": "bool" if needed else "boolean",
        "date": object,
        "datetime": object,
    }[field["type"]]
