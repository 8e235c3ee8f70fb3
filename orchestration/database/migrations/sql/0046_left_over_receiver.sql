-- The item whose receiver gets what is left over when positions are rounded; null: split_method decides.
alter table catalog.agreements add column split_left_over_item text;
