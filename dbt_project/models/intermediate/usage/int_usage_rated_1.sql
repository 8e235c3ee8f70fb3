{{ config(materialized='table', pre_hook=rating_session(workers=0)) }}

{# One half of the rated events; macro rate_usage says how. #}

{{ rate_usage(1) }}
