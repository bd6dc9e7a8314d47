-- Law 3: the funnel and the headline tell one story. On the newest day, the records that reach
-- "synced" are the match rate's numerator and those that reach "eligible" its denominator, for
-- all records and for each identifier type.
with

rates as (

    select
        rates.client_id,
        rates.partner_id,
        rates.breakdown_value as identifier_type,
        rates.numerator,
        rates.denominator
    from {{ ref('match_rates') }} as rates
    inner join {{ ref('build') }} as build
        on rates.as_of_date = build.as_of_date
    where
        rates.look_back_days = {{ var('headline_days') }}
        and rates.breakdown in ('all', 'identifier_type')
        and rates.partner_id not in ('all', 'mapp_cep')

),

funnel as (

    select
        client_id,
        partner_id,
        identifier_type,
        max(case when step = 'eligible' then records end) as eligible,
        max(case when step = 'synced' then records end) as synced
    from {{ ref('record_funnel') }}
    where reason is null
    group by client_id, partner_id, identifier_type

)

-- A client without a record has rates of 0 and no funnel.
select
    coalesce(rates.client_id, funnel.client_id) as client_id,
    coalesce(rates.partner_id, funnel.partner_id) as partner_id,
    coalesce(rates.identifier_type, funnel.identifier_type) as identifier_type,
    rates.numerator,
    funnel.synced,
    rates.denominator,
    funnel.eligible
from rates
full outer join funnel
    on
        rates.client_id = funnel.client_id
        and rates.partner_id = funnel.partner_id
        and rates.identifier_type = funnel.identifier_type
where
    coalesce(rates.numerator, -1) <> coalesce(funnel.synced, 0)
    or coalesce(rates.denominator, -1) <> coalesce(funnel.eligible, 0)
