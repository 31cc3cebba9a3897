"""A made folder replaces another whole, or not at all."""

from pathlib import Path

import pytest

from course.folders import put_in_place


@pytest.fixture
def folders(tmp_path):
    new, old = tmp_path / "new", tmp_path / "out" / "old"
    for folder, text in ((new, "new"), (old, "old")):
        folder.mkdir(parents=True)
        (folder / "page").write_text(text)
    (old / "gone").write_text("no longer made")
    return new, old


def test_the_new_folder_takes_the_olds_place_and_nothing_else_stays(folders):
    new, old = folders
    put_in_place(new, old)
    assert [(p.name, p.read_text()) for p in old.iterdir()] == [("page", "new")]
    assert [p.name for p in old.parent.iterdir()] == ["old"]


def test_a_first_folder_is_put_where_none_was(folders, tmp_path):
    put_in_place(folders[0], tmp_path / "deep" / "first")
    assert (tmp_path / "deep" / "first" / "page").read_text() == "new"


def test_if_it_fails_the_old_folder_is_as_it_was(folders, monkeypatch):
    new, old = folders
    rename = Path.rename

    def full_disk(self, target):
        if self.name == ".old.new":
            raise OSError("no space left")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full_disk)
    with pytest.raises(OSError, match="no space"):
        put_in_place(new, old)
    assert (old / "page").read_text() == "old"
    assert (old / "gone").exists()
    assert [p.name for p in old.parent.iterdir()] == ["old"]
