-- Approvals of margins are for ever, as the table says of itself: nothing stopped a change.
create trigger append_only before update or delete on control.margin_approvals
    for each row execute function control.refuse_change();
create trigger append_only_truncate before truncate on control.margin_approvals
    for each statement execute function control.refuse_change();

-- A lease's token only rises: with an earlier one in force again, an orphan of then could write.
create function control.refuse_lower_token() returns trigger language plpgsql as $$
begin
    raise exception 'lane %: its token is % and never goes back.', old.lane, old.token using errcode = 'restrict_violation';
end $$;
create trigger token_never_falls before update on control.leases
    for each row when (new.token < old.token) execute function control.refuse_lower_token();
