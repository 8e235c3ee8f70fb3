-- The current book is the one that was given last, also when it is an earlier one: going back writes a row here.
create table catalog.book_uses (
    use_number bigint generated always as identity primary key,
    book_id integer not null references catalog.book_versions,
    used_at timestamptz not null default now()
);
create trigger append_only before update or delete on catalog.book_uses
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on catalog.book_uses
    for each statement execute function control.refuse_change();

create function catalog.current_book() returns integer language sql stable
begin atomic
    select coalesce(
        (select book_uses.book_id from catalog.book_uses order by book_uses.use_number desc limit 1),
        (select max(book_versions.book_id) from catalog.book_versions)
    );
end;
