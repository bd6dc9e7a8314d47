with

lines as (

    select * from {{ ref('stg_ledger__rejected_lines') }}
    where client_id is not null

),

loads as (

    select * from {{ ref('stg_ledger__loads') }}

),

named as (

    select
        lines.client_id,
        lines.load_seq,
        lines.source,
        coalesce(lines.site_id, '') as site_id,
        coalesce(lines.partner_id, '') as partner_id,
        lines.reason,
        loads.file_name,
        lines.excerpt,
        lines.line_number,
        lines.hit_date
    from lines
    left join loads
        on lines.load_seq = loads.load_seq

)

select * from named
