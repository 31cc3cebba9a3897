"""The data cards (datapackage.json) of the company's and the real tables.

The Data Package standard (https://datapackage.org), with every text in English and Chinese.
"""

from __future__ import annotations

import hashlib
import json

from .schema import Column, Table

COMPANY_CARD = {
    "name": "lanternleaf",
    "title": "Lanternleaf Tea",
    "title_zh": "灯叶茶业",
    "description": "Tables of a fictional tea company, made by a program for this course. No "
    "person in them is real. They hold a sample of the members, 2023 to 2025; today is the morning "
    "of 1 January 2026. Money is in yuan (CNY).",
    "description_zh": "由本课程的程序生成的一家虚构茶企的数据，其中没有真实人物。"
    "数据为 2023 至 2025 年的会员样本，“今天”指 2026 年 1 月 1 日早晨。金额单位为元（人民币）。",
    "licenses": [
        {
            "name": "CC-BY-4.0",
            "title": "Creative Commons Attribution 4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ],
    "sources": [{"title": "Made by the course's generator (course/company)"}],
}


def card_fields(table: Table) -> list[dict]:
    """The columns of a table as the fields of its card."""
    return [_field(column) for column in table.columns]


def _field(column: Column) -> dict:
    field = {"name": column.name, "type": column.type}
    if column.type == "datetime":
        field["format"] = "%Y-%m-%d %H:%M:%S"
    field["description"] = column.en
    field["description_zh"] = column.zh
    if column.unit:
        field["unit"] = column.unit
    if column.constraints:
        field["constraints"] = column.constraints
    return field


def resource(table: Table, content: bytes) -> dict:
    """The card's entry for a table whose file holds `content`."""
    schema: dict = {"fields": card_fields(table), "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.links:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": other, "fields": [their_column]}}
            for column, (other, their_column) in table.links.items()
        ]
    return {
        "name": table.name,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "title": table.title,
        "title_zh": table.title_zh,
        "description": table.en,
        "description_zh": table.zh,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": content.count(b"\n") - 1,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def card(about: dict, files: list[tuple[Table, bytes]]) -> bytes:
    """The whole datapackage.json of a folder."""
    package = {
        "profile": "tabular-data-package",
        **about,
        "resources": [resource(table, content) for table, content in files],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
