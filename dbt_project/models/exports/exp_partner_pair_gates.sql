-- What a later opt-out could name: the browsers, identifiers and contacts behind each pair.
with

pairs as (

    select * from {{ ref('exp_partner_pairs') }}

),

build as (

    select * from {{ ref('int_build') }}

),

browsers as (

    select distinct
        pairs.client_id,
        pairs.partner_id,
        pairs.partner_cookie_id,
        pairs.crm_record_id,
        'visitor' as subject_type,
        records.visitor_id as subject_id
    from pairs
    inner join {{ syncs_as_of() }} as syncs
        on
            pairs.client_id = syncs.client_id
            and pairs.partner_id = syncs.partner_id
            and pairs.partner_cookie_id = syncs.partner_cookie_id
    inner join {{ ref('int_visitor_records') }} as records
        on
            syncs.client_id = records.client_id
            and syncs.visitor_id = records.visitor_id
            and pairs.crm_record_id = records.crm_record_id

),

identifiers as (

    select distinct
        pairs.client_id,
        pairs.partner_id,
        pairs.partner_cookie_id,
        pairs.crm_record_id,
        case when keys.identifier_type = 'cep_contact' then 'cep_contact' else 'identifier' end as subject_type,
        keys.identifier_key as subject_id
    from pairs
    cross join build
    inner join {{ ref('int_record_keys') }} as keys
        on
            pairs.client_id = keys.client_id
            and pairs.crm_record_id = keys.crm_record_id
            and keys.valid_from <= build.as_of_date
            and keys.valid_until > build.as_of_date

),

gates as (

    select * from browsers
    union all
    select * from identifiers

)

select * from gates
