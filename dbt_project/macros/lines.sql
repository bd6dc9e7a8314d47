{# Where a line stands in what has landed: one number that sorts by file and line. No file has
   ten thousand million lines. #}
{% macro line_reference() -%}
load_seq * 10000000000 + line_number
{%- endmacro %}

{% macro line_load(line) -%}
cast(({{ line }} - {{ line }} % 10000000000) / 10000000000 as bigint)
{%- endmacro %}

{% macro line_number(line) -%}
cast({{ line }} % 10000000000 as bigint)
{%- endmacro %}
