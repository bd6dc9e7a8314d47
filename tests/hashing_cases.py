"""Rows of bad_inputs.csv that come by when a file is hashed: the same here and in the browser."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import md5, sha1, sha256

from matchbook.identifiers import EMPTY_SHA256

EMAIL, SDK = "email_sha256_da_docs_v1", "email_sha256_da_sdk_v1"
PHONE, POSTAL = "phone_sha256_da_docs_v1", "postal_sha256_matchbook_v1"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


A = digest("a@example.com")


@dataclass(frozen=True)
class Case:
    """A file, what of its rows comes out (by column), and what is left out by line."""

    content: str
    rows: list[dict[str, str]]
    rejected: list[tuple[int, str]]
    country: str | None = None


CASES = {
    "FC02": Case(
        f"id,email_sha256\n1,{md5(b'a').hexdigest()}\n2,{sha1(b'a').hexdigest()}\n3,{A}\n",
        [{"crm_record_id": "3", "email_sha256": A}],
        [(2, "bad_hash_algo"), (3, "bad_hash_algo")],
    ),
    "FC03": Case(
        f"id,email_sha256\n1,{A}\n2,{A.upper()}\n"
        f"3,{base64.b64encode(bytes.fromhex(A)).decode()}\n4,{A[:-1]}\n",
        [{"crm_record_id": n, "email_sha256": A} for n in "123"],
        [(5, "bad_hash")],
    ),
    "FC05": Case(
        f"id,email_sha256\n1,{EMPTY_SHA256}\n2,{EMPTY_SHA256.upper()}\n3,{A}\n",
        [{"crm_record_id": "3", "email_sha256": A}],
        [(2, "empty_hash"), (3, "empty_hash")],
    ),
    "FC08": Case(
        " E-mail , Klantnummer \na@example.com,1\n",
        [{"crm_record_id": "1", EMAIL: A}],
        [],
    ),
    "RW18-phone": Case(
        "id,telefoon\n1,0612345678\n2,+31612345678\n",
        [{"crm_record_id": "2", PHONE: digest("31612345678")}],
        [(2, "normalisation")],
    ),
    "RW18-postal": Case(
        "id,postcode,huisnummer,land\n1,1012JM,1,\n2,1012JM,1,NL\n",
        [{"crm_record_id": "2", POSTAL: digest("NL|1012JM|1|")}],
        [(2, "normalisation")],
    ),
    "RW18-declared": Case(
        "id,telefoon,postcode,huisnummer\n1,0612345678,1012JM,1\n",
        [{"crm_record_id": "1", PHONE: digest("31612345678"), POSTAL: digest("NL|1012JM|1|")}],
        [],
        country="NL",
    ),
    "RW19": Case(
        "id,email\n1,JaneSaoirse+Work@gmail.com\n2,Jane.Saoirse+Work@example.com\n",
        [
            {"crm_record_id": "1", EMAIL: digest("janesaoirse+work@gmail.com"),
             SDK: digest("janesaoirse@gmail.com")},
            {"crm_record_id": "2", EMAIL: digest("jane.saoirse+work@example.com"),
             SDK: digest("jane.saoirse@example.com")},
        ],
        [],
    ),
    "open-quote": Case(
        f'id,email_sha256\n1,{A}\n2,"{A}\n3,{A}\n4,"{A}"\n5,"{A}\n6,{A}\n',
        [{"crm_record_id": n, "email_sha256": A} for n in "1346"],
        [(3, "quote"), (6, "quote")],
    ),
    "misplaced-quote": Case(
        f'id,email_sha256,naam\n1,{A},"a" b\n2,{A},"c\n3,"{A}",d\n4,{A},"e\nf"\n',
        [{"crm_record_id": n, "email_sha256": A} for n in "34"],
        [(2, "quote"), (3, "quote")],
    ),
}  # fmt: skip
"""By id; like every bad row, broken quoting costs its line and no other. RW19 by
digitalAudience's two rules; UID2's own hashes are among the vectors."""
