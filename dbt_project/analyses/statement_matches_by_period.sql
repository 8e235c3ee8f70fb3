{# A partner's figures of a month against what was settled, per period. One row per figure of either side. #}
{{ statement_matches(statement_figures_by_period()) }}
