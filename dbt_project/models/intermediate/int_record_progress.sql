-- How far each record has come with each partner, as of the build: the record funnel's grain.
with

build as (

    select * from {{ ref('int_build') }}

),

spans as (

    select
        spans.client_id,
        spans.crm_record_id,
        max(case
            when spans.end_reason = 'withdrawn' and spans.valid_until <= build.as_of_date then 1 else 0
        end) as withdrawals
    from {{ ref('int_list_record_spans') }} as spans
    inner join build
        on spans.valid_from <= build.as_of_date
    group by spans.client_id, spans.crm_record_id

),

records as (

    select records.*
    from {{ ref('int_record_dates') }} as records
    inner join build
        on records.as_of_date = build.as_of_date

),

recognised as (

    select client_id, crm_record_id, max(case when is_confident then 1 else 0 end) as confident
    from {{ ref('int_visitor_records') }}
    group by client_id, crm_record_id

),

suppressions as (

    select suppressions.client_id, suppressions.subject_id as visitor_id
    from {{ ref('int_suppressions') }} as suppressions
    inner join build
        on suppressions.suppressed_at <= build.as_of
    where suppressions.subject_type = 'visitor'

),

ever_evident as (

    select
        record_keys.client_id,
        record_keys.crm_record_id,
        blocked.identifier_key is not null as is_placeholder,
        evidence.days > 0
        and evidence.valid_from <= build.as_of_date and evidence.valid_until > build.as_of_date
        and record_keys.valid_from <= build.as_of_date and record_keys.valid_until > build.as_of_date
        and suppressions.visitor_id is null as is_current
    from {{ ref('int_record_keys') }} as record_keys
    cross join build
    inner join {{ ref('int_evidence_spans') }} as evidence
        on
            record_keys.identifier_type = evidence.identifier_type
            and record_keys.identifier_key = evidence.identifier_key
            and record_keys.client_id = evidence.client_id
    left join {{ ref('stg_registry__blocked_keys') }} as blocked
        on
            record_keys.identifier_type = blocked.identifier_type
            and record_keys.identifier_key = blocked.identifier_key
    left join suppressions
        on evidence.client_id = suppressions.client_id and evidence.visitor_id = suppressions.visitor_id

),

-- Of a record that is not recognised, int_record_evidence has dropped the current evidence: the
-- identifier is a placeholder or else on too many records.
once_recognised as (

    select
        client_id,
        crm_record_id,
        max(case when is_current and not is_placeholder then 1 else 0 end) as has_identifier,
        max(case when is_current and is_placeholder then 1 else 0 end) as has_placeholder
    from ever_evident
    group by client_id, crm_record_id

),

matched as (

    select
        matches.client_id,
        matches.partner_id,
        matches.crm_record_id,
        max(case when matches.is_confident then 1 else 0 end) as confident,
        max(case when matches.is_deliverable then matches.last_seen_at end) as last_seen_at
    from {{ ref('matches') }} as matches
    group by matches.client_id, matches.partner_id, matches.crm_record_id

),

held as (

    select distinct client_id, partner_id, crm_record_id from {{ ref('stg_state__holdings') }}

),

progress as (

    select
        spans.client_id,
        partners.partner_id,
        spans.crm_record_id,
        coalesce(records.has_email, false) as has_email,
        coalesce(records.has_phone, false) as has_phone,
        coalesce(records.has_postal, false) as has_postal,
        case
            when records.crm_record_id is null and spans.withdrawals = 1 then 'withdrawn'
            when records.crm_record_id is null then 'missing_from_replacement'
            when records.is_suppressed then 'opted_out'
            when not records.is_eligible then 'no_identifier'
            when recognised.crm_record_id is null and once.has_identifier = 1 then 'shared_identifier'
            when recognised.crm_record_id is null and once.has_placeholder = 1 then 'placeholder_identifier'
            when recognised.crm_record_id is null and once.crm_record_id is not null then 'evidence_expired'
            when recognised.crm_record_id is null then 'never_recognised'
            when matched.crm_record_id is null then 'no_partner_cookie'
            when matched.confident = 0 then 'unsure'
            when matched.last_seen_at is null then 'shared_cookie'
            when matched.last_seen_at < {{ days_before('build.as_of', var('headline_days')) }} then 'not_seen_lately'
            when held.crm_record_id is null then 'next_file'
        end as lost_because
    from spans
    cross join build
    inner join {{ ref('stg_registry__client_partners') }} as partners
        on spans.client_id = partners.client_id
    left join records
        on spans.client_id = records.client_id and spans.crm_record_id = records.crm_record_id
    left join recognised
        on spans.client_id = recognised.client_id and spans.crm_record_id = recognised.crm_record_id
    left join once_recognised as once
        on spans.client_id = once.client_id and spans.crm_record_id = once.crm_record_id
    left join matched
        on
            spans.client_id = matched.client_id
            and partners.partner_id = matched.partner_id
            and spans.crm_record_id = matched.crm_record_id
    left join held
        on
            spans.client_id = held.client_id
            and partners.partner_id = held.partner_id
            and spans.crm_record_id = held.crm_record_id

)

select * from progress
