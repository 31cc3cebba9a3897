"""What is in this table, and may I use it? The data card of a table, readable at a glance.

The cards follow the Data Package standard (https://datapackage.org); every folder of tables has
one in datapackage.json.
"""

from dataclasses import dataclass
from html import escape

import pandas as pd

from .loading import find, read_card


@dataclass(frozen=True)
class Card:
    """The data card of one table.

    Attributes
    ----------
    name, title, title_zh, description, description_zh : str
        What the table is called and what a row of it is, in English and Chinese.
    rows : int
        How many rows it has.
    fields : pandas.DataFrame
        One row a column: ``column``, ``type``, ``unit``, ``description``, ``description_zh``,
        ``limits``.
    licence, source : str
        Under which terms it may be passed on, and where it comes from.
    """

    name: str
    title: str
    title_zh: str
    description: str
    description_zh: str
    rows: int
    fields: pd.DataFrame
    licence: str
    source: str

    def __repr__(self) -> str:
        width = max(self.fields["column"].str.len())
        lines = [
            f"{self.name}: {self.title} · {self.title_zh} ({self.rows:,} rows)",
            self.description,
            *(
                f"  {row.column:<{width}}  {row.type:<8}  {row.description}"
                + (f" [{row.unit}]" if row.unit else "")
                for row in self.fields.itertuples()
            ),
            f"Licence: {self.licence}",
            f"Source: {self.source}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>{escape(self.name)}: {escape(self.title)} · {escape(self.title_zh)}"
            f"</strong> ({self.rows:,} rows)</p>"
            f"<p>{escape(self.description)}<br>{escape(self.description_zh)}</p>"
            f"{self.fields.to_html(index=False, border=0)}"
            f"<p>Licence: {escape(self.licence)}<br>Source: {escape(self.source)}</p>"
        )


def describe(name: str) -> Card:
    """The data card of a table.

    Parameters
    ----------
    name : str
        A table's name, as `list_tables` gives it.

    Returns
    -------
    Card
        Prints as a readable page; its ``fields`` are a table.

    Raises
    ------
    KeyError
        If there is no such table.

    Examples
    --------
    >>> describe("products").fields["column"].tolist()
    ['product_id', 'name', 'name_zh', 'category', 'list_price', 'unit_cost']
    """
    folder, resource = find(name)
    package = read_card(folder)
    return Card(
        name=resource["name"],
        title=resource["title"],
        title_zh=resource["title_zh"],
        description=resource["description"],
        description_zh=resource["description_zh"],
        rows=resource["rows"],
        fields=_fields(resource["schema"]["fields"]),
        licence="; ".join(licence["title"] for licence in package.get("licenses", []))
        or package["rights"],
        source="; ".join(source["title"] for source in package["sources"]),
    )


def _fields(fields: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": [field["name"] for field in fields],
            "type": [field["type"] for field in fields],
            "unit": [field.get("unit", "") for field in fields],
            "description": [field["description"] for field in fields],
            "description_zh": [field["description_zh"] for field in fields],
            "limits": [_limits(field.get("constraints", {})) for field in fields],
        }
    )


def _limits(constraints: dict) -> str:
    """The limits of a column in words."""
    words = []
    if constraints.get("required"):
        words.append("never missing")
    if constraints.get("unique"):
        words.append("unique")
    if "minimum" in constraints:
        words.append(f"at least {constraints['minimum']}")
    if "maximum" in constraints:
        words.append(f"at most {constraints['maximum']}")
    if "enum" in constraints:
        words.append("one of " + ", ".join(map(str, constraints["enum"])))
    return "; ".join(words)
