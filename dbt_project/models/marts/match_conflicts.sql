-- Candidates are ranked by what decides: a person's word, then confidence.
with

browsers as (

    select
        client_id,
        'browser' as subject_type,
        cast(null as string) as partner_id,
        {{ published_key('client_id', 'visitor_id') }} as subject_key,
        crm_record_id,
        confidence,
        is_hot,
        is_confident,
        decided_by,
        decided_at,
        last_evidence_date
    from {{ ref('int_visitor_records') }}
    where records_on_browser > 1 or decision is not null

),

cookies as (

    select
        client_id,
        'partner_cookie' as subject_type,
        partner_id,
        {{ published_key('client_id', 'partner_cookie_id') }} as subject_key,
        crm_record_id,
        confidence,
        records_on_cookie > {{ var('hot_cookie_records') }} as is_hot,
        is_confident,
        cast(null as string) as decided_by,
        cast(null as timestamp) as decided_at,
        last_evidence_date
    from {{ ref('int_matches') }}
    where records_on_cookie > 1

),

candidates as (

    select * from browsers
    union all
    select * from cookies

),

ranked as (

    select
        *,
        row_number() over (
            partition by client_id, subject_type, partner_id, subject_key
            order by case when is_confident then 0 else 1 end, confidence desc, crm_record_id
        ) as place
    from candidates

),

summed as (

    select
        client_id,
        subject_type,
        partner_id,
        subject_key,
        count(*) as candidates,
        count(case when is_confident then 1 end) as confident_candidates,
        max(case when is_hot then 1 else 0 end) as hot,
        max(case when place = 1 then crm_record_id end) as best_record_id,
        max(case when place = 1 then confidence end) as best_confidence,
        max(case when place = 2 then crm_record_id end) as next_record_id,
        max(case when place = 2 then confidence end) as next_confidence,
        max(decided_by) as decided_by,
        max(decided_at) as decided_at,
        max(last_evidence_date) as last_evidence_date
    from ranked
    group by client_id, subject_type, partner_id, subject_key

),

judged as (

    select
        *,
        case
            when decided_at is not null then 'decided'
            when hot = 1 then 'too_many'
            when confident_candidates = 0 then 'nobody'
            when confident_candidates = 1 then 'one'
            when best_confidence = next_confidence then 'tie'
            else 'several'
        end as outcome
    from summed

),

match_conflicts as (

    select
        client_id,
        subject_type,
        partner_id,
        outcome,
        case outcome
            when 'decided' then 'A person decided this.'
            when 'too_many' then 'More records than a household has: counted, never sent.'
            when 'nobody' then 'None of the records is sure enough: nothing is sent.'
            when 'one' then 'One record is sure enough, the others are not sent.'
            when 'tie' then 'The surest records are equally sure: all that are sure enough are sent, and it belongs to nobody.'
            else 'Several records are sure enough and are sent, and it belongs to the surest.'
        end as outcome_reason,
        case when outcome in ('one', 'several') or (outcome = 'decided' and confident_candidates > 0)
            then best_record_id
        end as winning_record_id,
        best_record_id,
        next_record_id,
        decided_by,
        subject_key,
        candidates,
        confident_candidates,
        best_confidence,
        next_confidence,
        decided_at,
        last_evidence_date
    from judged

)

select * from match_conflicts
