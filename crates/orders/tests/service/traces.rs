//! Who has bought, or begun to.
use proto::{base::v1::FindTracesRequest, orders::v1::personal_data_service_client::PersonalDataServiceClient};

use crate::shop::{Shop, reason, wish};

/// AD-2, AD-3: the house learns who has bought and who has begun to, and of nobody else; no staff do.
#[tokio::test]
async fn the_house_learns_who_bought() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let [buyer, beginner, idler] = ["buyer@x.de", "beginner@x.de", "idler@x.de"].map(|email| shop.customer(email));
    for (customer, captured) in [(buyer, true), (beginner, false)] {
        let request = shop.rig.actors.customer(customer, wish(&shop.cart().id, "test"));
        let token = shop.begin_by(request).await?.token;
        if captured {
            shop.capture(&token, "pm_test_ok").await?;
        }
    }
    let customers = [buyer, beginner, idler].map(String::from).to_vec();
    let request = FindTracesRequest { realm: shop.rig.actors.realm.into(), customers };
    let mut house = PersonalDataServiceClient::new(shop.rig.env.peer("test", orders::NAME)?);
    let asked = shop.rig.actors.system("customers", request.clone());
    let traces = house.find_traces(asked).await?.into_inner().traces;
    let left = |customer| {
        let own = traces.iter().filter(|trace| trace.customer == String::from(customer));
        own.map(|trace| &*trace.kind).collect::<Vec<_>>()
    };
    assert!(left(buyer).contains(&"order"), "{traces:?}");
    assert_eq!(left(beginner), ["checkout"]);
    assert!(left(idler).is_empty());
    assert_eq!(reason(house.find_traces(shop.rig.actors.staff(&[], request)).await), "wrong_caller");
    Ok(())
}
