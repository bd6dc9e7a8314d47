"""The twenty questions in Polars: wide tables in memory, day sums and hits scanned from Parquet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.benchmarks.audience_world import AS_OF

col = pl.col
TODAY = AS_OF.date()
CLICK = col("hit_type") == "click"
VIEW = col("hit_type") == "page_view"
S3 = VIEW & (col("section") == "s3")
Keys = pl.Series


def event(name: str) -> pl.Expr:
    return (col("hit_type") == "event") & (col("event_name") == name)


class Frames:
    """One snapshot as Polars likes it best."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.folder = folder
        target = folder / "polars"
        if not target.exists():
            target.mkdir()
            connection.execute(f"copy visitor_actions to '{target}/actions.parquet'")
        wide = ("people", "members", "visitors", "people_attributes", "people_partners")
        self.tables = {name: _frame(connection, name) for name in (*wide, "cep_contacts")}

    @cached_property
    def actions(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / "polars" / "actions.parquet")

    @cached_property
    def hits(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / "*.parquet")

    def count(self, test: pl.Expr) -> tuple[int, int]:
        found = self.tables["people"].filter(~col("is_suppressed") & test)
        keys = self.tables["members"].join(found.select("member_key"), on="member_key", how="semi")
        contacts = self.tables["cep_contacts"].filter("is_reachable")
        reached = contacts.join(keys.select("visitor_key"), on="visitor_key", how="semi")
        return found.height, reached["cep_contact_id"].n_unique()

    def rows(self, test: pl.Expr, days: int, *, single: bool = False) -> pl.LazyFrame:
        dates = col("hit_date").is_between(TODAY - timedelta(days=days), TODAY)
        return (self.hits if single else self.actions).filter(dates & test)

    def members(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        return self.tables["members"].lazy().join(rows, on="visitor_key")

    def browsers(self, test: pl.Expr, days: int, *, single: bool = False) -> pl.Expr:
        rows = self.rows(test, days, single=single).select("visitor_key").unique()
        return _among(self.members(rows).select("member_key"))

    def often(self, test: pl.Expr, days: int, least: int, *, single: bool = False) -> pl.Expr:
        hits = pl.len() if single else col("hits").sum()
        sums = self.rows(test, days, single=single).group_by("visitor_key").agg(hits.alias("n"))
        totals = self.members(sums).group_by("member_key").agg(col("n").sum())
        return _among(totals.filter(col("n") >= least).select("member_key"))

    def on_days(self, test: pl.Expr, days: int, least: int) -> pl.Expr:
        pairs = self.rows(test, days).select("visitor_key", "hit_date").unique()
        counts = self.members(pairs).group_by("member_key").agg(col("hit_date").n_unique())
        return _among(counts.filter(col("hit_date") >= least).select("member_key"))

    def then(self, first: pl.Expr, second: pl.Expr, days: int, hours: int) -> pl.Expr:
        rows = self.rows(first | second, days, single=True)
        flags = rows.select("visitor_key", "hit_at", first.alias("a"), second.alias("b"))
        moments = (
            self.members(flags).group_by("member_key", "hit_at").agg(col("a").any(), col("b").any())
        )
        newest = pl.when("a").then("hit_at").shift(1).forward_fill().over("member_key")
        found = moments.sort("member_key", "hit_at").with_columns(newest.alias("a_at"))
        near = col("b") & (col("hit_at") - col("a_at") <= timedelta(hours=hours))
        return _among(found.filter(near).select("member_key"))

    def wide(self, table: str, test: pl.Expr) -> pl.Expr:
        return _among(self.tables[table].lazy().filter(test).select("member_key"))

    def crm(self, name: str, test: pl.Expr) -> pl.Expr:
        return self.wide("people_attributes", (col("attribute") == name) & test)


def _frame(connection: duckdb.DuckDBPyConnection, table: str) -> pl.DataFrame:
    frame = pl.from_arrow(connection.sql(f"from {table}").to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _among(keys: pl.LazyFrame) -> pl.Expr:
    found = keys.unique().collect()["member_key"]
    return col("member_key").is_in(found.implode())


def _since(days: int) -> Any:
    return AS_OF.replace(hour=0, minute=0) - timedelta(days=days)


MOBILE = col("last_device_type") == "mobile"
WEEKEND = VIEW & (col("hit_at").dt.weekday() >= 6) & (col("hit_at").dt.hour() >= 18)

ANSWERS: dict[str, Callable[[Frames], pl.Expr]] = {
    "new contacts": lambda f: col("uploaded_at") >= _since(30),
    "lapsed contacts": lambda f: col("is_matched") & (col("last_seen_at") < _since(30)),
    "reachable and clicking": lambda f: col("is_cep_reachable") & (col("clicks") >= 3),
    "mobile in one city": lambda f: (
        f.wide("visitors", MOBILE) & f.crm("city", col("value") == "city 7")
    ),
    "good customers without newsletter": lambda f: (
        f.crm("orders", col("value_number") >= 5)
        & f.crm("vip", col("value_boolean"))
        & ~f.crm("newsletter", col("value_boolean"))
    ),
    "at a partner and matched": lambda f: (
        col("is_matched")
        & f.wide(
            "people_partners",
            (col("partner_id") == "piano") & (col("last_seen_at") >= _since(30)),
        )
    ),
    "active in two countries": lambda f: (
        f.crm("country", col("value").is_in(["nl", "be"])) & (col("days_active") >= 5)
    ),
    "clicked or read lately": lambda f: f.browsers(col("hit_type").is_in(["click", "read"]), 30),
    "clicked one message": lambda f: f.browsers(CLICK & (col("message_id") == "m7"), 90),
    "visited a section twice": lambda f: f.often(S3, 30, 2),
    "visited but never clicked": lambda f: f.browsers(S3, 90) & ~f.browsers(CLICK, 90),
    "bought": lambda f: f.browsers(event("purchase"), 90),
    "cart without purchase": lambda f: (
        f.browsers(event("add_to_cart"), 30) & ~f.browsers(event("purchase"), 30)
    ),
    "three days on a site": lambda f: f.on_days(VIEW & (col("site_id") == "shop-be"), 60, 3),
    "often in sections that start alike": lambda f: f.often(
        VIEW & col("section").str.starts_with("s1"), 90, 5
    ),
    "section and mobile or searching": lambda f: (
        f.browsers(S3, 30) & (f.wide("visitors", MOBILE) | f.browsers(event("search"), 30))
    ),
    "page twice": lambda f: f.often(
        VIEW & col("page_path").str.contains("/p11", literal=True), 30, 2, single=True
    ),
    "page, not clicked": lambda f: (
        f.browsers(VIEW & col("page_path").str.starts_with("/s3/p4"), 90, single=True)
        & ~f.browsers(CLICK, 90)
    ),
    "section, then bought within two days": lambda f: f.then(S3, event("purchase"), 30, 48),
    "weekend evenings": lambda f: f.often(WEEKEND, 30, 2, single=True),
}
