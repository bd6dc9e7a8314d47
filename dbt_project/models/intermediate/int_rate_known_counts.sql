{% set identifier_types = ['email', 'phone', 'postal'] %}

with

known as (

    select * from {{ ref('int_known_records') }}

),

counted as (

    select as_of_date, client_id, partner_id, 'all' as breakdown, 'all' as breakdown_value, count(*) as records
    from known
    group by as_of_date, client_id, partner_id
    {% for type in identifier_types %}
    union all
    select
        as_of_date, client_id, partner_id,
        'identifier_type' as breakdown, '{{ type }}' as breakdown_value, count(*) as records
    from known
    where has_{{ type }}
    group by as_of_date, client_id, partner_id
    {% endfor %}

)

select * from counted
