with

holdings as (

    select * from {{ ref('stg_state__holdings') }}

),

match_deliveries as (

    select
        {{ hash_id(['client_id', 'partner_id', 'partner_cookie_id', 'crm_record_id']) }} as match_id,
        client_id,
        partner_id,
        crm_record_id,
        first_delivered_at,
        last_delivered_at
    from holdings

)

select * from match_deliveries
