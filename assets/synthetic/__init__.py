"""Makes an example month: customers, partners and usage from a seed, with planted faults whose counts are stated.

Belongs here: inventing data for the example book. Belongs elsewhere: reading it (``assets.ingestion``).
"""
