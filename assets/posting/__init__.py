"""Makes a published draft a record: numbers, documents, journal, the audit chain.

Belongs here: the posting transaction and what proves it later.
Belongs elsewhere: drafts (``assets.publishing``), printing (``assets.documents``).
"""
