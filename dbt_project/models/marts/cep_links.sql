{{ mart_view() }}

with

cep_links as (

    select
        contacts.client_id,
        cast(contacts.cep_contact_id as bigint) as cep_contact_id,
        contacts.last_linked_at,
        contacts.last_click_at,
        contacts.last_read_at,
        contacts.last_identify_at
    from {{ ref('int_contact_dates') }} as contacts
    inner join {{ ref('int_build') }} as build
        on contacts.as_of_date = build.as_of_date

)

select * from cep_links
