"""The book: rules as YAML, read strictly, checked as a whole, loaded as dated rows.

Belongs here: reading a book (``reading``), its models (``models``), what must hold between them (``checks``), loading
it (``loading``), its reference page (``docs``).
Belongs elsewhere: populations (``assets.ingestion``), what rules do to usage (``dbt_project``).
"""
