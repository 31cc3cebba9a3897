"""The data page: every table and column, from the data cards in ``datasets/``."""

from __future__ import annotations

import json
from pathlib import Path

INTRODUCTION = """\
# Data · 数据

Every table has a card in the [Data Package](https://specs.frictionlessdata.io/data-package/)
standard beside it; this page is made from the cards. In Python, `crmlib.data.tables.orders` loads
a table and `crmlib.data.describe("orders")` shows its card.
"""


def data_page(datasets: Path) -> str:
    """The page in MyST Markdown, from each ``datapackage.json`` below ``datasets``."""
    cards = [json.loads(path.read_text("utf-8")) for path in _cards(datasets)]
    return "\n\n".join([INTRODUCTION, *(_package(card) for card in cards)]) + "\n"


def _cards(datasets: Path) -> list[Path]:
    """The company's own first, then the real sets."""
    paths = sorted(datasets.glob("*/datapackage.json"))
    return sorted(paths, key=lambda path: path.parent.name != "lanternleaf")


def _package(card: dict) -> str:
    terms = " ".join(
        [f"[{item['title']}]({item['path']})." for item in card.get("licenses", [])]
        + [card[key] for key in ("rights", "rights_zh") if card.get(key)]
    )
    sources = [
        f"- {item['title']}" + (f": <{item['path']}>" if item.get("path") else "")
        for item in card.get("sources", [])
    ]
    parts = [
        f"## {_both(card, 'title')}",
        _both(card, "description", between="\n\n"),
        f"**Terms.** {terms}" if terms else "",
        "**Source**\n\n" + "\n".join(sources) if sources else "",
        *(_table(resource) for resource in card["resources"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _both(card: dict, key: str, between: str = " · ") -> str:
    """A text in both languages."""
    texts = dict.fromkeys([card.get(key, ""), card.get(f"{key}_zh", "")])
    return between.join(text for text in texts if text)


def _table(resource: dict) -> str:
    rows = f"{resource['rows']:,} rows" if "rows" in resource else ""
    parts = [
        f"### `{resource['name']}` · {_both(resource, 'title')}",
        _both(resource, "description", between="\n\n"),
        f"{rows}, {resource['bytes'] / 1e6:.2f} MB." if "bytes" in resource else rows,
        *(_column(field) for field in resource["schema"]["fields"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _column(field: dict) -> str:
    """A column as an entry of a definition list, which reads well on any width."""
    unit = f", in {field['unit']}" if field.get("unit") else ""
    lines = [_both(field, "description", between=" "), _values(field)]
    text = "\\\n  ".join(line for line in lines if line)
    return f"`{field['name']}` ({field['type']}{unit})\n: {text}"


def _values(field: dict) -> str:
    """Which values may stand in a column."""
    rules = field.get("constraints", {})
    if "enum" in rules:
        return ", ".join(f"`{value}`" for value in rules["enum"])
    low, high = rules.get("minimum"), rules.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return "" if high is None else f"at most {high}"
