"""CDNOW: the real purchases that stand beside the company's, and fresh draws of them.

The 1/10 sample of the customers who first bought at the online shop CDNOW in early 1997, all
their purchases until June 1998; the field's shared teaching data since Fader & Hardie (2001),
"Forecasting repeat sales at CDNOW: a case study", Interfaces 31(3).
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

from course.errors import CourseError
from crmlib.data.columns import read_csv

from .cards import card, card_fields
from .schema import NEEDED, Column, Table

FILE = "cdnow.csv"
SOURCE_FILE = "lifetimes/datasets/CDNOW_sample.txt"
SOURCE_SHA256 = "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a"
CLEAN_SHA256 = "0128524681e6b9d99715be86659068339a4ec6d29671f9ed313b4ac4ce4ce3cf"
RIGHTS = (
    "The data set's own terms are not spelled out; it was published by Peter Fader and Bruce "
    "Hardie for teaching and research, and the package it was copied from is under the MIT licence."
)

CDNOW = Table(
    "cdnow",
    lambda world: pd.DataFrame(),
    "CDNOW purchases, 1/10 sample",
    "CDNOW 购买记录（十分之一样本）",
    "One row a purchase at an online music shop, by 2,357 customers who first bought in the first "
    "quarter of 1997; until the end of June 1998. A customer may have more than one row a day. "
    "A few rows have an amount of zero.",
    "在线音乐商店 CDNOW 的购买记录，每笔一行：2,357 名客户，均于 1997 年第一季度首次购买，"
    "截至 1998 年 6 月底。同一客户一天可有多行，少数行金额为零。",
    (
        Column("customer_id", "string", "Customer, as numbered in the full data set.",
               "客户编号，与完整数据集一致。", constraints=NEEDED | {"pattern": "[0-9]{5}"}),
        Column("order_date", "date", "Day of the purchase.", "购买日期。",
               constraints=NEEDED | {"minimum": "1997-01-01", "maximum": "1998-06-30"}),
        Column("quantity", "integer", "CDs bought.", "购买的 CD 数量。", "CDs",
               NEEDED | {"minimum": 1}),
        Column("amount", "number", "Money paid.", "支付金额。", "USD", NEEDED | {"minimum": 0}),
    ),
)  # fmt: skip

CARD = {
    "name": "cdnow",
    "title": "CDNOW",
    "title_zh": "CDNOW 真实购买数据",
    "description": "Real purchases, the field's shared teaching data set. The file was rewritten "
    "as CSV without its second customer number; no value was changed.",
    "description_zh": "真实购买数据，本领域通用的教学数据集。文件改写为 CSV，"
    "去掉了第二个客户编号，数值未作改动。",
    "rights": RIGHTS,
    "rights_zh": "数据集本身未明确许可条款；由 Peter Fader 与 Bruce Hardie 为教学和研究公开，"
    "复制来源的软件包采用 MIT 许可证。",
    "sources": [
        {
            "title": "Bruce Hardie and Peter Fader, CDNOW data",
            "path": "http://www.brucehardie.com/datasets/",
        },
        {
            "title": f"PyPI package lifetimes 0.11.3, file {SOURCE_FILE}",
            "path": "https://pypi.org/project/Lifetimes/0.11.3/",
            "hash": f"sha256:{SOURCE_SHA256}",
        },
    ],
}


def import_cdnow(source: str | Path, folder: str | Path) -> None:
    """Make ``folder/cdnow.csv`` and its card from the file as it was published.

    Done once; kept so that anyone can do it again.

    Parameters
    ----------
    source : str or Path
        ``CDNOW_sample.txt`` of the PyPI package lifetimes.
    folder : str or Path
        Where to write, such as ``datasets/cdnow``.

    Raises
    ------
    ValueError
        If the file isn't the one we know (its checksum differs).
    """
    content = Path(source).read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise ValueError(
            f"{source} isn't the published CDNOW sample (its checksum differs); "
            f"take {SOURCE_FILE} of the PyPI package lifetimes 0.11.3"
        )
    rows = [line.split() for line in content.decode("ascii").splitlines()]
    text = ["customer_id,order_date,quantity,amount"]
    for customer, _, day, quantity, amount in rows:  # left out: the number within the sample
        text.append(f"{customer},{day[:4]}-{day[4:6]}-{day[6:]},{quantity},{amount}")
    _write(Path(folder), ("\n".join(text) + "\n").encode("utf-8"))


def copy_cdnow(source: Path, folder: Path) -> None:
    """Copy the committed CDNOW file to `folder`, unchanged, and make its card anew."""
    path = source / FILE
    remedy = "restore it with: git checkout -- datasets/cdnow/cdnow.csv"
    if not path.is_file():
        raise CourseError(f"there is no {path}; {remedy}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != CLEAN_SHA256:
        raise CourseError(f"{path} has been changed (its checksum differs); {remedy}")
    _write(folder, content)


def redraw_real(folder: str | Path, seed: int, *, source: str | Path | None = None) -> None:
    """Write a fresh ``folder/cdnow``: CDNOW's customers sampled with replacement, under new ids.

    Parameters
    ----------
    folder : str or Path
        A folder laid out like ``datasets/``; made if it doesn't exist.
    seed : int
        Decides the sample.
    source : str or Path, optional
        The folder that holds ``cdnow.csv``; without it, ``datasets/cdnow`` of the repository.
    """
    source = Path(source) if source else Path(__file__).parents[2] / "datasets" / "cdnow"
    original = read_csv(source / FILE, card_fields(CDNOW))
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1997,)))
    ids = original["customer_id"].unique()
    chosen = pd.DataFrame({"customer_id": rng.choice(ids, size=len(ids))})
    numbers = np.sort(rng.choice(100_000, size=len(ids), replace=False))
    chosen["new_id"] = np.char.zfill(numbers.astype("U5"), 5)
    sample = chosen.merge(original, on="customer_id").drop(columns="customer_id")
    sample = sample.rename(columns={"new_id": "customer_id"})
    sample = sample.sort_values(["customer_id", "order_date"], kind="stable", ignore_index=True)
    sample["order_date"] = sample["order_date"].dt.strftime("%Y-%m-%d")
    text = io.StringIO()
    sample.to_csv(text, index=False, lineterminator="\n", float_format="%.2f")
    about = CARD | {
        "description": CARD["description"] + " This is a sample, with replacement, of its "
        "customers under new numbers."
    }
    _write(Path(folder) / "cdnow", text.getvalue().encode("utf-8"), about)


def _write(folder: Path, content: bytes, about: dict = CARD) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(content)
    (folder / "datapackage.json").write_bytes(card(about, [(CDNOW, content)]))
