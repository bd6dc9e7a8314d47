"""The verifier of CRM files: what is accepted, what is rejected and why."""

from __future__ import annotations

import base64
import gzip
import json
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchbook.crm_files import MODES, CrmBatch, CrmFile, open_crm_file, parse_onboard_path, verify
from matchbook.crm_files import columns as columns_module
from matchbook.errors import InputRejected
from matchbook.identifiers import EMPTY_SHA256


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


A, B = digest("a@example.com"), digest("b@example.com")


def read(
    tmp_path: Path, data: str | bytes, *, mode: str = "opt-in"
) -> tuple[CrmFile, list[CrmBatch]]:
    path = tmp_path / "customers.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with open_crm_file(path, mode=mode) as file:
        batches = list(file.batches())
    assert file.lines == file.accepted + file.rejected.total()
    return file, batches


def refusal(tmp_path: Path, data: str | bytes, *, mode: str = "opt-in") -> InputRejected:
    with pytest.raises(InputRejected) as refused:
        read(tmp_path, data, mode=mode)
    return refused.value


def records(batches: list[CrmBatch]) -> list[tuple[int, str | None, int | None]]:
    return [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]


def hashes(batches: list[CrmBatch]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for batch in batches:
        for column, table in batch.identifiers.items():
            found.setdefault(column.name, []).extend(table["sha256"].to_pylist())
    return found


def rejects(batches: list[CrmBatch]) -> list[tuple[int, str]]:
    return [tuple(row.values()) for batch in batches for row in batch.rejects.to_pylist()]


def attributes(batches: list[CrmBatch]) -> dict[str, list[str]]:
    return {
        column.name: table["value"].to_pylist()
        for batch in batches
        for column, table in batch.attributes.items()
    }


@pytest.mark.parametrize("algorithm", [md5, sha1], ids=["FC02-md5", "FC02-sha1"])
def test_other_hash_kinds_reject_the_row(tmp_path: Path, algorithm: type) -> None:
    other = algorithm(b"a@example.com").hexdigest()
    file, batches = read(tmp_path, f"crm_record_id,email_sha256\n1,{other}\n2,{A}\n")
    assert rejects(batches) == [(2, "bad_hash_algo")]
    assert file.rejected == {"bad_hash_algo": 1}
    assert hashes(batches) == {"email:default": [A]}


@pytest.mark.parametrize(
    "name", ["email_md5", "email_sha1", "email_hash", "hashed_email", "sha1-email"]
)
def test_a_column_named_for_another_hash_is_still_one_of_hashes(tmp_path: Path, name: str) -> None:
    file, _ = read(tmp_path, f"crm_record_id,{name}\n1,{md5(b'a').hexdigest()}\n")
    assert file.rejected == {"bad_hash_algo": 1}


@pytest.mark.parametrize(
    "written",
    [
        A,
        A.upper(),
        f" {A} ",
        base64.b64encode(bytes.fromhex(A)).decode(),
        base64.urlsafe_b64encode(bytes.fromhex(A)).decode().rstrip("="),
    ],
    ids=["FC03-hex", "FC03-upper", "FC03-spaces", "FC03-base64", "FC03-base64url"],
)
def test_one_hash_in_many_spellings(tmp_path: Path, written: str) -> None:
    _, batches = read(tmp_path, f"crm_record_id,email_sha256\n1,{written}\n")
    assert hashes(batches) == {"email:default": [A]}


@pytest.mark.parametrize("bad", ["x", A[:-1], A + "0", "g" * 64, "!" * 44, "sha256:" + A])
def test_anything_else_is_a_bad_hash(tmp_path: Path, bad: str) -> None:
    _, batches = read(tmp_path, f"crm_record_id,email_sha256\n1,{bad}\n")
    assert rejects(batches) == [(2, "bad_hash")]


def test_the_hash_of_nothing_is_rejected(tmp_path: Path) -> None:
    rows = [EMPTY_SHA256.upper() if i % 5 < 2 else digest(str(i)) for i in range(100)]
    text = "crm_record_id,email_sha256\n" + "".join(f"{i},{h}\n" for i, h in enumerate(rows))
    file, batches = read(tmp_path, text)
    assert file.rejected == {"empty_hash": 40}, "FC05"
    assert EMPTY_SHA256 not in hashes(batches)["email:default"]


class TestHeader:
    """FC08."""

    @pytest.mark.parametrize("name", ["CRM_Record_ID ", "custom", "Extra", "crm id", "customer-id"])
    def test_names_are_found_in_any_order_case_and_spacing(self, tmp_path: Path, name: str) -> None:
        _, batches = read(tmp_path, f"segment, EMAIL_SHA256 ,{name}\ngold,{A},7\n")
        assert records(batches) == [(2, "7", None)]
        assert hashes(batches) == {"email:default": [A]}

    def test_a_missing_record_id_names_what_was_found(self, tmp_path: Path) -> None:
        refused = refusal(tmp_path, f"email_sha256,segment\n{A},gold\n")
        assert refused.reason == "header"
        assert "email_sha256, segment" in str(refused)

    @pytest.mark.parametrize(
        "header",
        [
            "crm_record_id,crm_record_id ",
            "custom,extra",
            "crm_record_id,email_sha256,e-mail_sha256",
            "crm_record_id,tier,Tier",
            "crm_record_id,address_sha256,postal_sha256",
        ],
    )
    def test_a_repeated_column_is_refused(self, tmp_path: Path, header: str) -> None:
        refused = refusal(tmp_path, f"{header}\n1,2\n")
        assert refused.reason == "header"
        assert "repeats" in str(refused)

    def test_a_file_without_header_is_not_quoted(self, tmp_path: Path) -> None:
        refused = refusal(tmp_path, f"Grant,Dyer,{A}\n")
        assert refused.reason == "header"
        assert not any(part in str(refused) for part in ("Grant", "Dyer", A))

    def test_synonyms_beside_the_exact_name_are_attributes(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, "extra,crm_record_id\nx,1\n")
        assert attributes(batches) == {"extra": ["x"]}

    def test_profiles_and_types(self, tmp_path: Path) -> None:
        header = "crm_record_id,email_sha256,email_sha256_uid2,phone_sha256,address_sha256"
        _, batches = read(tmp_path, f"{header}\n1,{A},{B},{A},{B}\n")
        assert hashes(batches) == {
            "email:default": [A],
            "email:uid2": [B],
            "phone:default": [A],
            "postal:default": [B],
        }

    def test_too_many_columns(self, tmp_path: Path) -> None:
        names = ",".join(f"a{i}" for i in range(columns_module.MAX_COLUMNS))
        assert refusal(tmp_path, f"crm_record_id,{names}\n").reason == "too_many_columns"


@pytest.mark.parametrize(
    "name",
    ["email", "E-mail", "emailadres", "work email", "phone", "Telefoon", "telefoonnummer",
     "mobile", "contact phone number", "address", "adres", "straat", "street", "postcode",
     "postal code", "zip", "house number", "huisnummer", "first_name", "Last Name", "voornaam",
     "achternaam", "email2"],
)  # fmt: skip
def test_raw_columns_refuse_the_file(tmp_path: Path, name: str) -> None:
    refused = refusal(tmp_path, f"crm_record_id,{name}\n1,secret\n")
    assert refused.reason == "raw_personal_data"
    assert refused.erase_original
    assert "secret" not in str(refused)


@pytest.mark.parametrize("name", ["email_opt_in", "has_phone", "phone_model", "campaign_name"])
def test_columns_about_contacts_are_attributes(tmp_path: Path, name: str) -> None:
    file, _ = read(tmp_path, f"crm_record_id,{name}\n1,yes\n")
    assert list(file.attribute_types) == [name]


RAW_VALUES = (
    "jan@example.nl", "Jan <jan@example.nl>", "jan%40example.nl", "jörg@exämple.de",
    "+31 6 1234 5678", "+31612345678", "06-12345678", "06 12 34 56 78", "0031612345678",
    "(020) 123 4567", "bel 06-12345678", "+1 (209) 525-7564", "209-525-7564", "0612345678",
)  # fmt: skip


@pytest.mark.parametrize("value", RAW_VALUES)
@pytest.mark.parametrize("place", ["attribute", "hash", "ragged", "header", "late"])
def test_raw_values_anywhere_refuse_the_file(tmp_path: Path, value: str, place: str) -> None:
    rows = {
        "attribute": f"1,{A},{value}",
        "hash": f"1,{value},x",
        "ragged": f"1,{value}",
        "header": "",
        "late": "\n".join([*(f"{i},{A},x" for i in range(300)), f"7,{A},{value}"]),
    }
    first = f"crm_record_id,email_sha256,{value if place == 'header' else 'note'}"
    refused = refusal(tmp_path, f"{first}\n{rows[place]}\n")
    assert refused.reason == "raw_personal_data"
    assert value not in str(refused)


@pytest.mark.parametrize("value", ["jan@example.nl", "+31612345678", "06-12345678", "0612345678"])
def test_contact_data_is_no_record_id(tmp_path: Path, value: str) -> None:
    assert refusal(tmp_path, f"crm_record_id\n{value}\n").reason == "raw_personal_data"


@pytest.mark.parametrize(
    "value",
    ["2026-11-21", "21-11-2026", "01-02-2024", "2026-11-21T03:10:00Z", "1234567890", "-3.25",
     "0.123456789", "0012345", "8710400000000", "0123456789012", "a@b", "@handle",
     "01/02/2024 10:30", "1,234,567", "192.168.10.1", "12:30", "5e-10", "€ 1.234.567,89",
     "+5", "00000000012"],
)  # fmt: skip
def test_numbers_dates_and_codes_are_no_phone_numbers(tmp_path: Path, value: str) -> None:
    _, batches = read(tmp_path, f'crm_record_id,note\n1,"{value}"\n')
    assert attributes(batches) == {"note": [value]}


def test_zeros_in_front_make_no_phone_number_of_an_id(tmp_path: Path) -> None:
    _, batches = read(tmp_path, "crm_record_id\n0123456789\n000012345678\n")
    assert len(records(batches)) == 2


class TestRows:
    """One outcome and one reason for each row."""

    def test_some_good_identifiers_keep_the_row(self, tmp_path: Path) -> None:
        text = (
            f"crm_record_id,email_sha256,phone_sha256\n1,{A},junk\n2,junk,{md5(b'a').hexdigest()}\n"
        )
        file, batches = read(tmp_path, text)
        assert records(batches) == [(2, "1", None)]
        assert rejects(batches) == [(3, "bad_hash")]
        assert file.cell_rejects == {"bad_hash": 1}

    def test_a_row_without_identifiers_still_has_attributes(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, "crm_record_id,email_sha256,tier\n1,,gold\n")
        assert attributes(batches) == {"tier": ["gold"]}

    @pytest.mark.parametrize("mode", ["opt-in", "replace"])
    def test_a_record_id_is_needed(self, tmp_path: Path, mode: str) -> None:
        _, batches = read(tmp_path, f"crm_record_id,email_sha256\n ,{A}\n", mode=mode)
        assert rejects(batches) == [(2, "missing_record_id")]

    def test_an_opt_out_may_name_an_identifier_only(self, tmp_path: Path) -> None:
        text = f"crm_record_id,email_sha256\n,{A}\n,\n,junk\n7,junk\n"
        _, batches = read(tmp_path, text, mode="opt-out")
        assert records(batches) == [(2, None, None), (5, "7", None)]
        assert rejects(batches) == [(3, "missing_record_id"), (4, "bad_hash")]
        _, batches = read(tmp_path, f"email_sha256\n{A}\n", mode="opt-out")
        assert hashes(batches) == {"email:default": [A]}

    @pytest.mark.parametrize("bad", ["0", "-1", "1.0", "x", str(2**63), "1e5", "007"])
    def test_contact_ids_are_positive_64_bit_numbers(self, tmp_path: Path, bad: str) -> None:
        good = 2**63 - 1
        _, batches = read(tmp_path, f"crm_record_id,cep_contact_id\n1,{good}\n2,{bad}\n3,\n")
        assert records(batches) == [(2, "1", good), (4, "3", None)]
        assert rejects(batches) == [(3, "bad_contact_id")]

    def test_record_ids_are_short_and_printable(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, f'crm_record_id,a\n{"x" * 201},1\n"a\tb",1\n')
        assert rejects(batches) == [(2, "bad_record_id"), (3, "bad_record_id")]

    def test_no_bare_hash_passes_as_an_id_or_attribute(self, tmp_path: Path) -> None:
        file, batches = read(tmp_path, f"crm_record_id,note\n{A},x\n1,{A.upper()}\n")
        assert rejects(batches) == [(2, "bad_record_id")]
        assert attributes(batches) == {"note": []}
        assert file.cell_rejects == {"hash_in_attribute": 1}

    def test_lines_are_rows_and_numbers_are_physical(self, tmp_path: Path) -> None:
        text = '\n\ncrm_record_id,note\r\n1,"two\r\nlines"\r\n\r\n  \r\n2,a,b\r\n3\r\n4,x"y\r\n5,z'
        file, batches = read(tmp_path, text)
        assert records(batches) == [(4, "1", None), (10, "4", None), (11, "5", None)]
        assert rejects(batches) == [(8, "columns"), (9, "columns")]
        assert file.lines == 5
        assert not file.ends_with_newline
        assert file.content_bytes == len(text)

    def test_broken_quoting_costs_one_row(self, tmp_path: Path) -> None:
        _, batches = read(tmp_path, 'crm_record_id,note\n1,"a"b\n2,"c"\n3,d\re\n4,f\n')
        assert rejects(batches) == [(2, "quote"), (4, "control_char")]
        assert [record for _, record, _ in records(batches)] == ["2", "4"]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_delimiters_are_told_apart(self, tmp_path: Path, delimiter: str) -> None:
        rows = [["crm_record_id", "email_sha256", "tier"], ["1", A, "gold"]]
        text = "\ufeff" + "\n".join(delimiter.join(row) for row in rows)
        assert hashes(read(tmp_path, text)[1]) == {"email:default": [A]}


class TestAttributes:
    """Names in snake case, one type a column."""

    def test_types_fit_every_value(self, tmp_path: Path) -> None:
        text = (
            "crm_record_id,spend,joined,VIP member,code,mixed,nothing\n"
            "1,12.50,2024-02-29,yes,007,1,\n2,-3,2025-01-01,No,010,x,\n"
        )
        file, batches = read(tmp_path, text)
        assert file.attribute_types == {
            "spend": "number", "joined": "date", "vip_member": "boolean", "code": "text",
            "mixed": "text", "nothing": "text",
        }  # fmt: skip
        assert attributes(batches)["nothing"] == []

    def test_a_date_that_does_not_exist_is_text(self, tmp_path: Path) -> None:
        file, _ = read(tmp_path, "crm_record_id,joined\n1,2025-02-29\n")
        assert file.attribute_types == {"joined": "text"}

    def test_names_without_a_letter_get_their_position(self, tmp_path: Path) -> None:
        file, _ = read(tmp_path, "crm_record_id,,😀,Größe (m²)\n1,a,b,c\n")
        assert list(file.attribute_types) == ["column_2", "column_3", "groe_m2"]

    def test_very_long_values_are_left_out(self, tmp_path: Path) -> None:
        file, batches = read(tmp_path, f"crm_record_id,note\n1,{'x' * 1001}\n")
        assert attributes(batches) == {"note": []}
        assert file.cell_rejects == {"too_long": 1}


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("empty", b""),
        ("empty", b"\n\n"),
        ("empty", b"crm_record_id,email_sha256\n"),
        ("not_text", "crm_record_id\n1\n".encode("utf-16")),
        ("not_text", b"crm_record_id\n1\n\0\n"),
        ("not_text", b"\x7fELF\x02\x01\x01\x00"),
        ("not_text", b"<!DOCTYPE html><title>x</title>"),
        ("bad_encoding", "crm_record_id,city\n1,Köln\n".encode("latin-1")),
        ("unterminated_quote", b'crm_record_id,note\n1,x\n2,"open\n3,y\n'),
        ("unterminated_quote", b'crm_record_id,note\n1,x\n2,"open\n' + b"3,y\n" * 60_000),
        ("too_long", b"crm_record_id\n" + b"1" * 3_000_000),
        ("header", b'"crm_record_id\n'),
        ("gzip_truncated", gzip.compress(b"crm_record_id\n" + A.encode() * 100)[:-4]),
    ],
)  # fmt: skip
def test_files_that_are_no_table_are_refused(tmp_path: Path, reason: str, data: bytes) -> None:
    refused = refusal(tmp_path, data)
    assert refused.reason == reason
    assert refused.erase_original, "it was not seen to be free of personal data"


