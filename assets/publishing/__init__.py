"""Opens runs and shows their drafts: what a run works on, and one transaction that replaces what readers see.

Belongs here: opening bill and settlement runs, their digests, publishing.
Belongs elsewhere: building (``orchestration.dbt``), gates (``assets.quality``), records (``assets.posting``).
"""
