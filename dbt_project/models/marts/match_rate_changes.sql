with

movements as (

    select * from {{ ref('int_rate_movements') }}

),

build as (

    select * from {{ ref('int_build') }}

),

reasons as (

    select 1 as position, 'new_records' as reason union all select 2, 'records_gone'
    union all select 3, 'newly_recognised' union all select 4, 'newly_synced'
    union all select 5, 'not_seen' union all select 6, 'no_longer_recognised'
    union all select 7, 'opted_out'

),

partners as (

    select client_id, partner_id from {{ ref('stg_registry__client_partners') }}
    union all
    select client_id, 'all' as partner_id from {{ ref('stg_registry__clients') }}

),

matched as (

    select client_id, partner_id, reason, sum(matched_change) as records
    from movements
    where partner_id <> 'any'
    group by client_id, partner_id, reason

),

eligible as (

    select client_id, reason, sum(eligible_change) as records
    from movements
    where partner_id = 'any'
    group by client_id, reason

),

stated as (

    select
        partners.client_id,
        partners.partner_id,
        days.as_of_date,
        coalesce(max(numerators.records), 0) as numerator,
        coalesce(max(denominators.records), 0) as denominator
    from partners
    cross join build
    inner join {{ ref('int_rate_dates') }} as days
        on days.as_of_date = build.as_of_date or days.as_of_date = {{ add_days('build.as_of_date', -7) }}
    left join {{ ref('int_rate_numerators') }} as numerators
        on
            days.as_of_date = numerators.as_of_date
            and partners.client_id = numerators.client_id
            and partners.partner_id = numerators.partner_id
            and numerators.look_back_days = {{ var('headline_days') }}
            and numerators.breakdown = 'all'
    left join {{ ref('int_rate_denominators') }} as denominators
        on
            days.as_of_date = denominators.as_of_date
            and partners.client_id = denominators.client_id
            and denominators.breakdown = 'all'
    group by partners.client_id, partners.partner_id, days.as_of_date

),

compared as (

    select
        newest.client_id,
        newest.partner_id,
        newest.as_of_date,
        earlier.as_of_date as since_date,
        newest.numerator,
        newest.denominator,
        earlier.numerator as numerator_before,
        earlier.denominator as denominator_before
    from stated as newest
    inner join build
        on newest.as_of_date = build.as_of_date
    inner join stated as earlier
        on
            newest.client_id = earlier.client_id
            and newest.partner_id = earlier.partner_id
            and earlier.as_of_date < newest.as_of_date

),

counted as (

    select
        compared.*,
        reasons.position,
        reasons.reason,
        cast(coalesce(matched.records, 0) as bigint) as matched_change,
        cast(coalesce(eligible.records, 0) as bigint) as eligible_change,
        {{ share('compared.numerator', 'compared.denominator') }} as match_rate,
        {{ share('compared.numerator_before', 'compared.denominator_before') }} as match_rate_before
    from compared
    cross join reasons
    left join matched
        on
            compared.client_id = matched.client_id
            and compared.partner_id = matched.partner_id
            and reasons.reason = matched.reason
    left join eligible
        on compared.client_id = eligible.client_id and reasons.reason = eligible.reason

),

-- A record that comes or goes moves the rate by how far it is from the rate there was: so the
-- parts add up to the whole change, to the last digit.
match_rate_changes as (

    select
        client_id,
        partner_id,
        reason,
        position,
        matched_change,
        eligible_change,
        numerator_before,
        denominator_before,
        case
            when denominator > 0 then (matched_change - match_rate_before * eligible_change) / denominator
        end as points,
        match_rate_before,
        match_rate,
        since_date,
        as_of_date
    from counted

)

select * from match_rate_changes
