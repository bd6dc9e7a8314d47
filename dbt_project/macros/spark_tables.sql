{# The landing zone of each engine, ready before the first model. #}
{% macro make_raw_tables() %}{{ return(adapter.dispatch('make_raw_tables', 'matchbook')()) }}{% endmacro %}

{% macro duckdb__make_raw_tables() %}{{ create_raw_tables() }}{% endmacro %}

{# On Spark nothing is copied: a raw table is the lake's own folder of that name, or, of what the
   registry and state hold, its copy under mirror/ (`matchbook build --target spark` writes it).
   Names and types come from the one definition; what lands has a `hit_date`. #}
{% macro spark__make_raw_tables() %}
    {%- if execute %}
    {%- set home = env_var('MATCHBOOK_HOME', '../var') %}
    {%- set lake = env_var('MATCHBOOK_LAKE', home ~ '/lake') %}
    {%- set statements = modules.re.sub('--[^\n]*', '', create_raw_tables()).split(';') %}
    {%- do run_query('create database if not exists raw') %}
    {%- for statement in statements %}
    {%- set found = modules.re.match('[ \n]*create table if not exists raw[.]([a-z_]+) *[(](.*)[)][ \n]*$', statement, modules.re.S) %}
    {%- if found %}
    {%- set columns = modules.re.sub('not null|using compression [a-z]+', '', found.group(2)) | replace('varchar', 'string') %}
    {%- set folder = lake if 'hit_date' in columns else home ~ '/mirror' %}
    {%- do run_query('drop table if exists raw.' ~ found.group(1)) %}
    {%- do run_query('create table raw.' ~ found.group(1) ~ ' (' ~ columns ~ ") using parquet location '" ~ folder ~ '/' ~ found.group(1) ~ "'") %}
    {%- endif %}
    {%- endfor %}
    {%- endif %}
{% endmacro %}
