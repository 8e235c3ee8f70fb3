{# A line rounded as its price says, in the select list of a relation with rounding_method and rounding_decimals; most say nothing. #}
{% macro line_rounding(amount) -%}
    case
        when rounding_method is null then {{ amount }}
        else cast({{ round_by_method(amount, power_of_ten('16 - rounding_decimals'), 'rounding_method') }} as numeric(38, 16))
    end
{%- endmacro %}

{# What an adjustment adds to a line of `before`, zero or negative; never more than there is:
   10 percent of 30.00 is -3.00; an amount of 40.00 on 30.00 is -30.00; a maximum of 25.00 on 30.00 is -5.00, and -15.00 when earlier
   bills of the same counter charged 10.00 of it. What an allowance of money paid was worked out event by event, and is taken as it is. #}
{% macro line_adjustment(before, adjustment) -%}
    {%- set part = 'case when ' ~ adjustment ~ '.is_prorated then least(' ~ adjustment ~ '.period_factor, 1) else 1 end' -%}
    cast(case
        when {{ adjustment }}.kind = 'allowance' then -{{ adjustment }}.amount
        when {{ before }} < {{ adjustment }}.from_amount or {{ before }} <= 0 then 0
        when {{ adjustment }}.kind = 'percent' then -round({{ before }} * {{ adjustment }}.percent * 0.01, 16)
        when {{ adjustment }}.kind = 'amount' then -least(round({{ adjustment }}.amount * {{ part }}, 16), {{ before }})
        when {{ adjustment }}.kind = 'maximum'
            then -greatest(
                {{ before }} - greatest(round({{ adjustment }}.amount * {{ part }}, 16) - {{ adjustment }}.charged_before_exact, 0), 0
            )
    end as numeric(38, 16))
{%- endmacro %}
