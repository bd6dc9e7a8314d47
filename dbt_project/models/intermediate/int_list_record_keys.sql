with

rows_in as (

    select distinct client_id, list_id, crm_record_id, cep_contact_id, load_seq, landed_date
    from {{ ref('stg_crm__rows') }}
    where list_mode <> 'opt-out' and crm_record_id is not null

),

load_columns as (

    select * from {{ ref('stg_ledger__load_columns') }}
    where column_kind in ('identifier', 'cep_contact_id')

),

identifiers as (

    select * from {{ ref('stg_crm__identifiers') }}
    where crm_record_id is not null

),

-- A file speaks of a record in the columns it has, an empty cell included.
statements as (

    select distinct
        rows_in.client_id,
        rows_in.list_id,
        rows_in.crm_record_id,
        load_columns.column_name,
        rows_in.load_seq,
        rows_in.landed_date
    from rows_in
    inner join load_columns
        on rows_in.load_seq = load_columns.load_seq

),

versions as (

    select
        *,
        row_number() over cell as version,
        lead(landed_date) over cell as next_date
    from statements
    window cell as (partition by list_id, crm_record_id, column_name order by load_seq)

),

keys as (

    select distinct list_id, crm_record_id, load_seq, column_name, identifier_type, identifier_key
    from identifiers
    union
    select
        list_id,
        crm_record_id,
        load_seq,
        'cep_contact_id' as column_name,
        'cep_contact' as identifier_type,
        cast(cep_contact_id as string) as identifier_key
    from rows_in
    where cep_contact_id is not null

),

keyed as (

    select
        versions.*,
        keys.identifier_type,
        keys.identifier_key,
        versions.version - row_number() over (
            partition by
                versions.list_id, versions.crm_record_id, versions.column_name,
                keys.identifier_type, keys.identifier_key
            order by versions.version
        ) as run_number
    from versions
    inner join keys
        on
            versions.list_id = keys.list_id
            and versions.crm_record_id = keys.crm_record_id
            and versions.load_seq = keys.load_seq
            and versions.column_name = keys.column_name

),

runs as (

    select
        client_id,
        list_id,
        crm_record_id,
        column_name,
        identifier_type,
        identifier_key,
        min(landed_date) as valid_from,
        case when count(*) = count(next_date) then max(next_date) end as valid_until
    from keyed
    group by client_id, list_id, crm_record_id, column_name, identifier_type, identifier_key, run_number

),

while_live as (

    select distinct
        runs.client_id,
        runs.list_id,
        runs.crm_record_id,
        runs.column_name,
        runs.identifier_type,
        runs.identifier_key,
        greatest(runs.valid_from, spans.valid_from) as valid_from,
        coalesce(least(runs.valid_until, spans.valid_until), cast('9999-12-31' as date)) as valid_until
    from runs
    inner join {{ ref('int_list_record_spans') }} as spans
        on runs.list_id = spans.list_id and runs.crm_record_id = spans.crm_record_id

)

select * from while_live
where valid_from < valid_until
