with

pairs as (

    select
        *,
        {{ published_key('client_id', 'visitor_id') }} as visitor_key
    from {{ ref('int_visitor_records') }}

),

evidence as (

    select client_id, visitor_key, crm_record_id, count(distinct hit_date) as days
    from {{ ref('match_evidence') }}
    group by client_id, visitor_key, crm_record_id

),

days_counted as (

    select pairs.*, evidence.days as days_with_evidence
    from pairs
    inner join evidence
        on
            pairs.client_id = evidence.client_id
            and pairs.visitor_key = evidence.visitor_key
            and pairs.crm_record_id = evidence.crm_record_id

),

recognised_browsers as (

    select
        client_id,
        crm_record_id,
        basis,
        {{ evidence_types() }} as evidence_types,
        concat(
            case basis
                when 'identify' then 'Signed in on the site'
                when 'bake' then 'Logged in with a publisher'
                when 'read' then 'Read an e-mail online'
                when 'click' then 'Clicked in an e-mail'
                when 'shared_same' then 'Recognised by an identifier that a second record of the same person has too'
                when 'shared' then 'Recognised by an identifier that another record has too'
                when 'shared_other' then 'Recognised by an identifier that another person has too'
                else 'Recognised by a postal address alone'
            end,
            case when own_kinds > 1 then ' and in other ways' else '' end,
            ', evidence on ', cast(days_with_evidence as string),
            case when days_with_evidence = 1 then ' day' else ' days' end,
            ', last on ', cast(last_evidence_date as string),
            case
                when has_rival then '; somebody else is recognised in this browser at least as directly'
                when records_on_browser > 1 then '; others are recognised in this browser, less directly'
                else '; nobody else is recognised in this browser'
            end,
            case
                when browsers_of_record > 1
                    then concat('; one of ', cast(browsers_of_record as string), ' browsers of this record')
                else ''
            end,
            case when is_browsing then '' else '; the browser was never seen on the site itself' end,
            case decision
                when 'this_record' then '; a person decided that it is this record'
                when 'not_this_record' then '; a person decided that it is not this record'
                else ''
            end,
            '.'
        ) as confidence_reason,
        decision,
        visitor_key,
        days_with_evidence as evidence_days,
        records_on_browser,
        browsers_of_record,
        round(points_for_kind, 3) as points_for_kind,
        round(points_for_amount, 3) as points_for_amount,
        round(points_for_exclusivity, 3) as points_for_exclusivity,
        round(points_for_recency, 3) as points_for_recency,
        confidence,
        is_hot,
        is_confident,
        first_evidence_date,
        last_evidence_date
    from days_counted

)

select * from recognised_browsers
