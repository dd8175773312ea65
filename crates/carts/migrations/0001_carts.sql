create table carts (
    realm_id    uuid not null,
    id          uuid not null,
    -- Store or network whose key opened it: the place where a client's own key is unique.
    front_id    uuid not null,
    client_key  text,
    -- Where it buys from; a cart of a network's key learns it from its first product.
    store_id    uuid,
    currency    text,
    customer_id uuid,
    -- Whether that customer was signed in when it became theirs.
    claimed     boolean not null default false,
    status      text not null default 'open',
    order_id    uuid,
    email       text,
    name        text,
    phone       text,
    shipping    jsonb,
    billing     jsonb,
    version     bigint not null default 1,
    -- An open cart is expired from then on, whether or not anybody has marked it.
    expires_at  timestamptz not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    constraint carts_pkey primary key (realm_id, id),
    -- Services name a cart by its id alone.
    constraint carts_id unique (id),
    constraint carts_status check (status in ('open', 'closed', 'expired')),
    constraint carts_order check ((status = 'closed') = (order_id is not null)),
    constraint carts_store check ((store_id is null) = (currency is null)),
    constraint carts_claimed check (not claimed or customer_id is not null),
    constraint carts_currency check (currency ~ '^[A-Z]{3}$'),
    constraint carts_contact check (
        email is not null or (name is null and phone is null and shipping is null and billing is null)
    )
);
create unique index carts_client_key on carts (realm_id, front_id, client_key) where status = 'open';
create index carts_by_key on carts (realm_id, front_id, client_key, created_at desc) where client_key is not null;
create index carts_newest on carts (realm_id, created_at desc, id desc);
create index carts_of_store on carts (realm_id, store_id, created_at desc, id desc);
create index carts_of_customer on carts (realm_id, customer_id, created_at desc, id desc)
    where customer_id is not null;
-- Most carts of an old store are closed; what is listed for remarketing is the rest.
create index carts_not_closed on carts (realm_id, created_at desc, id desc) where status <> 'closed';

create table cart_lines (
    realm_id    uuid not null,
    cart_id     uuid not null,
    id          uuid not null,
    -- Order in which lines were added.
    position    int not null,
    product_id  uuid not null,
    quantity    int not null,
    -- As the catalog showed the product at the last change; a closed cart is read from these alone.
    sku         text,
    name        text,
    description text,
    image_url   text,
    kind        text,
    -- Of one, in minor units; null when it could not be bought.
    price       bigint,
    constraint cart_lines_pkey primary key (realm_id, cart_id, id),
    constraint cart_lines_product unique (realm_id, cart_id, product_id),
    constraint cart_lines_cart foreign key (realm_id, cart_id) references carts on delete cascade,
    constraint cart_lines_quantity check (quantity between 1 and 9999),
    constraint cart_lines_price check (price >= 0)
);
