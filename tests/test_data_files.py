"""The committed files are what the generator makes, and valid; CDNOW is as it was published."""

import hashlib
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package

from course.company import check_datasets, import_cdnow, make_datasets, redraw_real
from course.company.cdnow import SOURCE_SHA256
from course.errors import CourseError
from crmlib.data import load

ROOT = Path(__file__).parents[1]
DATASETS = ROOT / "datasets"


@pytest.fixture
def copy(tmp_path):
    """A repository folder with a copy of datasets/."""
    shutil.copytree(DATASETS, tmp_path / "datasets")
    return tmp_path


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- Made and checked ----------------------------------------------------------------------------


def test_the_committed_tables_are_what_the_generator_makes():
    assert check_datasets(ROOT) == []


def test_making_them_again_changes_no_byte(copy):
    before = content(copy)
    make_datasets(copy)
    assert content(copy) == before


def test_tables_are_remade_from_nothing_but_cdnow(tmp_path):
    shutil.copytree(DATASETS / "cdnow", tmp_path / "datasets" / "cdnow")
    make_datasets(tmp_path, progress=False)
    assert content(tmp_path / "datasets" / "lanternleaf") == content(DATASETS / "lanternleaf")


def test_a_changed_a_missing_and_a_foreign_file_are_named(copy):
    folder = copy / "datasets" / "lanternleaf"
    (folder / "market.csv").write_text("year\n", encoding="utf-8")
    (folder / "products.csv").unlink()
    (folder / "notes.csv").write_text("x\n", encoding="utf-8")
    assert check_datasets(copy) == [
        "datasets/lanternleaf/market.csv",
        "datasets/lanternleaf/notes.csv",
        "datasets/lanternleaf/products.csv",
    ]


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_damaged_cdnow_stops_before_anything_is_changed(copy, damage):
    path = copy / "datasets" / "cdnow" / "cdnow.csv"
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes() + b"\n")
    before = content(copy)
    with pytest.raises(CourseError, match="git checkout"):
        make_datasets(copy, progress=False)
    assert content(copy) == before


def test_a_full_disk_leaves_the_old_tables_whole(copy, monkeypatch):
    before = content(copy)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course.company.files.copy_cdnow", full)
    with pytest.raises(OSError, match="No space"):
        make_datasets(copy, progress=False)
    assert content(copy) == before


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(copy, monkeypatch):
    before = content(copy)
    rename = Path.rename

    def refuse(self, target):
        if self.name.endswith(".new"):
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        make_datasets(copy, progress=False)
    assert content(copy) == before


def test_the_tables_together_are_small():
    size = sum(os.path.getsize(path) for path in (DATASETS / "lanternleaf").iterdir())
    assert size < 5_000_000


# --- Data cards ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cdnow", "lanternleaf"])
def test_the_card_is_a_valid_data_package(name):
    report = Package(str(DATASETS / name / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:3]


def test_a_card_that_is_wrong_about_its_file_is_noticed(copy):
    path = copy / "datasets" / "cdnow" / "cdnow.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("29.33", "29.34", 1), "utf-8")
    report = Package(str(path.parent / "datapackage.json")).validate()
    assert report.flatten(["type"]) == [["hash-count"]]


# --- CDNOW ---------------------------------------------------------------------------------------


def test_cdnow_has_the_published_counts():
    """6,919 rows, 2,357 customers, $244,091.94: CDNOW's 1/10 sample (Fader & Hardie)."""
    cdnow = load("cdnow")
    assert len(cdnow) == 6_919
    assert cdnow["customer_id"].nunique() == 2_357
    assert round(cdnow["amount"].sum(), 2) == 244_091.94


def test_cdnow_has_6696_days_with_purchases():
    """6,696 customer-days once same-day orders are merged (Fader & Hardie)."""
    assert len(load("cdnow").drop_duplicates(["customer_id", "order_date"])) == 6_696


def as_published(cdnow):
    """The rows in the layout of CDNOW_sample.txt, its second customer number counted anew."""
    number = {customer: n for n, customer in enumerate(cdnow["customer_id"].unique(), start=1)}
    return "".join(
        f" {row.customer_id} {number[row.customer_id]:04d} {row.order_date:%Y%m%d}"
        f" {row.quantity:2d} {row.amount:7.2f}\r\n"
        for row in cdnow.itertuples()
    ).encode("ascii")


def test_no_value_of_cdnow_was_changed():
    """Written back in its first layout, the file has the published file's checksum."""
    assert hashlib.sha256(as_published(load("cdnow"))).hexdigest() == SOURCE_SHA256


def test_importing_the_published_file_gives_the_committed_one(tmp_path):
    source = tmp_path / "CDNOW_sample.txt"
    source.write_bytes(as_published(load("cdnow")))
    import_cdnow(source, tmp_path / "cdnow")
    assert content(tmp_path / "cdnow") == content(DATASETS / "cdnow")


def test_importing_another_file_is_refused(tmp_path):
    source = tmp_path / "CDNOW_sample.txt"
    source.write_text(" 00004 0001 19970101  2   29.33\r\n", encoding="ascii")
    with pytest.raises(ValueError, match="checksum"):
        import_cdnow(source, tmp_path / "cdnow")
    assert not (tmp_path / "cdnow").exists()


# --- Fresh draws of real customers ---------------------------------------------------------------


@pytest.fixture
def redrawn(tmp_path, monkeypatch):
    redraw_real(tmp_path, seed=2**100)
    monkeypatch.setenv("CRMLIB_DATA", str(tmp_path))
    return load("cdnow")


def histories(cdnow):
    """Each customer's purchases, without the customer's number."""
    rows = cdnow.astype({"order_date": str, "amount": str})
    lines = rows["order_date"] + " " + rows["quantity"].astype(str) + " " + rows["amount"]
    return lines.groupby(rows["customer_id"]).agg("|".join)


def test_redrawn_customers_are_real_ones_under_new_numbers(redrawn, monkeypatch):
    monkeypatch.delenv("CRMLIB_DATA")
    known = histories(load("cdnow"))
    drawn = histories(redrawn)
    assert len(drawn) == len(known) == 2_357
    assert drawn.isin(known).all()
    same = drawn.index.intersection(known.index)
    assert (drawn[same] == known[same]).mean() < 0.3


def test_some_customers_are_drawn_twice_and_some_not_at_all(redrawn, monkeypatch):
    monkeypatch.delenv("CRMLIB_DATA")
    assert 0.55 < histories(redrawn).nunique() / histories(load("cdnow")).nunique() < 0.75


def test_a_redraw_is_a_valid_package_too(redrawn, tmp_path):
    assert Package(str(tmp_path / "cdnow" / "datapackage.json")).validate().valid


def test_the_same_seed_redraws_the_same(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        redraw_real(tmp_path / name, seed=seed)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_a_redrawn_history_has_the_same_shape(redrawn):
    """Means per customer stay near: 2.94 rows, $103.56."""
    assert len(redrawn) / 2_357 == pytest.approx(6_919 / 2_357, rel=0.1)
    assert redrawn["amount"].sum() == pytest.approx(244_091.94, rel=0.12)
    assert isinstance(redrawn["order_date"].iloc[0], pd.Timestamp)
