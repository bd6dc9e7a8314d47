with

members as (

    select distinct client_id, crm_record_id, member_key from {{ ref('members') }}
    where is_matched

),

attributes as (

    select * from {{ ref('int_record_attributes') }}

),

people_attributes as (

    select
        members.client_id,
        members.member_key,
        attributes.attribute_name as attribute,
        attributes.attribute_type,
        attributes.attribute_value as value,
        case when attributes.attribute_type = 'number' then try_cast(attributes.attribute_value as double) end
            as value_number,
        case when attributes.attribute_type = 'boolean' then attributes.attribute_value = 'true' end
            as value_boolean,
        case when attributes.attribute_type = 'date' then try_cast(attributes.attribute_value as date) end
            as value_date
    from members
    inner join attributes
        on members.client_id = attributes.client_id and members.crm_record_id = attributes.crm_record_id

)

select * from people_attributes
