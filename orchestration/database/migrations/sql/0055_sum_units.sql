-- Whole units added up as whole numbers, for the running sums of rating: PostgreSQL's sum of bigints is a decimal, made for each event.
-- A sum beyond 64 bits raises, as the cast of the decimal did.
create aggregate control.sum_units (bigint) (
    sfunc = int8pl,
    stype = bigint,
    combinefunc = int8pl,
    parallel = safe
);
