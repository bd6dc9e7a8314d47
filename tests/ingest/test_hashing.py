"""`matchbook hash` on files: what is recognised, hashed, left out and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.hashing import files, reading
from matchbook.crm_files import verify
from matchbook.errors import ConfigError, InputRejected
from matchbook.identifiers import EMPTY_SHA256
from tests.hashing import EMAIL, PHONE, POSTAL, SDK, digest, hashed, refusal


def test_a_dutch_file(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        "Klantnummer;Voornaam;E-mail;Telefoon;Mobiel;Postcode;Huisnummer;Toevoeging;Klasse\n"
        "7;Jan;Jan+Shop@Example.com;020-1234567;06 12345678;1012 jm;1;a-hs;goud\n",
        region="NL",
        kept=("Klasse",),
    )
    assert done.rows == [
        {"crm_record_id": "7", EMAIL: digest("jan+shop@example.com"),
         SDK: digest("jan@example.com"), PHONE: digest("31201234567"),
         POSTAL: digest("NL|1012JM|1|AHS"), "klasse": "goud"},
        {"crm_record_id": "7", EMAIL: "", SDK: "", PHONE: digest("31612345678"), POSTAL: "",
         "klasse": ""},
    ]  # fmt: skip
    assert done.report == []
    assert (done.account.read, done.account.written) == (1, 1)
    assert done.account.columns.left_out == 1


def test_an_english_file_with_countries(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        "customer_id,Email Address,Phone Number,Country,Zip Code,House Number\n"
        "a,jan@example.com,+32 470 12 34 56,Belgium,1000,12 bus 3\n",
    )
    assert done.rows == [
        {"crm_record_id": "a", EMAIL: digest("jan@example.com"), SDK: "",
         PHONE: digest("32470123456"), POSTAL: digest("BE|1000|12|3")}
    ]  # fmt: skip


def test_landing_takes_what_is_written(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        "id,email,mobiel,telefoon,cep_id,plaats,notitie\n"
        '1,a+1@b.nl,0612345678,0201234567,5,"New, York","he said ""hi"""\n'
        "2,kapot,0612345679,,x,,=cmd\n",
        region="NL",
        kept=("plaats", "notitie"),
    )
    account = verify(done.out, mode="opt-in")
    assert (account.lines, account.accepted, account.cell_rejects) == (3, 3, {})
    assert [column.kind for column in account.columns].count("identifier") == 3
    assert (3, "cep_contact_id", "rejected", "bad_contact_id") in done.report


def test_rw18_without_a_country_nothing_is_guessed(tmp_path: Path) -> None:
    text = "id,email,phone,postcode,huisnummer\n1,a@b.nl,0612345678,1012JM,1\n"
    done = hashed(tmp_path, text)
    assert done.report == [
        (2, "phone", "rejected", "normalisation"),
        (2, "postal", "rejected", "normalisation"),
    ]
    assert [row[PHONE] + row[POSTAL] for row in done.rows] == [""]
    declared = hashed(tmp_path, text, region="NL")
    assert declared.report == []
    assert declared.rows[0][PHONE] == digest("31612345678")
    assert declared.rows[0][POSTAL] == digest("NL|1012JM|1|")


def test_rw19_suffixes_and_dots_are_kept_and_the_other_rule_beside(tmp_path: Path) -> None:
    done = hashed(tmp_path, "id,email\n1,Jane.Saoirse+Work@gmail.com\n2,J.S@example.com\n")
    first, second = done.rows
    assert first[EMAIL] == digest("jane.saoirse+work@gmail.com")
    assert first[SDK] == digest("jane.saoirse@gmail.com")
    assert (second[EMAIL], second[SDK]) == (digest("j.s@example.com"), "")


def test_a_zero_in_brackets_is_repaired_and_told(tmp_path: Path) -> None:
    done = hashed(tmp_path, "id,mobile\n1,+31 (0)6 12345678\n")
    assert done.rows[0][PHONE] == digest("31612345678")
    assert done.report == [(2, "phone", "repaired", "zero")]


