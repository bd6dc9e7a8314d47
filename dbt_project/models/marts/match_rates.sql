{{ whole_partitions('as_of_date') }}

with

look_backs as (

    {{ look_backs() }}

),

dates as (

    select * from {{ ref('int_rate_dates') }}
    where is_restated

),

numerators as (

    select * from {{ ref('int_rate_numerators') }}

),

denominators as (

    select * from {{ ref('int_rate_denominators') }}

),

-- Every line that can be asked for exists, so that a partner nobody synced with reads 0.
asked_partners as (

    select client_id, partner_id from {{ ref('stg_registry__client_partners') }}
    union all
    select client_id, 'all' as partner_id from {{ ref('stg_registry__clients') }}

),

asked_breakdowns as (

    select client_id, 'all' as breakdown, 'all' as breakdown_value from {{ ref('stg_registry__clients') }}
    {% for type in identifier_types() %}
    union all
    select client_id, 'identifier_type' as breakdown, '{{ type }}' as breakdown_value
    from {{ ref('stg_registry__clients') }}
    {% endfor %}
    union all
    select client_id, 'site' as breakdown, site_id as breakdown_value from {{ ref('stg_registry__sites') }}

),

record_rates as (

    select
        dates.as_of_date,
        partners.client_id,
        partners.partner_id,
        look_backs.look_back_days,
        breakdowns.breakdown,
        breakdowns.breakdown_value,
        coalesce(numerators.records, 0) as numerator,
        coalesce(denominators.records, 0) as denominator
    from dates
    cross join look_backs
    cross join asked_partners as partners
    inner join asked_breakdowns as breakdowns
        on partners.client_id = breakdowns.client_id
    left join numerators
        on
            dates.as_of_date = numerators.as_of_date
            and look_backs.look_back_days = numerators.look_back_days
            and partners.partner_id = numerators.partner_id
            and {{ same_rate('breakdowns', 'numerators', ['client_id']) }}
    left join denominators
        on
            dates.as_of_date = denominators.as_of_date
            and {{ same_rate('breakdowns', 'denominators', ['client_id'], only='identifier_type') }}

),

rates as (

    select * from record_rates
    union all
    select as_of_date, client_id, partner_id, look_back_days, breakdown, breakdown_value, numerator, denominator
    from {{ ref('int_contact_rates') }}

),

stamped as (

    select
        rates.client_id,
        rates.partner_id,
        rates.breakdown,
        rates.breakdown_value,
        rates.look_back_days,
        rates.numerator,
        rates.denominator,
        dates.load_seq,
        case when rates.denominator > 0 then rates.numerator * 1e0 / rates.denominator end as match_rate,
        rates.as_of_date
    from rates
    inner join dates
        on rates.as_of_date = dates.as_of_date

)

select * from stamped
