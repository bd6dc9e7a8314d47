with

eligible as (

    select * from {{ ref('int_record_dates') }}
    where is_eligible

),

denominators as (

    {{ count_records('eligible', ['as_of_date', 'client_id']) }}

)

select * from denominators
