"""The verifier of CRM files: what is accepted, what is rejected and why."""

from __future__ import annotations

import base64
import gzip
import json
from hashlib import md5, sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchbook.crm_files import MODES, parse_onboard_path, verify
from matchbook.crm_files import columns as columns_module
from matchbook.errors import InputRejected
from matchbook.identifiers import EMPTY_SHA256
from tests.crm_reading import A, B, attributes, digest, hashes, read, records, refusal, rejects


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
