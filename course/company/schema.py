"""Every table of the company in one place: what a column holds, its unit and its limits.

A new table is one function (World -> DataFrame) and one entry here. The data cards, the dtypes of
the loaders and the tests all follow from the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from . import calls, market, people, raw, sales
from .world import World

CITIES = list(people.CITIES["city"])
ACQUISITION = list(people.CHANNELS["channel"])
SEGMENTS = list(people.SEGMENTS["segment"])


@dataclass(frozen=True)
class Column:
    """One column: its type in the Data Package standard, its meaning in both languages."""

    name: str
    type: str  # string, integer, number, boolean, date, datetime
    en: str
    zh: str
    unit: str = ""
    constraints: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table: the function that makes it, its meaning, its columns and keys."""

    name: str
    make: Callable[[World], pd.DataFrame]
    title: str
    title_zh: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    links: dict[str, tuple[str, str]] = field(default_factory=dict)  # column -> (table, column)
    truth: bool = False  # never in datasets/


NEEDED = {"required": True}
CUSTOMER_ID = Column(
    "customer_id",
    "string",
    "Customer number; it carries no meaning and no order.",
    "客户编号，本身没有含义，也不代表先后顺序。",
    constraints={"required": True, "pattern": "C[0-9]{6,}"},
)
KEY_CUSTOMER_ID = Column(
    CUSTOMER_ID.name,
    CUSTOMER_ID.type,
    CUSTOMER_ID.en,
    CUSTOMER_ID.zh,
    constraints=CUSTOMER_ID.constraints | {"unique": True},
)
ORDER_ID = Column(
    "order_id",
    "string",
    "Order number; it carries no order in time.",
    "订单编号，不代表时间先后。",
    constraints={"required": True, "pattern": "O[0-9]{7,}"},
)
TO_CUSTOMERS = {"customer_id": ("customers", "customer_id")}


def _share(name: str, en: str, zh: str) -> Column:
    return Column(name, "number", en, zh, "share", NEEDED | {"minimum": 0, "maximum": 1})


def _rating(name: str, en: str, zh: str, kind: str = "integer") -> Column:
    return Column(name, kind, en, zh, "points (1-7)", NEEDED | {"minimum": 1, "maximum": 7})


