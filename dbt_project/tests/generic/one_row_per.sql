{# The grain: no two rows share `columns`, and none of them is null but those in `nullable`.
   With `touched`, only rows are read that share these columns with a row of the newest load:
   a table that grows day by day is checked where it was rewritten. #}
{% test one_row_per(model, columns, nullable=[], touched=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as rows_of_one
from {{ model }}
{% if touched -%}
where ({{ touched | join(', ') }}) in (
    select {{ touched | join(', ') }}
    from {{ model }}
    where load_seq = (select max(load_seq) from {{ model }})
)
{%- endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
