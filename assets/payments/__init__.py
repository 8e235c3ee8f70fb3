"""From posted settlements to the bank and back: proposing, releasing, handing over, answers, netting.

Belongs here: whom to pay what and when, the bank's files, what the bank answers.
Belongs elsewhere: what is owed (``assets.posting``), approvals of documents and terms (``assets.settling``).
"""
