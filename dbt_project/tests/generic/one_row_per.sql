{# The grain: no two rows share `columns`, and none of them is null but those in `nullable`.
   With `touched`, only rows are read that share these columns with a row of the last day's
   loads: a table that grows day by day is checked where it was rewritten. #}
{% test one_row_per(model, columns, nullable=[], touched=[]) %}

select
    {{ columns | join(', ') }},
    count(*) as rows_of_one
from {{ model }}
{% if touched == ['load_seq'] -%}
where {{ landed_lately() }}
{%- elif touched -%}
where ({{ touched | join(', ') }}) in (
    select {{ touched | join(', ') }}
    from {{ model }}
    where {{ landed_lately() }}
)
{%- endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
