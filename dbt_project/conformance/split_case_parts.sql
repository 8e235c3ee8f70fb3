{#
    Splits that other systems' test suites assert, through the macro that splits positions. The runner (tests/conformance) fills
    split_cases in the lane: one row per part. `maximum` caps the total at the sum of the maxima: what does not fit is not
    split. `exact_part` is a share before it is split.
#}

with

split_cases as (

    select * from {{ source('conformance', 'split_cases') }}

),

parts as (

    select
        *,
        cast(case
            when has_maxima then least(total, sum(weight) over (partition by case_number, method))
            else total
        end as bigint) as split_total
    from split_cases

),

split_parts as (

    select *
    from {{ split_amounts(
        'parts', 'split_total', 'case_number, method', 'part_number', weight='weight', method='method', negatives='negatives',
        step='step', zero_weights='zero_weights'
    ) }} as split

)

select
    case_number,
    method,
    part_number,
    split_minor,
    left_over_minor,
    {{ ratio_round('split_total * weight', 'nullif(split_weight_total, 0)', 16) }} as exact_part
from split_parts
