"""The three doors: usage in, lines before posting, payouts before paying.

Belongs here: what must be true, as checks; gate rows in the database.
Belongs elsewhere: keys and sums between models (dbt tests), running Great Expectations (``orchestration``).
"""
