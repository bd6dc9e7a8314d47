with

known as (

    select * from {{ ref('int_known_records') }}

),

counted as (

    {{ count_records('known', ['as_of_date', 'client_id', 'partner_id']) }}

)

select * from counted
