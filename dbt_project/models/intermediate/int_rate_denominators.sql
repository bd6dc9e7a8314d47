{% set identifier_types = ['email', 'phone', 'postal'] %}

with

denominators as (

    select as_of_date, client_id, 'all' as breakdown, 'all' as breakdown_value, count(*) as records
    from {{ ref('int_record_dates') }}
    where is_eligible
    group by as_of_date, client_id
    {% for type in identifier_types %}
    union all
    select
        as_of_date, client_id, 'identifier_type' as breakdown, '{{ type }}' as breakdown_value, count(*) as records
    from {{ ref('int_record_dates') }}
    where is_eligible and has_{{ type }}
    group by as_of_date, client_id
    {% endfor %}

)

select * from denominators
