"""How and when Apportion runs: database, Dagster definitions, command line. What is produced lives in ``assets``."""
