{% macro create_raw_tables() %}
-- The landing zone. Ingest and dbt both run these statements (matchbook.warehouse
-- reads them from this file), so an empty warehouse is ready for either one first.
create schema if not exists raw;

create table if not exists raw.loads (
    load_seq bigint not null,
    source varchar not null,            -- pixel_log | crm_file | baseline
    sha256 varchar not null,            -- of the file's bytes, as delivered
    file_name varchar not null,         -- escaped, at most 255 characters; metadata only
    content_bytes bigint not null,      -- after decompression
    content_head varchar,               -- sha256 of the first 4,096 content bytes
    content_sha256 varchar,             -- of the content after decompression
    ends_with_newline boolean not null,
    client_id varchar,                  -- crm_file only
    list_id varchar,
    list_mode varchar,                  -- opt-in | opt-out | replace
    lines bigint not null,
    accepted bigint not null,
    untracked bigint not null,
    quarantined bigint not null,
    duplicate bigint not null,
    not_ours bigint not null,
    landed_at timestamp not null,
    hit_date date not null,             -- the day of landing
    uploaded_by varchar,                -- who handed the file in, where that is known
    partner_id varchar                  -- baseline only
);

create table if not exists raw.line_outcomes (
    load_seq bigint not null,
    source varchar not null,
    client_id varchar,                  -- null: not attributable to a client
    hit_date date not null,             -- the line's own day where it has one, else the day of landing
    outcome varchar not null,           -- accepted | untracked | quarantined | duplicate | not_ours
    reason varchar,                     -- null for accepted and not_ours
    lines bigint not null,
    site_id varchar,                    -- pixel_log only, where the call named one we know
    partner_id varchar                  -- likewise
);

create table if not exists raw.quarantine (
    load_seq bigint not null,
    line_number bigint not null,
    source varchar not null,
    client_id varchar,
    byte_offset bigint,
    byte_length bigint,
    reason varchar not null,
    excerpt varchar,                    -- masked, at most 200 bytes; null where personal data was refused
    hit_date date not null,
    site_id varchar,                    -- pixel_log only, where the call named one we know
    partner_id varchar                  -- likewise
);

create table if not exists raw.hits (
    load_seq bigint not null,
    line_number bigint not null,
    hit_id varchar,
    hit_type varchar not null,          -- sync | click | read | page_view | event | identify | bake | withdraw
    client_id varchar,
    publisher_id varchar,
    site_id varchar,
    visitor_id varchar,
    partner_id varchar,
    partner_cookie_id varchar,
    identifier_type varchar,            -- email | phone | postal
    identifier_key varchar,
    key_version integer,
    cep_contact_id bigint,
    message_id varchar,
    event_name varchar,
    page_host varchar,
    page_path varchar,
    section varchar,
    referrer_host varchar,
    device_type varchar,
    browser varchar,
    operating_system varchar,
    ip_prefix varchar,
    consent_basis varchar,
    is_bot boolean not null,
    is_prefetch boolean not null,
    has_clock_skew boolean not null,
    has_format_warning boolean not null,
    hit_at timestamp not null,
    hit_date date not null
);

-- What hardly repeats names its compression: looking for the best one takes most of a landing's
-- time, and nothing makes keys smaller.
create table if not exists raw.crm_rows (
    load_seq bigint not null,
    line_number bigint not null,
    client_id varchar not null,
    list_id varchar not null,
    list_mode varchar not null,
    crm_record_id varchar using compression uncompressed, -- null only in an opt-out by identifier
    cep_contact_id bigint,
    hit_date date not null
);

create table if not exists raw.record_identifiers (
    load_seq bigint not null,
    line_number bigint not null,
    client_id varchar not null,
    list_id varchar not null,
    crm_record_id varchar using compression uncompressed,
    identifier_type varchar not null,
    profile varchar not null,           -- 'default' where the column names none
    identifier_key varchar not null using compression uncompressed,
    key_version integer not null,
    hit_date date not null
);

create table if not exists raw.record_attributes (
    load_seq bigint not null,
    line_number bigint not null,
    client_id varchar not null,
    list_id varchar not null,
    crm_record_id varchar not null using compression uncompressed,
    attribute_name varchar not null,
    attribute_type varchar not null,    -- text | number | date | boolean
    attribute_value varchar not null,
    hit_date date not null
);

create table if not exists raw.load_columns (
    load_seq bigint not null,
    list_id varchar not null,
    column_kind varchar not null,       -- identifier | cep_contact_id | attribute
    column_name varchar not null,       -- '<type>:<profile>' | 'cep_contact_id' | the attribute's name
    hit_date date not null
);

create table if not exists raw.partner_baselines (
    load_seq bigint not null,
    line_number bigint not null,
    client_id varchar not null,
    partner_id varchar not null,
    partner_cookie_id varchar not null,
    crm_record_id varchar not null,
    hit_date date not null
);

-- Mirrors of what state and the partner files hold; replaced whole before each build.
create table if not exists raw.clients (
    client_id varchar not null,
    client_name varchar not null,
    time_zone varchar not null,
    confidence_threshold double not null,
    evidence_days integer not null
);
create table if not exists raw.sites (
    site_id varchar not null, client_id varchar not null, site_name varchar not null
);
create table if not exists raw.publishers (
    publisher_id varchar not null, publisher_name varchar not null, client_id varchar not null
);
create table if not exists raw.lists (
    list_id varchar not null, client_id varchar not null, list_name varchar not null,
    upload_every varchar                -- day | week | month; null: whenever there is something
);
create table if not exists raw.partners (
    partner_id varchar not null, partner_name varchar not null, position integer not null
);
create table if not exists raw.client_partners (
    client_id varchar not null, partner_id varchar not null
);
create table if not exists raw.suppressions (
    client_id varchar,                  -- null: every client
    subject_type varchar not null,      -- visitor | identifier | record | cep_contact | erasure (a request)
    subject_id varchar not null,
    suppressed_at timestamp not null
);
create table if not exists raw.match_decisions (
    client_id varchar not null,
    visitor_key bigint not null,        -- as in published files
    crm_record_id varchar not null,
    decision varchar not null,          -- this_record | not_this_record | open
    decided_by varchar not null,
    decided_at timestamp not null
);
create table if not exists raw.blocked_keys (
    identifier_type varchar not null,
    identifier_key varchar not null     -- of a value that forms are filled with and nobody has
);
create table if not exists raw.holdings (
    client_id varchar not null,
    partner_id varchar not null,
    version bigint not null,
    partner_cookie_id varchar not null,
    crm_record_id varchar not null,
    first_delivered_at timestamp,
    last_delivered_at timestamp
);
create table if not exists raw.deliveries (
    client_id varchar not null,
    partner_id varchar not null,
    build_id varchar not null,
    load_seq bigint not null,
    rows_added bigint not null,
    rows_seen bigint not null,
    rows_removed bigint not null,
    confirmed_at timestamp not null
);

-- What tables made by an earlier version lack.
alter table raw.loads add column if not exists uploaded_by varchar;
alter table raw.loads add column if not exists partner_id varchar;
alter table raw.lists add column if not exists upload_every varchar;
alter table raw.quarantine add column if not exists site_id varchar;
alter table raw.quarantine add column if not exists partner_id varchar;
alter table raw.line_outcomes add column if not exists site_id varchar;
alter table raw.line_outcomes add column if not exists partner_id varchar;
alter table raw.holdings add column if not exists first_delivered_at timestamp;
alter table raw.holdings add column if not exists last_delivered_at timestamp
{% endmacro %}