def test_an_unterminated_quote_is_located(tmp_path: Path) -> None:
    assert "line 3" in str(refusal(tmp_path, 'crm_record_id,note\n1,x\n2,"open\n3,y\n'))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("onboard/audience=1/opt-in/x.exe", "file_name"),
        ("onboard/audience=1/opt-in/../20221107_132117.csv", "unknown_list"),
        ("onboard/audience=1/add/20221107_132117.csv", "unknown_mode"),
        ("onboard/audience=../opt-in/20221107_132117.csv", "unknown_list"),
        ("onboard/00001/opt-in/20221107_132117.csv", "unknown_list"),
        ("onboard/audience=1/opt-in/a b;$(id).csv", "file_name"),
        ("onboard/audience=1/opt-in/.csv", "file_name"),
        ("x.csv", "unknown_list"),
    ],
)
def test_paths_off_the_convention_are_refused(path: str, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        parse_onboard_path(Path(path))
    assert refused.value.reason == reason


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "csv.zip"])
@pytest.mark.parametrize("mode", MODES)
def test_the_path_convention(mode: str, ending: str) -> None:
    path = Path(f"onboard/audience=00001/{mode}/20221107_132117.{ending}")
    assert parse_onboard_path(path) == ("00001", mode)


ALPHABET = st.sampled_from([*'"",,;\n\n\r\t 0+@.a1é', A, EMPTY_SHA256, "x@y.nl", "crm_record_id"])


