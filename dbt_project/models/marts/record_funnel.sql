{% set identifier_types = ['email', 'phone', 'postal'] %}

with

progress as (

    select * from {{ ref('int_record_progress') }}

),

reasons as (

    select * from {{ ref('int_loss_reasons') }}

),

steps as (

    select 1 as step_number, 'uploaded' as step union all select 2, 'live' union all select 3, 'eligible'
    union all select 4, 'recognised' union all select 5, 'synced' union all select 6, 'delivered'

),

placed as (

    select
        progress.*,
        coalesce(reasons.step_number, 7) as lost_at
    from progress
    left join reasons
        on progress.lost_because = reasons.reason

),

by_type as (

    select client_id, partner_id, 'all' as identifier_type, lost_because, lost_at, count(*) as records
    from placed
    group by client_id, partner_id, lost_because, lost_at
    {% for type in identifier_types %}
    union all
    select client_id, partner_id, '{{ type }}' as identifier_type, lost_because, lost_at, count(*) as records
    from placed
    where has_{{ type }}
    group by client_id, partner_id, lost_because, lost_at
    {% endfor %}

),

asked as (

    select distinct by_type.client_id, by_type.partner_id, by_type.identifier_type, steps.step_number, steps.step
    from by_type
    cross join steps

),

reached as (

    select
        asked.client_id,
        asked.partner_id,
        asked.identifier_type,
        asked.step,
        cast(null as string) as reason,
        cast(null as string) as lever,
        asked.step_number,
        cast(coalesce(sum(by_type.records), 0) as bigint) as records
    from asked
    left join by_type
        on
            asked.client_id = by_type.client_id
            and asked.partner_id = by_type.partner_id
            and asked.identifier_type = by_type.identifier_type
            and asked.step_number < by_type.lost_at
    group by asked.client_id, asked.partner_id, asked.identifier_type, asked.step, asked.step_number

),

lost as (

    select
        by_type.client_id,
        by_type.partner_id,
        by_type.identifier_type,
        steps.step,
        by_type.lost_because as reason,
        reasons.lever,
        steps.step_number,
        by_type.records
    from by_type
    inner join steps
        on by_type.lost_at = steps.step_number
    inner join reasons
        on by_type.lost_because = reasons.reason

),

funnel as (

    select * from reached
    union all
    select * from lost

)

select * from funnel
