//! Temporary.
use std::time::Instant;
use proto::{base::v1::PageRequest, customers::v1::ListCustomersRequest};
use crate::shop::{NO_PII, PII, Shop, filter};
use testing::Rig;
use kit::ids::{NetworkId, RealmId};
use proto::identity::v1::Network;

#[tokio::test]
async fn scale() -> anyhow::Result<()> {
    let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
    let network = NetworkId::new(rig.clock.now());
    rig.actors.realm = RealmId::from_uuid(network.uuid());
    rig.actors.network = Some(network);
    rig.networks.push(Network { id: network.into(), currency: "EUR".to_owned(), ..Network::default() });
    let shop = Shop::of(rig).await?;
    shop.meet("zebulon@example.com", "Zebulon Pike").await?;
    let db = shop.db.pool();
    let sql = "insert into customers (realm_id, id, lifecycle, registration, status, name, email, email_canonical, phone, slug,
           last_activity_at, created_at, updated_at, orders_count, spent_base, last_order_at, registered_at, tags, username)
         select $1, gen_random_uuid(), case when n % 5 < 2 then 'lead' else 'customer' end, case when n % 4 = 0 then 'registered' else 'guest' end,
           case when n % 10000 = 0 then 'inactive' else 'active' end,
           (array['Anna','Bert','Carla','David','Emma','Frank','Grace','Hans','Ida','Johann','Karla','Ludwig','Maria','Nora','Otto','Paula','Quentin','Rosa','Stefan','Tina'])[1 + (random()*19)::int] || ' ' ||
           (array['Smith','Müller','Schmidt','Garcia','Rossi','Dubois','Novak','Jensen','Kowalski','Silva'])[1 + (random()*9)::int] || substr(md5(n::text), 1, 3),
           md5(n::text) || '@example.net', $3 || md5(n::text) || '@example.net', '+49' || (1000000000 + n), $3 || n,
           $2, $2 - n * interval '10 second', $2 - random() * interval '300 days', case when n % 5 < 2 then 0 else (random()*10)::int end,
           case when n % 5 < 2 then 0 else (random()*100000)::int end, case when n % 5 < 2 then null else $2 - random() * interval '300 days' end,
           case when n % 4 = 0 then $2 - random() * interval '300 days' end, case when n % 1000 = 0 then array['vip'] else '{}'::text[] end, case when n % 100 = 0 then 'user' || n else '' end
         from generate_series(1, $4::int) n";
    let mut c = db.acquire().await?;
    sqlx::query("set statement_timeout = 0").execute(&mut *c).await?;
    let t = Instant::now();
    sqlx::query(sql).bind(shop.actors().realm).bind(shop.now()).bind("").bind(1_000_000).execute(&mut *c).await?;
    let other = shop.actors().elsewhere();
    sqlx::query(sql).bind(other.realm).bind(shop.now()).bind("x").bind(3_000).execute(&mut *c).await?;
    sqlx::query("insert into customer_stores (realm_id, store_id, customer_id, orders_count, spent_base, last_order_at) select realm_id, $2, id, orders_count, spent_base, last_order_at from customers where realm_id = $1 and random() < 0.3").bind(shop.actors().realm).bind(shop.actors().store).execute(&mut *c).await?;
    sqlx::query("insert into customer_orders (realm_id, order_id, customer_id, store_id, number, placed_at) select realm_id, gen_random_uuid(), id, $2, right(slug, 12), created_at from customers where realm_id = $1 and orders_count > 0").bind(shop.actors().realm).bind(shop.actors().store).execute(&mut *c).await?;
    eprintln!("insert {:?}", t.elapsed());
    sqlx::query("vacuum analyze").execute(&mut *c).await?;
    eprintln!("with vacuum {:?}", t.elapsed());
    sqlx::query("select set_config('x.y','1',false)").execute(&mut *c).await?;
    drop(c);
    let plain = ListCustomersRequest::default;
    let q = |s: &str| ListCustomersRequest { query: s.to_owned(), ..Default::default() };
    let f = |a: &str, b: &str, v: &[&str]| ListCustomersRequest { filter: Some(filter(a, b, v)), ..Default::default() };
    let mut cases: Vec<(String, ListCustomersRequest)> = vec![("plain".into(), plain())];
    for s in ["name","-name","total_spent","-total_spent","orders_count","-orders_count","registered_at","-registered_at","last_order_at","-last_order_at","created_at","updated_at","-updated_at","id","-id"] {
        cases.push((format!("sort {s}"), ListCustomersRequest { sort: vec![s.to_owned()], ..Default::default() }));
    }
    cases.push(("sort -orders,name".into(), ListCustomersRequest { sort: vec!["-orders_count".into(), "name".into()], ..Default::default() }));
    for s in ["zebulon", "zeb", "ze", "z", "anna", "an", "smith", "smithfff", "example.net", "e", "@", "+49", "+49100000", "1000999999", "a b", "anna smith00", "nosuchword", "üll"] { cases.push((format!("q {s}"), q(s))); }
    for (a,b,v) in [("lifecycle","eq",vec!["lead"]),("status","eq",vec!["inactive"]),("registration","eq",vec!["registered"]),("tags","eq",vec!["vip"]),("email","eq",vec!["zebulon@example.com"]),("email","contains",vec!["zebulon"]),("email","contains",vec!["example"]),("name","starts",vec!["zeb"]),("name","eq",vec!["zebulon pike"]),("orders_count","eq",vec!["10"]),("orders_count","gt",vec!["9"]),("total_spent","gt",vec!["99990"]),("created_at","lt",vec!["2025-12-01"]),("last_order_at","gt",vec!["2026-03-02"]),("last_order_at","exists",vec!["false"]),("registered_at","between",vec!["2026-01-01","2026-01-02"]),("updated_at","gt",vec!["2026-03-02T11:00:00Z"])] {
        cases.push((format!("f {a} {b} {v:?}"), f(a,b,&v)));
    }
    cases.push(("f lead + q smith".into(), ListCustomersRequest { query: "smith".into(), ..f("lifecycle","eq",&["lead"]) }));
    cases.push(("f inactive + q smith".into(), ListCustomersRequest { query: "smith".into(), ..f("status","eq",&["inactive"]) }));
    cases.push(("q anna sort name".into(), ListCustomersRequest { sort: vec!["name".into()], ..q("anna") }));
    cases.push(("q zebulon sort -total_spent".into(), ListCustomersRequest { sort: vec!["-total_spent".into()], ..q("zebulon") }));
    cases.push(("q rosa sort name".into(), ListCustomersRequest { sort: vec!["name".into()], ..q("rosa") }));
    cases.push(("f lead sort name".into(), ListCustomersRequest { sort: vec!["name".into()], ..f("lifecycle","eq",&["lead"]) }));
    cases.push(("f inactive sort name".into(), ListCustomersRequest { sort: vec!["name".into()], ..f("status","eq",&["inactive"]) }));
    let mut claims = shop.actors().claims(kit::actor::Kind::Staff, "stf_1");
    claims.store = None;
    for who in ["network pii", "store pii", "network nopii", "other realm"] {
        for (name, request) in &cases {
            let mut request = request.clone();
            let mut times = vec![];
            let mut rows = 0;
            for step in ["first", "second", "total"] {
                if step == "total" { request.page = Some(PageRequest { total: true, ..Default::default() }); }
                sqlx::query(sqlx::AssertSqlSafe(format!("/* CASE {who} / {name} / {step} */ select 1"))).persistent(false).execute(db).await?;
                claims.perms = (if who == "network nopii" { NO_PII } else { PII }).iter().copied().collect();
                let r = match who { "store pii" => shop.actors().staff(PII, request.clone()), "other realm" => other.staff(PII, request.clone()), _ => shop.actors().request(&claims, request.clone()) };
                let t = Instant::now();
                match shop.client.clone().list_customers(r).await {
                    Ok(a) => { let a = a.into_inner(); if step == "first" { rows = a.customers.len(); } times.push(t.elapsed().as_secs_f64()*1000.0); let next = a.page.unwrap().next; if step == "first" { if next.is_empty() { continue; } request.page = Some(PageRequest { after: next, ..Default::default() }); } }
                    Err(e) => { if !e.message().contains("customers.pii") { eprintln!("{who} {name} {step} ERR {e}"); } break; }
                }
            }
            if !times.is_empty() { eprintln!("{who:14} {name:40} rows {rows:3} {times:.1?}"); }
        }
    }
    Ok(())
}