def test_junk_joins_nobody(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        f"id,email,mobiel,postal_sha256\n1,test@shop.nl,0600000000,{EMPTY_SHA256}\n"
        "2,geen@shop.nl,0612345678,nonsense\n",
        region="NL",
    )
    assert done.report == [
        (2, "row", "rejected", "junk_email"),
        (3, "email", "rejected", "junk_email"),
        (3, "postal_sha256", "rejected", "bad_hash"),
    ]
    assert [row[EMAIL] + row["postal_sha256"] for row in done.rows] == [""]


def test_an_opt_out_is_not_lost_for_a_bad_address(tmp_path: Path) -> None:
    text = "id,email\n1,nonsense\n2,jan@shop.nl\n"
    assert [row["crm_record_id"] for row in hashed(tmp_path, text).rows] == ["2"]
    done = hashed(tmp_path, text, mode="opt-out")
    assert [row["crm_record_id"] for row in done.rows] == ["1", "2"]
    assert done.report == [(2, "email", "rejected", "email_syntax")]


def test_columns_that_are_hashed_already_pass(tmp_path: Path) -> None:
    done = hashed(tmp_path, f"id,phone,email_sha256_uid2\n1,,{digest('x').upper()}\n")
    assert done.rows[0]["email_sha256_uid2"] == digest("x")


def test_rows_without_a_good_id_or_of_another_width_are_left_out(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        "id,email\n,a@b.nl\n2,a@b.nl,x\njan@example.com,a@b.nl\n" + "9" * 201 + f",a@b.nl\n"
        f'{digest("x")},a@b.nl\n"6",a@b.nl\n7,"a"b\n',
    )
    assert [row["crm_record_id"] for row in done.rows] == ["6"]
    assert done.report == [
        (2, "row", "rejected", "missing_record_id"),
        (3, "row", "rejected", "columns"),
        (4, "row", "rejected", "raw_personal_data"),
        (5, "row", "rejected", "bad_record_id"),
        (6, "row", "rejected", "bad_record_id"),
        (8, "row", "rejected", "quote"),
    ]
    assert (done.account.read, done.account.written) == (7, 1)


def test_an_opt_out_may_name_a_record_an_identifier_or_both(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        f"id,email,email2\n1,x,\n,a@b.nl,c@d.nl\n,x,\n,,\n{digest('x')},a@b.nl,\n",
        mode="opt-out",
    )
    assert [(row["crm_record_id"], row[EMAIL]) for row in done.rows] == [
        ("1", ""), ("", digest("a@b.nl")), ("", digest("c@d.nl")),
    ]  # fmt: skip
    assert done.report == [
        (2, "email", "rejected", "email_syntax"),
        (4, "row", "rejected", "missing_record_id"),
        (5, "row", "rejected", "missing_record_id"),
        (6, "row", "rejected", "bad_record_id"),
    ]
    assert (done.account.read, done.account.written) == (5, 2)
    assert verify(done.out, mode="opt-out").accepted == 3


@pytest.mark.parametrize("content", ["id\n1\n2\n", "email\na@b.nl\nc@d.nl\n"])
def test_an_opt_out_of_one_column(tmp_path: Path, content: str) -> None:
    done = hashed(tmp_path, content, mode="opt-out")
    assert verify(done.out, mode="opt-out").accepted == len(done.rows) == 2


def test_contact_data_in_an_attribute_stays_at_home(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        f"id,email,note\n1,a@b.nl,call 06 12345678\n2,a@b.nl,c@d.nl\n3,a@b.nl,{digest('x')}\n"
        f"4,a@b.nl,{'x' * 1001}\n5,a@b.nl,fine\n",
        kept=("note",),
    )
    assert [row["note"] for row in done.rows] == ["", "", "", "", "fine"]
    assert [why for _, _, _, why in done.report] == [
        "raw_personal_data", "raw_personal_data", "hash_in_attribute", "too_long",
    ]  # fmt: skip


def test_columns_are_mapped_by_header_or_position(tmp_path: Path) -> None:
    text = "nr.,contact,email,x\n1,a@b.nl,c@d.nl,e\n"
    mapped = {"nr.": "crm_record_id", "#2": "email", "email": "skip", "x": "attribute"}
    done = hashed(tmp_path, text, mapped=mapped)
    assert done.rows == [{"crm_record_id": "1", EMAIL: digest("a@b.nl"), SDK: "", "x": "e"}]


