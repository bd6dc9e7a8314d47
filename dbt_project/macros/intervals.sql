{# The 95 % interval of a share by Wilson's formula, at the cells where chance matters: those
   under `small_cell` that are large enough to be shown. All others are whole counts. Rounding never
   leaves the share itself outside. #}

{% macro interval_low(part, whole) %}{{ wilson(part, whole, '-', 'least') }}{% endmacro %}
{% macro interval_high(part, whole) %}{{ wilson(part, whole, '+', 'greatest') }}{% endmacro %}

{% macro wilson(part, whole, sign, outer_of) -%}
    case
        when {{ whole }} >= {{ var('shown_from') }} and {{ whole }} < {{ var('small_cell') }}
            then {{ wilson_bound(part, whole, sign, outer_of) }}
    end
{%- endmacro %}

{% macro wilson_bound(part, whole, sign, outer_of) -%}
    {%- set z = '1.959964e0' -%}
    {{ outer_of }}(
        round((
            {{ part }} * 1e0 / {{ whole }} + {{ z }} * {{ z }} / (2e0 * {{ whole }})
            {{ sign }} {{ z }} * sqrt(
                {{ part }} * 1e0 / {{ whole }} * (1 - {{ part }} * 1e0 / {{ whole }}) / {{ whole }}
                + {{ z }} * {{ z }} / (4e0 * {{ whole }} * {{ whole }})
            )
        ) / (1 + {{ z }} * {{ z }} / {{ whole }}), 6),
        {{ part }} * 1e0 / {{ whole }}
    )
{%- endmacro %}

{# A share that is null where there is nothing to divide by. #}
{% macro share(part, whole) -%}
    case when {{ whole }} > 0 then {{ part }} * 1e0 / {{ whole }} end
{%- endmacro %}
