{{ config(materialized='table', unlogged=true, pre_hook=rating_session(workers=0)) }}

{# One half of the usage with everything that rates it; macro guide_usage says how. #}

{{ guide_usage(1) }}
