-- A span says what was known of a browser and a key on each day from `valid_from` until the day
-- before `valid_until`. It ends where evidence is added and where some grows older than the client
-- allows, so that `days` are those that still count. A bake on a publisher's site counts for each
-- client of that publisher. History before the first date wanted is folded into one row.
{% set keys = 'client_id, publisher_id, visitor_id, evidence_type, identifier_type, identifier_key' %}

with

evidence_days as (

    select * from {{ ref('int_evidence_days') }}

),

publishers as (

    select * from {{ ref('stg_registry__publishers') }}

),

clients as (

    select * from {{ ref('stg_registry__clients') }}

),

bounds as (

    select min(as_of_date) as first_date, max(as_of_date) as last_date
    from {{ ref('int_rate_dates') }}

),

scoped as (

    select client_id as for_client_id, evidence_days.* from evidence_days
    where client_id <> ''
    union all
    select publishers.client_id as for_client_id, evidence_days.*
    from evidence_days
    inner join publishers
        on evidence_days.publisher_id = publishers.publisher_id
    where evidence_days.client_id = ''

),

dated as (

    select
        scoped.for_client_id as client_id,
        scoped.publisher_id,
        scoped.visitor_id,
        scoped.evidence_type,
        scoped.identifier_type,
        scoped.identifier_key,
        scoped.last_hit_at,
        scoped.hit_date,
        {{ add_days('scoped.hit_date', 'clients.evidence_days') }} as expired_date,
        bounds.first_date,
        bounds.last_date
    from scoped
    inner join clients
        on scoped.for_client_id = clients.client_id
    cross join bounds
    where scoped.hit_date <= bounds.last_date

),

-- A day of evidence is one more from its date on, and one less from when it no longer counts.
turns as (

    select
        {{ keys }},
        greatest(hit_date, {{ add_days('first_date', -1) }}) as turned_date,
        case when expired_date >= first_date then 1 else 0 end as days,
        hit_date,
        last_hit_at
    from dated
    union all
    select
        {{ keys }},
        expired_date as turned_date,
        -1 as days,
        cast(null as date) as hit_date,
        cast(null as timestamp) as last_hit_at
    from dated
    where expired_date between first_date and last_date

),

folded as (

    select
        {{ keys }},
        turned_date,
        sum(days) as days,
        min(hit_date) as first_date,
        max(hit_date) as last_date,
        max(last_hit_at) as last_hit_at
    from turns
    group by {{ keys }}, turned_date

),

spans as (

    select
        {{ keys }},
        cast(sum(days) over history as bigint) as days,
        max(last_hit_at) over history as last_hit_at,
        min(first_date) over history as first_date,
        max(last_date) over history as last_date,
        turned_date as valid_from,
        coalesce(lead(turned_date) over history, cast('9999-12-31' as date)) as valid_until
    from folded
    window history as (partition by {{ keys }} order by turned_date)

)

select * from spans
