-- Between two days of evidence the older one is the latest: a span says what was known of a
-- browser and a key on each day from `valid_from` until the day before `valid_until`. History
-- before the first date wanted is folded into one row.
with

evidence_days as (

    select * from {{ ref('int_evidence_days') }}

),

bounds as (

    select min(as_of_date) as first_date, max(as_of_date) as last_date
    from {{ ref('int_rate_dates') }}

),

folded as (

    select
        evidence_days.client_id,
        evidence_days.publisher_id,
        evidence_days.visitor_id,
        evidence_days.evidence_type,
        evidence_days.identifier_type,
        evidence_days.identifier_key,
        count(*) as days,
        min(evidence_days.hit_date) as first_date,
        max(evidence_days.hit_date) as last_date,
        max(evidence_days.last_hit_at) as last_hit_at
    from evidence_days
    cross join bounds
    where evidence_days.hit_date <= bounds.last_date
    group by
        evidence_days.client_id, evidence_days.publisher_id, evidence_days.visitor_id,
        evidence_days.evidence_type, evidence_days.identifier_type, evidence_days.identifier_key,
        greatest(evidence_days.hit_date, {{ add_days('bounds.first_date', -1) }})

),

spans as (

    select
        client_id,
        publisher_id,
        visitor_id,
        evidence_type,
        identifier_type,
        identifier_key,
        cast(sum(days) over (
            partition by client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key
            order by last_date rows between unbounded preceding and current row
        ) as bigint) as days,
        last_hit_at,
        min(first_date) over (
            partition by client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key
        ) as first_date,
        last_date as valid_from,
        coalesce(
            lead(last_date) over (
                partition by
                    client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key
                order by last_date
            ),
            cast('9999-12-31' as date)
        ) as valid_until
    from folded

)

select * from spans
