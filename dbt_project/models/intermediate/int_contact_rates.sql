with

look_backs as (

    select 1 as look_back_days union all select 7 union all select 30 union all select 90

),

contact_rates as (

    select
        contacts.as_of_date,
        contacts.client_id,
        'mapp_cep' as partner_id,
        look_backs.look_back_days,
        'all' as breakdown,
        'all' as breakdown_value,
        count(case
            when contacts.last_linked_at >= {{ days_before('contacts.end_at', 'look_backs.look_back_days') }} then 1
        end) as numerator,
        count(*) as denominator
    from {{ ref('int_contact_dates') }} as contacts
    cross join look_backs
    group by contacts.as_of_date, contacts.client_id, look_backs.look_back_days

)

select * from contact_rates
