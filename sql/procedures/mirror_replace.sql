-- Makes the rows of a full export the mirror, by changing names: they are not
-- copied, and Redshift cannot move a table to another schema.
create or replace procedure mirror.replace()
as $$
begin

alter table mirror.customer rename to customer_swap;

alter table mirror.customer_next rename to customer;

alter table mirror.customer_swap rename to customer_next;

alter table mirror."order" rename to order_swap;

alter table mirror.order_next rename to "order";

alter table mirror.order_swap rename to order_next;

alter table mirror.product rename to product_swap;

alter table mirror.product_next rename to product;

alter table mirror.product_swap rename to product_next;


end;
$$ language plpgsql;
