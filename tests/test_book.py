"""The pages around the modules say what the course's own texts, tables and code say."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from course.modules import ROOT, list_modules, read, read_file
from course.site.datasets import data_page
from course.site.reference import reference_pages
from course.site.syllabus import syllabus_page

BOOK = ROOT / "course" / "book"
GLOSSARY = (BOOK / "glossary.md").read_text(encoding="utf-8")
CLAIMS = (BOOK / "claims.md").read_text(encoding="utf-8")
IN_ONE_LINE = " ".join(CLAIMS.split())
TINY = ROOT / "tests" / "texts" / "00-tiny.md"


# --- Syllabus -------------------------------------------------------------------------------------


def test_the_syllabus_counts_minutes_exercises_and_points_from_the_text():
    page = syllabus_page([read_file(TINY)])
    assert "| [00 A tiny module](modules/00-tiny.ipynb) · 小模块 | 5 | 6 | 20 |" in page
    assert "| Exercise 0.1 · A function | the check | 4 |" in page
    assert "| Exercise 0.6 · A text | a person | 3 |" in page


def test_the_syllabus_lists_exercises_in_the_order_of_the_text():
    page = syllabus_page([read_file(TINY)])
    assert re.findall(r"Exercise 0\.(\d)", page) == list("123456")


@pytest.mark.parametrize("name", list_modules())
def test_every_module_is_in_the_syllabus(name):
    module = read(name)
    page = syllabus_page([module])
    tasks = [*module.exercises.values(), *module.written.values()]
    assert all(task.title in page for task in tasks)
    assert f"| **{module.points:g}** |" in page


# --- Data and reference ---------------------------------------------------------------------------


def test_the_data_page_describes_every_column_of_every_table():
    page = data_page(ROOT / "datasets")
    for path in (ROOT / "datasets").glob("*/datapackage.json"):
        for resource in json.loads(path.read_text(encoding="utf-8"))["resources"]:
            part = page.split(f"### `{resource['name']}` ", 1)[1].split("\n### ", 1)[0]
            for field in resource["schema"]["fields"]:
                assert f"`{field['name']}` (" in part and field["description"] in part


def test_the_data_page_states_each_sets_terms_and_source():
    page = data_page(ROOT / "datasets")
    assert page.count("**Terms.**") == len(list((ROOT / "datasets").glob("*/datapackage.json")))
    assert "not spelled out" in page and "brucehardie.com" in page


def test_every_public_part_of_crmlib_has_a_reference_page():
    import crmlib

    names = {f"{name}.md" for name in crmlib.__all__}
    pages = reference_pages()
    assert names <= set(pages)
    assert all(importlib.import_module(f"crmlib.{n}").__doc__ for n in crmlib.__all__)
    assert all(f"]({name})" in pages["index.md"] for name in names)


# --- Glossary -------------------------------------------------------------------------------------


def terms() -> list[str]:
    blocks = re.findall(r"```\{glossary\}\n(.*?)```", GLOSSARY, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and line[0] != " "]


def test_every_term_has_a_chinese_partner():
    assert len(terms()) >= 60
    assert [t for t in terms() if not re.search(r" · .*[\u4e00-\u9fff]", t)] == []


def test_no_term_is_listed_twice():
    assert len(set(terms())) == len(terms())


@pytest.mark.parametrize(
    "pair",
    [
        "customer effort score (CES) · 客户费力度",
        "detractor · 贬损者",
        "suspect · 可能客户",
        "prospect · 潜在客户",
        "engagement · 参与度",
        "private-domain community · 私域",
    ],
)
def test_the_pairs_that_are_often_confused_are_right(pair):
    assert pair in terms()


def test_the_mistranslations_are_named_as_such():
    note = GLOSSARY.split("## Customers", 1)[0]
    assert "猜忌" in note and "盼望" in note and "mistranslations" in note


# --- Claims ---------------------------------------------------------------------------------------


def entries() -> dict[str, str]:
    parts = re.split(r"^### ", CLAIMS.split("## Numbers from nowhere")[0], flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts}


@pytest.mark.parametrize("claim", entries())
def test_every_claim_has_a_verdict_what_is_behind_it_and_a_test(claim):
    text = entries()[claim]
    assert claim.startswith('"'), "a claim is quoted, not stated"
    assert "**Verdict so far:**" in text and "**Test it.**" in text
    assert re.search(r"\*\*(Said|Origin|Measured)\.\*\*", text) or "read" in text
    assert "{module}`" in text


def test_every_source_listed_is_used_in_an_entry():
    text, listed = CLAIMS.split("## Sources", 1)
    sources = re.findall(r"^- (\w+),.*?\((\d{4})\)", listed, re.MULTILINE | re.DOTALL)
    assert len(sources) >= 15
    assert [
        s for s in sources if not re.search(rf"{s[0]}[^.]{{0,60}}{s[1]}", text, re.DOTALL)
    ] == []


def test_the_ledgers_share_of_cdnows_best_customers_is_measured():
    from crmlib.data import load
    from crmlib.value import heavy_half, revenue_concentration

    spent = load("cdnow").groupby("customer_id")["amount"].sum()
    share = revenue_concentration(spent, top=0.2).share
    assert f"it is {share:.0%} of revenue in 18 months".replace("%", " %") in IN_ONE_LINE
    half = f"brings {heavy_half(spent):.0%} of the revenue".replace("%", " %")
    assert half in IN_ONE_LINE


def test_the_ledgers_effect_of_five_points_of_retention_is_computed():
    from crmlib.value import margin_multiple

    for stay, gain in ((0.6, "11 % where 60 %"), (0.9, "33 % where 90 %")):
        before, after = (
            margin_multiple(rate, 0.10, first_payment=True) for rate in (stay, stay + 0.05)
        )
        assert f"{after / before - 1:.0%}".replace("%", " %") == gain[:4]
        assert gain in IN_ONE_LINE


def test_the_ledgers_growth_of_the_crm_market_is_computed():
    from crmlib.segments import cagr

    assert round(100 * cagr(18, 26.3, years=3), 1) == 13.5
    assert "which is 13.5 % a year" in IN_ONE_LINE


def test_no_page_promises_or_postpones():
    for path in BOOK.glob("*.md"):
        assert not re.search(r"TODO|coming soon|lorem", path.read_text(encoding="utf-8"), re.I)
