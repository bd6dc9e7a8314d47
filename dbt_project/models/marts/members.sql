with

members as (

    select * from {{ ref('int_members') }}

)

select client_id, crm_record_id, visitor_key, member_key, is_matched from members