@pytest.mark.parametrize(
    ("mapped", "kept"),
    [({"nowhere": "email"}, ()), ({"x": "e-mail"}, ()), ({"#9": "email"}, ()), ({}, ("voornaam",))],
)
def test_a_choice_that_does_not_fit(
    tmp_path: Path, mapped: dict[str, str], kept: tuple[str, ...]
) -> None:
    error = refusal(tmp_path, "id,email,x,voornaam\n1,a@b.nl,2,Jan\n", mapped=mapped, kept=kept)
    assert isinstance(error, ConfigError)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("email,plaats\na@b.nl,x\n", "header"),
        ("id,plaats\n1,x\n", "header"),
        ("id,klantnummer,email\n1,2,a@b.nl\n", "header"),
        ("1,jan@example.com\n2,piet@example.com\n", "header"),
        (f"id,email,email_sha256_da_docs_v1\n1,a@b.nl,{digest('x')}\n", "header"),
        ("id,email" + ",x" * 500 + "\n", "too_many_columns"),
        (b"\xef\xbb\xbfid,email\n1,caf\xe9@b.nl\n", "bad_encoding"),
        (b"id,em\x00ail\n1,a@b.nl\n", "not_text"),
        (b"\xff\xfei\x00d\x00", "header"),
        ('"id,email\n1,a@b.nl\n', "header"),
        ("id,email\n1," + "a" * 1_100_000 + "\n", "too_long"),
        ("", "empty"),
    ],
)
def test_files_that_cannot_be_hashed(tmp_path: Path, content: str | bytes, reason: str) -> None:
    error = refusal(tmp_path, content)
    assert isinstance(error, InputRejected)
    assert error.reason == reason
    assert "example.com" not in str(error)
    assert error.kept == "Nothing was written."


def test_a_region_that_is_none(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path, "id,email\n1,a@b.nl\n", region="XX"), ConfigError)


def test_no_raw_value_is_written_anywhere(tmp_path: Path) -> None:
    done = hashed(
        tmp_path,
        "id,naam,email,mobiel,postcode,huisnummer\n"
        "1,Janssen,janssen@example.com,0612345678,1012JM,17\n"
        "2,Pieters,pieters#example.com,06123456789,0012JM,x17\n",
        region="NL",
    )
    written = done.out.read_text() + (tmp_path / "left.csv").read_text()
    for raw in ("anssen", "ieters", "example", "12345678", "1012", "0012", "17\n"):
        assert raw not in written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = f"id;email;plaats{line_end}C-1;a@mail.example;Zoë{line_end}C-2;b@mail.example;€ Ås"
    done = hashed(tmp_path, text.encode(encoding), kept=("plaats",))
    assert [(row["crm_record_id"], row["plaats"]) for row in done.rows] == [
        ("C-1", "Zoë"),
        ("C-2", "€ Ås"),
    ]
    assert [row[EMAIL] for row in done.rows] == [digest(f"{n}@mail.example") for n in "ab"]


def test_two_processes_write_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 3000)
    text = "id,email,mobiel\n" + "".join(
        f"{i},p{i}@example.com,{'x' if i % 7 == 0 else f'06{i:08d}'}\n" for i in range(1000)
    )
    (tmp_path / "two").mkdir()
    one = hashed(tmp_path, text, region="NL")
    two = hashed(tmp_path / "two", text, region="NL", processes=2)
    assert one.out.read_bytes() == two.out.read_bytes()
    assert (one.account.written, one.report) == (two.account.written, two.report)
    assert [row["crm_record_id"] for row in two.rows] == [str(i) for i in range(1000)]


def test_progress_reaches_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 3000)
    source = tmp_path / "in.csv"
    source.write_text("id,email\n" + "".join(f"{i},p{i}@b.nl\n" for i in range(1000)))
    told: list[tuple[int, int]] = []
    files.hash_file(
        source, tmp_path / "o", tmp_path / "r", files.Choice(), processes=1,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (source.stat().st_size,) * 2


def test_no_file_is_written_over(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,email\n1,a@b.nl\n")
    with pytest.raises(ConfigError):
        files.hash_file(source, source, tmp_path / "r", files.Choice())
    with pytest.raises(ConfigError):
        files.hash_file(source, tmp_path / "r", tmp_path / "r", files.Choice())
    assert source.read_text() == "id,email\n1,a@b.nl\n"
