with

pairs as (

    select * from {{ ref('int_matches') }}

),

matches as (

    select
        {{ hash_id(['client_id', 'partner_id', 'partner_cookie_id', 'crm_record_id']) }} as match_id,
        client_id,
        partner_id,
        partner_cookie_id,
        crm_record_id,
        {{ evidence_types() }} as evidence_types,
        {{ published_key('client_id', 'partner_cookie_id') }} as partner_cookie_key,
        browsers,
        evidence_days,
        records_on_cookie,
        cookie_seen_load_seq,
        confidence,
        records_on_cookie > {{ var('hot_cookie_records') }} as is_hot,
        is_confident,
        is_confident and records_on_cookie <= {{ var('hot_cookie_records') }} as is_deliverable,
        first_evidence_date,
        last_evidence_date,
        first_seen_at,
        last_seen_at
    from pairs

)

select * from matches
