-- A contact may be linked in several ways and counts at each; all of them are by click or read.
with

look_backs as (

    {{ look_backs() }}

),

contacts as (

    select * from {{ ref('int_contact_dates') }}

),

contact_rates as (

    {% for how, moment in {
        'all': 'last_linked_at', 'click': 'last_click_at', 'read': 'last_read_at', 'identify': 'last_identify_at',
    }.items() %}
    select
        contacts.as_of_date,
        contacts.client_id,
        'mapp_cep' as partner_id,
        look_backs.look_back_days,
        '{{ 'all' if how == 'all' else 'how' }}' as breakdown,
        '{{ how }}' as breakdown_value,
        count(case
            when contacts.{{ moment }} >= {{ days_before('contacts.end_at', 'look_backs.look_back_days') }} then 1
        end) as numerator,
        count(*) as denominator
    from contacts
    cross join look_backs
    group by contacts.as_of_date, contacts.client_id, look_backs.look_back_days
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from contact_rates
