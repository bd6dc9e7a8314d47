{{ by_day_config() }}

with

hits as (

    select hits.* from {{ ref('stg_pixel__hits') }} as hits
    {{ touched_days('hits') }}

),

keyed as (

    select
        coalesce(client_id, '') as client_id,
        coalesce(publisher_id, '') as publisher_id,
        visitor_id,
        hit_type as evidence_type,
        case when hit_type in ('click', 'read') then 'cep_contact' else identifier_type end as identifier_type,
        case
            when hit_type in ('click', 'read') then cast(cep_contact_id as varchar) else identifier_key
        end as identifier_key,
        load_seq,
        hit_at,
        hit_date
    from hits
    where hit_type in ('click', 'read', 'identify', 'bake') and is_human

),

evidence as (

    select
        client_id,
        publisher_id,
        visitor_id,
        evidence_type,
        identifier_type,
        identifier_key,
        count(*) as hits,
        max(load_seq) as load_seq,
        min(hit_at) as first_hit_at,
        max(hit_at) as last_hit_at,
        hit_date
    from keyed
    where identifier_key is not null
    group by client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key, hit_date

)

select * from evidence
