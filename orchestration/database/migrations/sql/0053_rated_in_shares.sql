-- The two shares in which a run rates its events are the leaves of the run: they are published as they were written. What was
-- published before is one leaf, whose rows count as those of the first share.

alter table published.fct_rated_usage add column share_number smallint not null default 1;
alter table published.fct_rated_usage alter column share_number drop default;
