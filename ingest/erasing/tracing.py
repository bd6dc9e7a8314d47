"""Who else a request names: the records, identifiers, contacts and browsers of the same person.

From a record to its identifiers and contacts, and to the records that bear the same e-mail address
(one on many records is an office's and leads nowhere); from an identifier or a contact to its
records. What another record of the client bears too, such as a household's telephone, is that
one's as well and stays, unless the request named it. A browser is the person's if the person was
recognised in it and nobody else whom the client knows; a shared one is left to the others. A
browser that lost our cookie and kept a partner's is the same one, as is one whose cookie the
partner itself says is the record's.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.erasing.lake import open_lake
from matchbook.erasure.people import Person
from matchbook.erasure.requests import Subject
from matchbook.identifiers import key_versions
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

SAME_PERSON_RECORDS = 5
"""Records that one person may have under one e-mail address."""

_ASKED = """
create table asked as
select unnest(?::bigint[]) as number, unnest(?::varchar[]) as client_id,
    unnest(?::varchar[]) as subject_type, unnest(?::varchar[]) as subject_id
"""

_RECORDS = """
create table first_records as
select number, client_id, subject_id as crm_record_id from asked where subject_type = 'record'
union
select asked.number, asked.client_id, rows.crm_record_id
from lake_record_identifiers as rows
inner join asked on rows.client_id = asked.client_id and rows.identifier_key = asked.subject_id
where asked.subject_type = 'identifier' and rows.crm_record_id is not null
union
select asked.number, asked.client_id, rows.crm_record_id
from lake_crm_rows as rows
inner join asked
    on rows.client_id = asked.client_id and rows.cep_contact_id::varchar = asked.subject_id
where asked.subject_type = 'cep_contact' and rows.crm_record_id is not null;

create table addresses as
select distinct number, client_id, rows.identifier_key
from lake_record_identifiers as rows
inner join first_records using (client_id, crm_record_id)
where rows.identifier_type = 'email';

create table address_records as
select distinct addresses.number, client_id, identifier_key, rows.crm_record_id
from lake_record_identifiers as rows
inner join addresses using (client_id, identifier_key)
where rows.identifier_type = 'email' and rows.crm_record_id is not null;

create table records as
from first_records
union
select number, client_id, crm_record_id
from address_records
semi join (
    select number, client_id, identifier_key from address_records
    group by all having count(*) <= $most
) using (number, client_id, identifier_key)
"""

_IDENTIFIERS = """
create table borne as
select distinct number, client_id, rows.identifier_type, rows.identifier_key,
    rows.key_version
from lake_record_identifiers as rows
inner join records using (client_id, crm_record_id);

create table identifiers as
from borne
anti join (
    select borne.number, client_id, identifier_key
    from lake_record_identifiers as rows
    inner join borne using (client_id, identifier_key)
    anti join records
        on rows.client_id = records.client_id and rows.crm_record_id = records.crm_record_id
            and borne.number = records.number
    where rows.crm_record_id is not null
) using (number, client_id, identifier_key)
union
select number, client_id, null, subject_id, null from asked
where subject_type = 'identifier'
    and (number, subject_id) not in (select number, identifier_key from borne)
union
from borne
semi join asked
    on borne.number = asked.number and asked.subject_type = 'identifier'
        and asked.subject_id = borne.identifier_key
"""

_CONTACTS = """
create table borne_contacts as
select distinct number, client_id, rows.cep_contact_id
from lake_crm_rows as rows
inner join records using (client_id, crm_record_id)
where rows.cep_contact_id is not null;

create table contacts as
from borne_contacts
anti join (
    select borne_contacts.number, client_id, cep_contact_id
    from lake_crm_rows as rows
    inner join borne_contacts using (client_id, cep_contact_id)
    anti join records
        on rows.client_id = records.client_id and rows.crm_record_id = records.crm_record_id
            and borne_contacts.number = records.number
    where rows.crm_record_id is not null
) using (number, client_id, cep_contact_id)
union
select number, client_id, subject_id::bigint from asked where subject_type = 'cep_contact'
"""

_BROWSERS = """
create view evidence as
select owners.client_id, hits.visitor_id, hits.identifier_key, hits.cep_contact_id
from lake_hits as hits
inner join owners on coalesce(hits.publisher_id, hits.client_id) = owners.owner
where hits.visitor_id is not null
    and (hits.identifier_key is not null or hits.cep_contact_id is not null);

