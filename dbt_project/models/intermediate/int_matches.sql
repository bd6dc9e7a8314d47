-- Partner cookie ↔ record pairs through a browser, as of the build.
with

build as (

    select * from {{ ref('int_build') }}

),

syncs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        visitor_id,
        max(load_seq) as load_seq,
        min(first_hit_at) as first_hit_at,
        max(last_hit_at) as last_hit_at
    from {{ ref('int_syncs') }}
    group by client_id, partner_id, partner_cookie_id, visitor_id

),

recent_syncs as (

    select syncs.*
    from syncs
    cross join build
    where {{ add_days('cast(syncs.last_hit_at as date)', var('cookie_days')) }} > build.as_of_date

),

pairs as (

    select
        syncs.client_id,
        syncs.partner_id,
        syncs.partner_cookie_id,
        records.crm_record_id,
        max(records.clicks) as clicks,
        max(records.reads) as reads,
        max(records.identifies) as identifies,
        max(records.bakes) as bakes,
        count(*) as browsers,
        cast(sum(records.evidence_days) as bigint) as evidence_days,
        max(records.confidence) as confidence,
        max(case when records.is_confident then 1 else 0 end) = 1 as is_confident,
        min(records.first_evidence_date) as first_evidence_date,
        max(records.last_evidence_date) as last_evidence_date,
        min(syncs.first_hit_at) as first_seen_at,
        max(syncs.last_hit_at) as last_seen_at,
        max(syncs.load_seq) as cookie_seen_load_seq
    from recent_syncs as syncs
    inner join {{ ref('int_visitor_records') }} as records
        on syncs.client_id = records.client_id and syncs.visitor_id = records.visitor_id
    group by syncs.client_id, syncs.partner_id, syncs.partner_cookie_id, records.crm_record_id

),

counted as (

    select
        *,
        count(*) over (partition by client_id, partner_id, partner_cookie_id) as records_on_cookie
    from pairs

)

select * from counted
