with

visitors as (

    select client_id, visitor_id from {{ visitors_as_of() }}

),

records as (

    select * from {{ ref('int_visitor_records') }}
    where is_deliverable

),

best as (

    select client_id, visitor_id, max(confidence) as confidence
    from records
    group by client_id, visitor_id

),

-- Two records equally likely on one browser: it is counted as neither's.
owners as (

    select
        records.client_id,
        records.visitor_id,
        min(records.crm_record_id) as crm_record_id
    from records
    inner join best
        on
            records.client_id = best.client_id
            and records.visitor_id = best.visitor_id
            and records.confidence = best.confidence
    group by records.client_id, records.visitor_id
    having count(*) = 1

),

members as (

    select
        visitors.client_id,
        visitors.visitor_id,
        owners.crm_record_id,
        {{ published_key('visitors.client_id', 'visitors.visitor_id') }} as visitor_key,
        case
            when owners.crm_record_id is null
                then {{ published_key('visitors.client_id', 'visitors.visitor_id') }}
            else {{ published_key('visitors.client_id', "concat('record', chr(31), owners.crm_record_id)") }}
        end as member_key,
        owners.crm_record_id is not null as is_matched
    from visitors
    left join owners
        on visitors.client_id = owners.client_id and visitors.visitor_id = owners.visitor_id

)

select * from members
