-- Raises an exception in a database that ignores case when it compares text:
-- keys differ by case, and two members would become one.
create or replace procedure etl.prove_collation()
as $$
declare
    equal_pairs bigint;
begin

delete from etl.collation_probe;

insert into etl.collation_probe (value) values
('a'),
('A');

select into equal_pairs count(*)
from etl.collation_probe as one
inner join etl.collation_probe as other
    on one.value = other.value;
if equal_pairs <> 2 then
    raise exception 'this database takes the letters a and A for equal, but keys differ by case: use a database that was created with collate case_sensitive';
end if;

end;
$$ language plpgsql;

call etl.prove_collation();
