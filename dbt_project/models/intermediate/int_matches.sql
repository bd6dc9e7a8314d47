-- Partner cookie ↔ record pairs through a browser, as of the build.
with

browsers as (

    select * from {{ ref('int_match_browsers') }}

),

pairs as (

    select
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        max(clicks) as clicks,
        max(reads) as reads,
        max(identifies) as identifies,
        max(bakes) as bakes,
        count(*) as browsers,
        cast(sum(evidence_days) as bigint) as evidence_days,
        max(confidence) as confidence,
        max(case when is_confident then 1 else 0 end) = 1 as is_confident,
        min(first_evidence_date) as first_evidence_date,
        max(last_evidence_date) as last_evidence_date,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(cookie_seen_load_seq) as cookie_seen_load_seq
    from browsers
    group by client_id, partner_id, partner_cookie_id, crm_record_id

),

counted as (

    select
        *,
        count(*) over (partition by client_id, partner_id, partner_cookie_id) as records_on_cookie
    from pairs

)

select * from counted