TABLES = (
    Table(
        "customers",
        people.customers,
        "Customers",
        "客户",
        "One row a customer: every member since the programme began on 1 January 2023. The "
        "sign-up is the day of the first purchase.",
        "每位客户一行：自 2023 年 1 月 1 日会员计划启动以来的全部会员。注册日即首次购买日。",
        (
            KEY_CUSTOMER_ID,
            Column("signup_date", "date", "Day of sign-up and first purchase.",
                   "注册及首次购买日。",
                   constraints=NEEDED | {"minimum": "2023-01-01", "maximum": "2025-12-31"}),
            Column("acquisition_channel", "string", "Channel that brought the customer.",
                   "获客渠道。", constraints=NEEDED | {"enum": ACQUISITION}),
            Column("city", "string", "City of residence.", "居住城市。",
                   constraints=NEEDED | {"enum": CITIES}),
            Column("province", "string", "Province of the city.", "所在省份。", constraints=NEEDED),
            Column("birth_year", "integer", "Year of birth; missing where not given.",
                   "出生年份，未填写则为空。", "year", {"minimum": 1920, "maximum": 2010}),
            Column("gender", "string", "As stated by the customer.", "客户自述性别。",
                   constraints=NEEDED | {"enum": ["female", "male", "not_stated"]}),
            Column("consent_marketing", "boolean", "Whether marketing messages may be sent.",
                   "是否同意接收营销信息。", constraints=NEEDED),
        ),
        key=("customer_id",),
    ),
    Table(
        "customers_raw",
        raw.customers_raw,
        "Customers before cleaning",
        "清洗前的客户表",
        "The customer table as the systems export it, with its faults: copies, gaps, impossible "
        "values. The newest record of a customer (by updated_at) is the valid one. Names, numbers "
        "and addresses are made up.",
        "各系统导出的原始客户表，含重复、缺失和不可能的取值。同一客户以 updated_at 最新的记录为准。"
        "姓名、电话和邮箱均为虚构。",
        (
            Column("customer_id", "string", "Customer number; older copies repeat it.",
                   "客户编号，旧副本会重复出现。", constraints=CUSTOMER_ID.constraints),
            Column("name", "string", "Name.", "姓名。", constraints=NEEDED),
            Column("phone", "string", "Mobile number; a valid one in mainland China has 11 digits "
                   "and starts with 13 to 19.",
                   "手机号，大陆有效号码为 11 位数字，以 13 至 19 开头。"),
            Column("email", "string", "E-mail address; missing, blank or malformed in places.",
                   "电子邮箱，部分缺失、空白或格式错误。"),
            Column("city", "string", "City as typed in.", "录入的城市名。", constraints=NEEDED),
            Column("birth_year", "integer", "Year of birth as typed in; 1920 to 2010 is possible.",
                   "录入的出生年份，1920 至 2010 年为可能范围。", "year"),
            Column("signup_date", "string", "Day of sign-up as text.", "注册日（文本）。",
                   constraints=NEEDED),
            Column("updated_at", "string", "Day the record was last updated, as text.",
                   "记录最近更新日（文本）。", constraints=NEEDED),
            Column("consent_marketing", "boolean", "Whether marketing messages may be sent.",
                   "是否同意接收营销信息。", constraints=NEEDED),
        ),
        links=TO_CUSTOMERS,
    ),
    Table(
        "cities",
        people.cities,
        "Cities",
        "城市",
        "The cities Lanternleaf's customers live in, as they should be spelled.",
        "客户所在城市的标准写法。",
        (
            Column("city", "string", "Name in Latin letters.", "拼音名。",
                   constraints=NEEDED | {"unique": True}),
            Column("city_zh", "string", "Name in Chinese.", "中文名。",
                   constraints=NEEDED | {"unique": True}),
            Column("province", "string", "Province or municipality.", "所在省或直辖市。",
                   constraints=NEEDED),
        ),
        key=("city",),
    ),
    Table(
        "orders",
        sales.orders,
        "Orders and refunds",
        "订单与退款",
        "One row a sale or refund, 2023-01-01 to 2025-12-31. A refund is a row of its own that "
        "points to its sale.",
        "每笔销售或退款一行，时间为 2023-01-01 至 2025-12-31。退款单独成行，并指向原销售订单。",
        (
            Column(ORDER_ID.name, ORDER_ID.type, ORDER_ID.en, ORDER_ID.zh,
                   constraints=ORDER_ID.constraints | {"unique": True}),
            CUSTOMER_ID,
            Column("order_date", "datetime", "Moment of the sale or refund, local time.",
                   "销售或退款的当地时间。", constraints=NEEDED),
            Column("channel", "string", "Where the order was placed.", "下单渠道。",
                   constraints=NEEDED | {"enum": [str(c) for c in sales.CHANNEL_NAMES]}),
            Column("kind", "string", "A sale or a refund.", "销售或退款。",
                   constraints=NEEDED | {"enum": ["sale", "refund"]}),
            Column("amount", "number", "Money received; negative for a refund.",
                   "实收金额，退款为负。", "CNY", NEEDED),
            Column("margin", "number", "Contribution margin of the row: amount less goods, "
                   "delivery and the commission due to the partner who brought the customer; "
                   "negative for a refund.",
                   "本行的边际贡献：金额减去商品成本、配送和应付获客伙伴的佣金，退款为负。",
                   "CNY", NEEDED),
            Column("refund_of", "string", "For a refund: the order_id of its sale.",
                   "退款对应的原订单编号。"),
        ),
        key=("order_id",),
        links=TO_CUSTOMERS | {"refund_of": ("", "order_id")},
    ),
    Table(
        "order_lines",
        sales.order_lines,
        "Order lines",
        "订单明细",
        "One row a product in a sale. Quantity times unit price adds up to the order's amount.",
        "销售订单中的每种商品一行。数量乘单价之和等于订单金额。",
        (
            ORDER_ID,
            Column("product_id", "string", "Product.", "商品编号。", constraints=NEEDED),
            Column("quantity", "integer", "Pieces.", "件数。", "pieces", NEEDED | {"minimum": 1}),
            Column("unit_price", "number", "Price of a piece after discount.", "折后单价。", "CNY",
                   NEEDED | {"minimum": 0}),
        ),
        key=("order_id", "product_id"),
        links={"order_id": ("orders", "order_id"), "product_id": ("products", "product_id")},
    ),
    Table(
        "products",
        sales.products,
        "Products",
        "商品",
        "What Lanternleaf sells.",
        "灯叶茶业的在售商品。",
        (
            Column("product_id", "string", "Product number.", "商品编号。",
                   constraints=NEEDED | {"unique": True}),
            Column("name", "string", "Name in English.", "英文名。", constraints=NEEDED),
            Column("name_zh", "string", "Name in Chinese.", "中文名。", constraints=NEEDED),
            Column("category", "string", "Group of products.", "品类。", constraints=NEEDED),
            Column("list_price", "number", "Price before discount.", "标价。", "CNY",
                   NEEDED | {"minimum": 0}),
            Column("unit_cost", "number", "Cost of a piece.", "单件成本。", "CNY",
                   NEEDED | {"minimum": 0}),
        ),
        key=("product_id",),
    ),
    Table(
        "campaign_costs",
        market.campaign_costs,
        "Acquisition costs",
        "获客费用",
        "What each acquisition channel cost each month.",
        "各获客渠道每月的费用。",
        (
            Column("month", "date", "First day of the month.", "当月第一天。", constraints=NEEDED),
            Column("channel", "string", "Acquisition channel, as in customers.",
                   "获客渠道，与客户表一致。", constraints=NEEDED | {"enum": ACQUISITION}),
            Column("cost", "number", "Money spent.", "花费金额。", "CNY", NEEDED | {"minimum": 0}),
        ),
        key=("month", "channel"),
    ),
    Table(
        "customer_features",
        people.customer_features,
        "Customer profile",
        "客户画像特征",
        "One row a customer: seven numbers on very different scales, estimated by the customer "
        "panel from purchases and answers. Spending and orders are those of a year as an active "
        "customer.",
        "每位客户一行：由客户调研小组根据购买和问卷估计的七个特征，量纲差异很大。"
        "消费额和订单数均指活跃状态下的一年。",
        (
            KEY_CUSTOMER_ID,
            Column("spend_per_year", "number", "Spending in an active year.", "活跃年度消费额。",
                   "CNY/year", NEEDED | {"minimum": 0}),
            Column("orders_per_year", "number", "Orders in an active year.", "活跃年度订单数。",
                   "orders/year", NEEDED | {"minimum": 0}),
            _share("gift_share", "Share of orders that are gifts.", "礼品订单占比。"),
            _share("online_share", "Share of orders outside the shops.", "线上订单占比。"),
            _share("discount_share", "Share of orders with a discount.", "折扣订单占比。"),
            _rating("tea_knowledge", "Knowledge of tea.", "茶叶知识。", "number"),
            _rating("novelty_seeking", "Liking for new teas.", "尝新意愿。", "number"),
        ),
        key=("customer_id",),
        links=TO_CUSTOMERS,
    ),
    Table(
        "survey_2025",
        people.survey_2025,
        "Attitude survey 2025",
        "2025 年态度调查",
        "One row for each of about two thousand customers asked in 2025.",
        "2025 年受访的约两千名客户，每人一行。",
        (
            KEY_CUSTOMER_ID,
            _rating("satisfaction", "Satisfaction with Lanternleaf.", "满意度。"),
            _rating("tea_knowledge", "Own knowledge of tea.", "自评茶叶知识。"),
            _rating("novelty_seeking", "Liking for new teas.", "尝新意愿。"),
            _rating("price_sensitivity", "Attention to prices.", "价格敏感度。"),
            Column("occasion", "string", "What most of the tea is for.", "主要用途。",
                   constraints=NEEDED | {"enum": ["at_home", "at_work", "as_a_gift"]}),
        ),
        key=("customer_id",),
        links=TO_CUSTOMERS,
    ),
    Table(
        "call_pilot",
        calls.call_pilot,
        "Pilot of service calls",
        "电话回访试点",
        "A randomised trial: customers drawn at random from all who had bought before "
        "9 October 2025, half of them called. To see who responds, group them by what was known "
        "on assigned_on: later purchases include the calls' effect. A call costs 12 yuan, which "
        "margin_60d does not contain.",
        "随机试验：从 2025 年 10 月 9 日前购买过的客户中随机抽取，其中一半接到电话。"
        "分析哪些客户有反应时，应按 assigned_on 当日已知的信息分组，"
        "因为之后的购买已包含电话的效果。"
        "每次电话成本 12 元，未计入 margin_60d。",
        (
            KEY_CUSTOMER_ID,
            Column("assigned_on", "date", "Day the customers were drawn; the calls began.",
                   "抽样日，电话自当日开始。", constraints=NEEDED),
            Column("called", "boolean", "Whether the customer was called.", "是否接到电话。",
                   constraints=NEEDED),
            Column("margin_60d", "number", "Contribution margin of the 60 days from assigned_on, "
                   "refunds taken off.", "自 assigned_on 起 60 天的边际贡献，已扣除退款。", "CNY",
                   NEEDED),
        ),
        key=("customer_id",),
        links=TO_CUSTOMERS,
    ),
    Table(
        "market",
        market.market,
        "The tea market",
        "茶叶市场",
        "Yearly sales of Lanternleaf and eight rivals, who make up the whole market.",
        "灯叶与八家竞争品牌的年度销售额，合计即为整个市场。",
        (
            Column("year", "integer", "Calendar year.", "年份。", "year", NEEDED),
            Column("segment", "string", "Market segment.", "细分市场。",
                   constraints=NEEDED | {"enum": list(market.MARKET_SEGMENTS)}),
            Column("brand", "string", "Brand.", "品牌。",
                   constraints=NEEDED | {"enum": list(market.BRANDS)}),
            Column("sales", "number", "Sales of the year.", "年度销售额。", "million CNY",
                   NEEDED | {"minimum": 0}),
        ),
        key=("year", "segment", "brand"),
    ),
    Table(
        "customer_segments",
        people.customer_segments,
        "True needs segments",
        "真实需求细分",
        "Truth: the needs segment planted in each customer.",
        "真值：每位客户的真实需求细分。",
        (
            KEY_CUSTOMER_ID,
            Column("segment", "string", "Needs segment.", "需求细分。",
                   constraints=NEEDED | {"enum": SEGMENTS}),
        ),
        key=("customer_id",),
        truth=True,
    ),
    Table(
        "call_value",
        calls.call_value,
        "True value of a call",
        "电话的真实价值",
        "Truth: margin that calling the customer on 1 January 2026 adds, less the call's cost.",
        "真值：2026 年 1 月 1 日致电该客户所增加的边际贡献，已减去电话成本。",
        (
            KEY_CUSTOMER_ID,
            Column("call_value", "number", "Expected gain of a call.", "电话的期望收益。", "CNY",
                   NEEDED),
        ),
        key=("customer_id",),
        truth=True,
    ),
    Table(
        "data_quality",
        raw.data_quality,
        "Planted faults",
        "植入的数据问题",
        "Truth: how many rows of customers_raw break each rule.",
        "真值：customers_raw 中违反各规则的行数。",
        (
            Column("rule", "string", "Rule.", "规则。", constraints=NEEDED | {"unique": True}),
            Column("rows", "integer", "Rows that break it.", "违反的行数。", "rows",
                   NEEDED | {"minimum": 0}),
        ),
        key=("rule",),
        truth=True,
    ),
)  # fmt: skip

SCHEMA = {table.name: table for table in TABLES}
