{{ config(materialized='table', pre_hook=rating_session(workers=0)) }}

{# The other half of the rated events; macro rate_usage says how. #}

{{ rate_usage(2) }}
