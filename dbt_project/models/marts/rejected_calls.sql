with

lines as (

    select * from {{ ref('stg_ledger__rejected_lines') }}
    where source = 'pixel_log' and client_id is not null

),

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

counted as (

    select
        client_id,
        coalesce(site_id, '') as site_id,
        coalesce(partner_id, '') as partner_id,
        reason,
        count(*) as calls,
        max({{ line_reference() }}) as last_line,
        hit_date
    from lines
    group by client_id, coalesce(site_id, ''), coalesce(partner_id, ''), reason, hit_date

),

named as (

    select
        counted.client_id,
        counted.site_id,
        counted.partner_id,
        counted.reason,
        loads.file_name as last_file_name,
        counted.calls,
        {{ line_number('counted.last_line') }} as last_line_number,
        counted.hit_date
    from counted
    left join loads
        on {{ line_load('counted.last_line') }} = loads.load_seq

)

select * from named
