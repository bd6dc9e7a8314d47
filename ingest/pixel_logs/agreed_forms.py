"""Cookie ids for which a client has agreed a form of its own with the partner."""

from __future__ import annotations

import re
from collections import defaultdict

import duckdb
import pyarrow as pa

from ingest.pixel_logs.distinct import asked
from ingest.pixel_logs.values import PARTNERS
from matchbook.registry import Registry

_VISIBLE = re.compile(r"[^\x00-\x20\x7f\s]{1,256}", re.ASCII)


class AgreedForms:
    """By partner, the clients with a form of their own."""

    def __init__(self, registry: Registry) -> None:
        self._forms: dict[str, dict[str, re.Pattern[str]]] = defaultdict(dict)
        for client in registry.clients:
            for partner in client.partners:
                if partner.agreed and partner.agreed.cookie_pattern:
                    form = re.compile(partner.agreed.cookie_pattern)
                    self._forms[partner.partner_id][client.client_id] = form

    @property
    def partners(self) -> frozenset[str]:
        """Those with which some client has agreed one."""
        return frozenset(self._forms)

    def fitting(
        self, connection: duckdb.DuckDBPyConnection, codes: pa.Array, ids: pa.Array
    ) -> pa.Array:
        """For each canonical id the clients whose own form it has, as `|a|b|`; null where no
        client has one. `codes` are the partners' codes, as sent; both may be null."""
        if not self._forms:
            return pa.nulls(len(ids), pa.string())
        told = codes.dictionary_encode()
        names = asked(connection, {"r_partner": told.dictionary}, PARTNERS)["partner_id"]
        partners = names.take(told.indices).to_pylist()
        fits = map(self._fits, partners, ids.to_pylist())
        return pa.array(fits, pa.string())

    def _fits(self, partner_id: str | None, cookie_id: str | None) -> str | None:
        forms = self._forms.get(partner_id or "")
        if not forms or cookie_id is None or not _VISIBLE.fullmatch(cookie_id):
            return None
        return f"|{'|'.join(c for c, form in forms.items() if form.fullmatch(cookie_id))}|"
