-- Law: a change is the sum of its parts. For each partner the points add up to the newest match
-- rate less the one a week before, and the records behind them to what numerator and denominator
-- have gained; and the newest rate is the one that match_rates states.
with

summed as (

    select
        client_id,
        partner_id,
        as_of_date,
        match_rate,
        match_rate_before,
        numerator_before,
        denominator_before,
        sum(points) as points,
        sum(matched_change) as matched_change,
        sum(eligible_change) as eligible_change
    from {{ ref('match_rate_changes') }}
    group by
        client_id, partner_id, as_of_date, match_rate, match_rate_before, numerator_before, denominator_before

)

select summed.*
from summed
left join {{ ref('match_rates') }} as rates
    on
        summed.client_id = rates.client_id
        and summed.partner_id = rates.partner_id
        and summed.as_of_date = rates.as_of_date
        and rates.look_back_days = {{ var('headline_days') }}
        and rates.breakdown = 'all'
where
    coalesce(rates.numerator, -1) <> summed.numerator_before + summed.matched_change
    or coalesce(rates.denominator, -1) <> summed.denominator_before + summed.eligible_change
    or abs(coalesce(summed.points - (rates.match_rate - summed.match_rate_before), 0)) > 1e-12
    or (summed.points is null) <> (rates.match_rate is null or summed.match_rate_before is null)
