"""Loading: the right table, in the right types, from the right folder, with clear errors."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from course.company import PUBLIC_SEED, draw, write
from crmlib.data import data_folder, describe, list_tables, load, loading, tables
from crmlib.data.columns import typed

ROOT = Path(__file__).parents[1]
EVERY_TABLE = list_tables()


@pytest.fixture(scope="module")
def public():
    return draw(PUBLIC_SEED).tables


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small fresh draw that CRMLIB_DATA points to."""
    write(draw(3, scale=0.05), tmp_path)
    monkeypatch.setenv("CRMLIB_DATA", str(tmp_path))
    return tmp_path


# --- What comes back -----------------------------------------------------------------------------


def test_a_table_is_the_one_the_generator_drew(public):
    for name, table in public.items():
        pd.testing.assert_frame_equal(load(name), table)


def test_cdnow_comes_with_dates_and_dollars():
    cdnow = load("cdnow")
    assert list(cdnow.columns) == ["customer_id", "order_date", "quantity", "amount"]
    assert pd.api.types.is_datetime64_dtype(cdnow["order_date"])
    assert cdnow["amount"].dtype == "float64" and cdnow["quantity"].dtype == "int64"
    assert cdnow["customer_id"].iloc[0] == "00004"


def test_missing_years_of_birth_stay_whole_numbers():
    years = load("customers")["birth_year"]
    assert years.dtype == "Int64" and 200 < years.isna().sum() < 800


def test_blank_text_is_not_missing_text():
    email = load("customers_raw")["email"]
    assert email.isna().any() and email.dropna().str.strip().eq("").any()


def test_consent_is_true_or_false():
    assert load("customers")["consent_marketing"].dtype == bool


def test_changing_a_table_does_not_change_the_next_one():
    first = tables.products
    first.loc[:, "list_price"] = -1.0
    first["more"] = 1
    assert (tables.products["list_price"] > 0).all() and "more" not in tables.products


def test_every_table_is_an_attribute():
    for name in EVERY_TABLE:
        assert name in dir(tables)
        pd.testing.assert_frame_equal(getattr(tables, name), load(name))


def test_the_tables_show_their_names():
    assert repr(tables).startswith("tables: ") and "orders" in repr(tables)


def test_the_truth_cannot_be_loaded():
    assert not {"customer_segments", "call_value", "data_quality"} & set(EVERY_TABLE)


# --- Where it comes from -------------------------------------------------------------------------


def test_loading_needs_no_certain_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(load("products")) == 20


def test_the_environment_variable_goes_first(small):
    assert data_folder() == small
    assert len(load("customers")) == 300


def test_a_table_missing_in_the_chosen_folder_is_not_taken_from_elsewhere(small):
    with pytest.raises(KeyError, match="no table 'cdnow'"):
        load("cdnow")


def test_a_remade_file_is_read_again(small):
    before = load("customers")
    write(draw(4, scale=0.05), small)
    assert set(load("customers")["customer_id"]) != set(before["customer_id"])


def test_an_installed_package_carries_its_tables(tmp_path, monkeypatch):
    inside = tmp_path / "crmlib" / "data" / "datasets"
    shutil.copytree(ROOT / "datasets" / "cdnow", inside / "cdnow")
    monkeypatch.delenv("CRMLIB_DATA", raising=False)
    monkeypatch.setattr(loading, "PACKAGED", inside)
    assert data_folder() == inside and list_tables() == ["cdnow"]


def test_a_folder_without_tables_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CRMLIB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="CRMLIB_DATA names .*nowhere.*unset it"):
        load("orders")


def test_a_package_without_tables_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.delenv("CRMLIB_DATA", raising=False)
    monkeypatch.setattr(loading, "PACKAGED", tmp_path / "a")
    monkeypatch.setattr(loading, "REPOSITORY", tmp_path / "b")
    with pytest.raises(FileNotFoundError, match="python3 -m course data"):
        list_tables()


def test_loading_uses_no_network():
    """A process whose sockets are broken loads every table."""
    program = (
        "import socket\n"
        "def no(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = no\n"
        "from crmlib.data import list_tables, load\n"
        "print(sum(len(load(name)) for name in list_tables()))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100_000


# --- Errors --------------------------------------------------------------------------------------


def test_a_misspelled_table_gets_a_suggestion():
    with pytest.raises(KeyError, match="no table 'order'; did you mean 'orders'") as error:
        load("order")
    assert not str(error.value).startswith(("'", '"'))


def test_a_misspelled_attribute_gets_a_suggestion():
    with pytest.raises(AttributeError, match="did you mean 'customers'"):
        tables.custmers  # noqa: B018


def test_asking_for_pythons_own_attributes_is_no_lookup():
    assert not hasattr(tables, "_repr_html_")


def test_a_missing_file_is_named(small):
    (small / "lanternleaf" / "market.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"market\.csv"):
        load("market")


def test_columns_that_differ_from_the_card_are_named():
    fields = [{"name": "id", "type": "string"}, {"name": "age", "type": "integer"}]
    with pytest.raises(ValueError, match=r"\['id'\].*\['id', 'age'\]"):
        typed(pd.DataFrame({"id": ["a"]}), fields)


# --- The data card -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_TABLE)
def test_the_card_describes_every_column(name):
    card = describe(name)
    table = load(name)
    assert card.fields["column"].tolist() == list(table.columns)
    assert card.rows == len(table)
    assert (card.fields[["description", "description_zh"]] != "").all(axis=None)
    assert card.licence and card.source


def test_a_card_prints_its_columns_units_and_terms():
    text = repr(describe("orders"))
    assert "margin" in text and "[CNY]" in text and "Creative Commons" in text


def test_a_card_in_a_notebook_has_both_languages():
    html = describe("orders")._repr_html_()
    assert "订单" in html and "Orders and refunds" in html and "one of sale, refund" in html


def test_cdnows_card_says_that_its_terms_are_not_spelled_out():
    assert "not spelled out" in describe("cdnow").licence


def test_an_unknown_card_is_an_unknown_table():
    with pytest.raises(KeyError, match="no table 'nothing'"):
        describe("nothing")


def test_the_cards_name_no_machine_and_no_seed():
    for path in (ROOT / "datasets").glob("*/datapackage.json"):
        text = path.read_text(encoding="utf-8")
        assert str(PUBLIC_SEED) not in text
        assert str(ROOT) not in text
        assert json.loads(text)["title_zh"]