create table recognised as
select identifiers.number, client_id, evidence.visitor_id
from evidence inner join identifiers using (client_id, identifier_key)
union
select contacts.number, client_id, evidence.visitor_id
from evidence inner join contacts using (client_id, cep_contact_id);

create table recognised_by as
select distinct number, client_id, visitor_id, identifier_key, cep_contact_id
from evidence inner join recognised using (client_id, visitor_id);

create table shared as
select number, client_id, visitor_id
from recognised_by anti join contacts using (number, client_id, cep_contact_id)
where cep_contact_id is not null
union
select recognised_by.number, client_id, visitor_id
from lake_record_identifiers as rows
inner join recognised_by using (client_id, identifier_key)
anti join records
    on recognised_by.number = records.number and rows.client_id = records.client_id
        and rows.crm_record_id = records.crm_record_id
where rows.crm_record_id is not null;

create table own_browsers as
from recognised anti join shared using (number, client_id, visitor_id)
union
select number, client_id, subject_id from asked where subject_type = 'visitor'
"""

_COOKIES = """
create table own_cookies as
select distinct own_browsers.number, client_id, hits.partner_id, hits.partner_cookie_id
from lake_hits as hits inner join own_browsers using (client_id, visitor_id)
where hits.partner_cookie_id is not null
union
select records.number, client_id, rows.partner_id, rows.partner_cookie_id
from lake_partner_baselines as rows inner join records using (client_id, crm_record_id);

create table shown_in as
select distinct own_cookies.number, client_id, partner_id, partner_cookie_id, hits.visitor_id
from lake_hits as hits
inner join own_cookies using (client_id, partner_id, partner_cookie_id)
anti join own_browsers
    on own_cookies.number = own_browsers.number and hits.client_id = own_browsers.client_id
        and hits.visitor_id = own_browsers.visitor_id;

create table of_others as
select distinct number, client_id, visitor_id
from evidence inner join shown_in using (client_id, visitor_id)
where evidence.cep_contact_id is not null
    or (evidence.client_id, evidence.identifier_key) in (
        select (client_id, identifier_key) from lake_record_identifiers
        where crm_record_id is not null
    );

create table browsers as
from own_browsers
union
select number, client_id, visitor_id
from shown_in
anti join of_others using (number, client_id, visitor_id)
anti join (
    from shown_in semi join of_others using (number, client_id, visitor_id)
) as others using (number, client_id, partner_id, partner_cookie_id);

create table cookies as
select number, partner_cookie_id from own_cookies
union
select distinct browsers.number, hits.partner_cookie_id
from lake_hits as hits inner join browsers using (client_id, visitor_id)
where hits.partner_cookie_id is not null
"""

_FOUND = """
select number, 'record' as subject_type, crm_record_id as subject_id, null as identifier_type,
    null as key_version
from records
union all
select number, 'identifier', identifier_key, identifier_type, key_version from identifiers
union all
select number, 'cep_contact', cep_contact_id::varchar, null, null from contacts
union all
select number, 'visitor', visitor_id, null, null from browsers
union all
select number, 'partner_cookie', partner_cookie_id, null, null from cookies
"""


def trace(
    settings: Settings,
    registry: Registry,
    keys: Keys,
    asked: Sequence[Person],
) -> dict[int, set[Subject]]:
    """By number: everything in the lake that is the person, what was asked included."""
    found: dict[int, set[Subject]] = {person.number: set(person.subjects) for person in asked}
    if not found:
        return {}
    with open_lake(settings, registry) as connection:
        _ask(connection, asked)
        connection.execute(_RECORDS.replace("$most", str(SAME_PERSON_RECORDS)))
        for step in (_IDENTIFIERS, _CONTACTS, _BROWSERS, _COOKIES):
            connection.execute(step)
        for number, kind, subject, identifier_type, version in connection.execute(
            _FOUND
        ).fetchall():
            found[number].add((kind, subject))
            if version is not None:
                newer = key_versions(keys, identifier_type, subject, above=version)
                found[number] |= {("identifier", key) for key in newer}
    return found


def _ask(connection: duckdb.DuckDBPyConnection, asked: Sequence[Person]) -> None:
    rows = [(person.number, person.client_id, kind, subject)
            for person in asked for kind, subject in person.subjects]  # fmt: skip
    connection.execute(_ASKED, [list(column) for column in zip(*rows, strict=True)])