@given(st.binary(max_size=400) | st.lists(ALPHABET, max_size=60).map("".join).map(str.encode))
def test_any_bytes_are_accounted_for_or_refused(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for head in (b"", b"crm_record_id,email_sha256,note\n"):
        path.write_bytes(head + data)
        for mode in MODES:
            try:
                file = verify(path, mode=mode)
            except InputRejected:
                continue
            assert file.lines == file.accepted + file.rejected.total() > 0


def test_public_csv_samples_are_read_or_refused_with_a_reason(public_data: Path) -> None:
    suites = sorted((public_data / "h02_csv_suites").rglob("*.csv"))
    assert len(suites) > 15
    for path in suites:
        with pytest.raises(InputRejected) as refused:
            verify(path, mode="opt-in")
        assert refused.value.reason in {"header", "raw_personal_data", "bad_encoding", "not_text"}


@pytest.mark.parametrize(
    "name", ["comma_in_quotes", "empty", "escaped_quotes", "json", "newlines", "newlines_crlf",
             "quotes_and_newlines", "simple", "simple_crlf", "utf8"],
)  # fmt: skip
def test_csv_spectrum_cells_are_read_as_its_json_says(
    public_data: Path, tmp_path: Path, name: str
) -> None:
    folder = public_data / "h02_csv_suites" / "csv-spectrum"
    wanted = [list(row.values()) for row in json.loads((folder / f"json/{name}.json").read_text())]
    plain = [
        all(text and "\n" not in text for text in column) for column in zip(*wanted, strict=True)
    ]
    ids = plain.index(True)
    names = ["crm_record_id" if i == ids else f"a{i}" for i in range(len(plain))]
    _, rest = (folder / f"csvs/{name}.csv").read_bytes().split(b"\n", 1)
    _, batches = read(tmp_path, ",".join(names).encode() + b"\n" + rest)
    assert [record for _, record, _ in records(batches)] == [row[ids] for row in wanted]
    for i, values in enumerate(zip(*wanted, strict=True)):
        expected = [text.strip().replace("\r\n", "\n") for text in values if text]
        if i != ids:
            found = attributes(batches)[f"a{i}"]
            assert [text.replace("\r\n", "\n") for text in found] == expected
