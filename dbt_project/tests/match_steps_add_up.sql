-- Law: every day's headline can be clicked down to its rows. The steps up and down until a day
-- leave as many records as the day's match rate counts as matched at a partner, and under "any"
-- as many as it counts as eligible.
with

stepped as (

    select client_id, partner_id, as_of_date, sum(step) as step
    from {{ ref('match_steps') }}
    group by client_id, partner_id, as_of_date

),

rates as (

    select client_id, partner_id, as_of_date, numerator as records
    from {{ ref('match_rates') }}
    where look_back_days = {{ var('headline_days') }} and breakdown = 'all' and partner_id <> 'mapp_cep'
    union all
    select client_id, 'any' as partner_id, as_of_date, denominator as records
    from {{ ref('match_rates') }}
    where look_back_days = {{ var('headline_days') }} and breakdown = 'all' and partner_id = 'all'

),

standing as (

    select
        rates.client_id,
        rates.partner_id,
        rates.as_of_date,
        rates.records,
        coalesce(sum(stepped.step) over (
            partition by rates.client_id, rates.partner_id order by rates.as_of_date
        ), 0) as rows_standing
    from rates
    left join stepped
        on
            rates.client_id = stepped.client_id
            and rates.partner_id = stepped.partner_id
            and rates.as_of_date = stepped.as_of_date

)

select * from standing
where records <> rows_standing
