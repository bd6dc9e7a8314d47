-- Law 3: matched and eligible mean the same everywhere. On the newest day, the records counted
-- beside each identifier are those of the headline match rate, all of them and those that have
-- the identifier.
with

rates as (

    select rates.client_id, rates.breakdown, rates.breakdown_value, rates.numerator, rates.denominator
    from {{ ref('match_rates') }} as rates
    inner join {{ ref('build') }} as build
        on rates.as_of_date = build.as_of_date
    where
        rates.look_back_days = {{ var('headline_days') }}
        and rates.partner_id = 'all'
        and rates.breakdown in ('all', 'identifier_type')

)

select coverage.*
from {{ ref('identifier_coverage') }} as coverage
left join rates
    on coverage.client_id = rates.client_id and rates.breakdown = 'all'
left join rates as of_type
    on
        coverage.client_id = of_type.client_id
        and of_type.breakdown = 'identifier_type'
        and coverage.identifier_type = of_type.breakdown_value
where
    coverage.records_with + coverage.records_without <> coalesce(rates.denominator, 0)
    or coverage.matched_with + coverage.matched_without <> coalesce(rates.numerator, 0)
    or coverage.records_with <> coalesce(of_type.denominator, coverage.records_with)
    or coverage.matched_with <> coalesce(of_type.numerator, coverage.matched_with)
