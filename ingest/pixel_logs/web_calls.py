"""The calls in a web server's log: parts read value by value, then sorted into kinds."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import lookups, values
from ingest.pixel_logs.agreed_forms import AgreedForms
from ingest.pixel_logs.calls import WEB_KIND_COLUMNS, Calls, Identifier, web_kinds
from ingest.pixel_logs.distinct import Columns, asked, asked_once, distinct, spread
from ingest.pixel_logs.periods import Periods
from ingest.pixel_logs.plain_cookies import are_plain
from ingest.pixel_logs.times import moments
from ingest.pixel_logs.views import Flags, Places
from matchbook.keys import Keys


def web_calls(
    connection: duckdb.DuckDBPyConnection,
    keys: Keys,
    agreed: AgreedForms,
    periods: Periods,
    fields: Columns,
    parameters: dict[str, Any],
) -> Calls:
    """Read calls from fields (FIELDS_SCHEMA and browsers' columns), making `round_kinds`.

    `parameters` are those of `web_kinds`.
    """
    parts = _Parts(connection, keys, agreed, fields)
    parts.read()
    signs = fields | parts.signs()
    signs["hit_at"] = periods.begins(parts.own["hit_at"])
    found = distinct(signs[name] for name in WEB_KIND_COLUMNS)
    few = pa.array(found.firsts)
    kinds = {name: signs[name].take(few) for name in WEB_KIND_COLUMNS}
    connection.register("web_kinds", pa.table({"kind": np.arange(len(few)), **kinds}))
    connection.execute(f"create or replace temp table round_kinds as {web_kinds()}", parameters)
    connection.unregister("web_kinds")
    return Calls(parts.own, found.codes, parts.identifiers)


class _Parts:
    """What calls say for themselves, read part by part."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        keys: Keys,
        agreed: AgreedForms,
        fields: Columns,
    ) -> None:
        self.connection = connection
        self.keys = keys
        self.agreed = agreed
        self.fields = fields
        self.count = len(fields["line_number"])
        self.identifiers: list[Identifier] = []
        self.own: Columns = {
            "line_number": fields["line_number"],
            "hit_id": pa.nulls(self.count, pa.string()),
            "visitor_id": fields["visitor"],
            "device_type": fields["device"],
            "browser": fields["browser"],
            "operating_system": fields["os"],
            "is_bot": fields["is_bot"].fill_null(False),
        }
        self.is_undecodable = np.zeros(self.count, dtype=np.bool_)
        self.is_bad = np.zeros(self.count, dtype=np.bool_)
        self.is_repeated = _flags(fields["is_repeated"])
        self.holds_email = np.zeros(self.count, dtype=np.bool_)

    def read(self) -> None:
        self.own["hit_at"] = moments(self.connection, self.fields["at_text"])
        self._pages()
        self._referrers()
        self.own["ip_prefix"] = lookups.ip_prefixes(self.fields["ip"])
        self._cookies()
        self._events()
        self._links()
        self._identifiers()
        self._emails()

    def signs(self) -> Columns:
        """What of it decides on a call."""
        flags = {
            "is_repeated": self.is_repeated,
            "is_undecodable": self.is_undecodable,
            "has_bad_value": self.is_bad,
            "holds_email": self.holds_email,
            "is_signed": self.is_signed,
        }
        return {name: pa.array(column) for name, column in flags.items()} | {
            "has_visitor": self.own["visitor_id"].is_valid(),
            "identifier_fault": self.identifier_fault,
            "cookie_fault": self.cookie_fault,
            "is_other_form": self.is_other_form,
            "agreed_by": self.agreed_by,
        }

    def _pages(self) -> None:
        found = self._marked(asked_once(self.connection, self._given("r_u"), values.PAGES))
        self.own |= {name: found[name] for name in ("page_host", "page_path", "section")}

    def _referrers(self) -> None:
        is_page = self._is_kind("page_view")
        texts = pc.if_else(pa.array(is_page), self.fields["r_r"], self.fields["referrer"])
        given = {"referrer": texts, "is_encoded": pa.array(is_page)}
        found = self._marked(asked_once(self.connection, given, values.REFERRERS))
        self.own["referrer_host"] = found["referrer_host"]

    def _cookies(self) -> None:
        sent = np.flatnonzero(self._is_kind("sync"))
        plain, ids = self._plain_cookies(sent)
        rows = np.setdiff1d(sent, plain, assume_unique=True)
        given = self._given("r_partner", "r_cookieid", "r_parcid", rows=rows)
        found = asked(self.connection, given, values.COOKIES)
        self.is_repeated[rows] |= _flags(found.pop("came_twice"))
        found = self._marked(found, rows)
        ids = spread({"": ids}, plain, self.count)[""]
        self.own["partner_cookie_id"] = pc.coalesce(ids, found["cookie_form"])
        self.cookie_fault = found["cookie_fault"]
        self.is_other_form = found["is_other_form"].fill_null(False)
        ids = self.own["partner_cookie_id"]
        self.agreed_by = self.agreed.fitting(self.connection, self.fields["r_partner"], ids)

    def _plain_cookies(self, rows: Places) -> tuple[Places, pa.Array]:
        """Those of the syncs whose id needs no second look, and their ids."""
        given = self._given("r_partner", "r_cookieid", "r_parcid", rows=rows)
        ids = pc.if_else(given["r_parcid"].is_null(), given["r_cookieid"], None)
        but = self.agreed.partners
        is_plain = are_plain(self.connection, given["r_partner"], ids, but=but)
        return rows[is_plain], ids.filter(pa.array(is_plain))

    def _events(self) -> None:
        rows = np.flatnonzero(self._is_kind("event"))
        given = self._given("r_name", rows=rows)
        found = self._marked(asked_once(self.connection, given, values.EVENTS), rows)
        self.own["event_name"] = found["event"]

    def _links(self) -> None:
        rows = np.flatnonzero(self._is_kind("click", "read"))
        names = ("hit_type", "r_client", "r_contact", "r_message", "r_u", "r_sig")
        found = asked(self.connection, self._given(*names, rows=rows), values.LINKS)
        self.is_signed = np.zeros(self.count, dtype=np.bool_)
        self.is_signed[rows] = lookups.signed_links(self.keys, found)
        found = self._marked(found, rows)
        self.own["cep_contact_id"] = found["cep_contact_id"]
        self.own["message_id"] = found["message"]

    def _identifiers(self) -> None:
        rows = np.flatnonzero(self._is_kind("identify", "bake"))
        given = self._given("r_email", "r_phone", "r_postal", rows=rows)
        found = asked(self.connection, given, values.HASHES)
        self.identifiers = lookups.identifiers(self.keys, rows.tolist(), found)
        self._marked(found, rows)
        self.identifier_fault = lookups.worst_faults(self.identifiers, self.count)

    def _emails(self) -> None:
        rows = np.flatnonzero(_flags(self.fields["has_at_sign"]))
        found = asked(self.connection, self._given("uri", rows=rows), values.EMAILS)
        self.holds_email[rows] = _flags(found["holds_email"])

    def _given(self, *names: str, rows: Places | None = None) -> Columns:
        columns = {name: self.fields[name] for name in names}
        if rows is None:
            return columns
        return {name: column.take(pa.array(rows)) for name, column in columns.items()}

    def _marked(self, found: Columns, rows: Places | None = None) -> Columns:
        """Note what is wrong, and lay out what was found of some rows for all."""
        at: Any = slice(None) if rows is None else rows
        for name, marks in (("is_undecodable", self.is_undecodable), ("is_bad", self.is_bad)):
            if name in found:
                marks[at] |= _flags(found[name])
        return found if rows is None else spread(found, rows, self.count)

    def _is_kind(self, *hit_types: str) -> Flags:
        return _flags(pc.is_in(self.fields["hit_type"], pa.array(hit_types)))


def _flags(column: pa.Array) -> Flags:
    flags: Flags = column.fill_null(False).to_numpy(zero_copy_only=False)
    return flags
