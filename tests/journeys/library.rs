//! What is bought as a file: from the upload to the download, and to the end of it.
use anyhow::Context;
use e2e::{
    House, Shop,
    http::{form, send, text},
    shop::customer,
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::tickets::sign_in;

const SONG: &[u8] = b"0123456789 a song about rain";

/// OR-8, OR-9, CU-1, CU-7: what a guest bought is theirs once they register; they download it whole, in parts and anew
/// where it was broken off, staff see when and from where, and taking it away kills every link at once.
#[tokio::test]
async fn a_song_is_bought_and_downloaded() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let song = shop.song("RAIN", SONG).await?;
    shop.guest().buy(&song, "ada@example.com").await?;
    let (ada, _) = shop.register("ada@example.com", "Ada").await?;
    let library = ada.get("customers/library").await?.expect(200)?;
    assert_eq!((&library[0]["product"], &library[0]["source"]), (&json!(song), &json!("purchase")));
    assert_eq!(library[0]["files"][0]["type"], "text/plain");
    let item = text(&library, "/0/id")?;
    let link = ada.post(&format!("customers/library/{item}/downloads"), &json!({})).await?.expect(201)?;
    let (_, path) = text(&link, "/url")?.split_once("/files/").context("an address")?;
    let ask = |method| house.http.request(method, &format!("/files/{path}"));
    let part = |range: &str| ask(Method::GET).header("Range", range.to_owned());

    let head = ask(Method::HEAD).send().await?;
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str()?), (200, &*SONG.len().to_string()));
    let tag = head.headers()["etag"].to_str()?.to_owned();
    let fetch = async |request: RequestBuilder| {
        let answer = request.send().await?;
        let head = answer.headers().clone();
        let told = |name: &str| head.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (status, place, kept) = (answer.status().as_u16(), told("content-range"), told("content-disposition"));
        anyhow::Ok((status, place, kept.starts_with("attachment"), answer.bytes().await?.to_vec()))
    };
    assert_eq!(fetch(ask(Method::GET)).await?, (200, String::new(), true, SONG.to_vec()));
    let place = format!("bytes 11-12/{}", SONG.len());
    assert_eq!(fetch(part("bytes=11-12")).await?, (206, place.clone(), true, b"a ".to_vec()));
    assert_eq!(fetch(part("bytes=11-12").header("If-Range", &tag)).await?.1, place);
    assert_eq!(fetch(part("bytes=11-12").header("If-Range", "\"other\"")).await?.0, 200);
    assert_eq!(fetch(part("bytes=999-")).await?.0, 416);

    let ada = customer(&shop, "ada@example.com").await?;
    let of_ada = format!("/admin/v1/customers/{}", text(&ada, "/id")?);
    let downloads = shop.owner.get(&format!("{of_ada}/downloads")).await?.expect(200)?;
    assert_eq!((downloads["data"].as_array().map(Vec::len), &downloads["data"][0]["requests"]), (Some(1), &json!(4)));
    assert_eq!(
        (&downloads["data"][0]["ip"], &downloads["data"][0]["made_by"]),
        (&json!("127.0.0.1"), &json!("customer"))
    );
    let patterns = shop.owner.get(&format!("{of_ada}/download-patterns")).await?.expect(200)?;
    assert_eq!(patterns["data"][0]["networks"], json!(["127.0.0.0/24"]));
    let profile = shop.owner.get(&format!("{of_ada}/profile")).await?.expect(200)?;
    assert_eq!((&profile["downloads"]["data"], &profile["unavailable"]), (&downloads["data"], &json!([])));
    assert_eq!(profile["library"]["data"][0]["id"], item);

    let why = json!({ "reason": "A chargeback." });
    shop.owner.post(&format!("{of_ada}/library/{item}/revoke"), &why).await?.expect(200)?;
    send(ask(Method::GET)).await?.problem(410, "link_dead")?;
    let rebuilt = shop.owner.post(&format!("{of_ada}/library/rebuild"), &json!({})).await?.expect(200)?;
    assert_eq!(rebuilt, json!({ "restored": 0, "corrected": 0 }));
    send(ask(Method::GET)).await?.problem(410, "link_dead")?;
    Ok(())
}

/// OR-8: all libraries are made anew behind the request; the job tells how far it is.
#[tokio::test]
async fn libraries_are_rebuilt() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let song = shop.song("RAIN", SONG).await?;
    for email in ["ada@example.com", "bob@example.com"] {
        shop.guest().buy(&song, email).await?;
    }
    let job = shop.owner.post("/admin/v1/library/rebuild", &json!({})).await?;
    let path = job.header("location").to_owned();
    assert_eq!(job.expect(202)?["kind"], "library_rebuild");
    let done = e2e::eventually("the libraries are rebuilt", || async {
        let job = shop.owner.get(&path).await?.expect(200)?;
        Ok((job["state"] == "succeeded").then_some(job))
    })
    .await?;
    assert_eq!(done["progress"], json!({ "done": 2, "total": 2 }));
    Ok(())
}

/// CU-12, OR-8, OR-9: whoever has access to everything has it in the shop front, in the portal and in the eyes of staff, and
/// downloads it; with the access it is all over at once, links included.
#[tokio::test]
async fn everything_is_open_with_the_access() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (rain, wind) = (shop.song("RAIN", SONG).await?, shop.song("WIND", SONG).await?);
    shop.product("MUG", 1_000).await?;
    let (ada, account) = shop.register("ada@example.com", "Ada").await?;
    ada.buy(&rain, "ada@example.com").await?;
    let of_ada = format!("/admin/v1/customers/{}", text(&account, "/id")?);
    let grant = async |access: bool| {
        shop.owner.patch(&of_ada, &json!({ "access": { "library_all": access } })).await?.expect(200)
    };
    let session = sign_in(&house, "ada@example.com").await?;
    let in_portal =
        async || send(house.http.request(Method::GET, "/account/v1/library").bearer_auth(&session)).await?.expect(200);
    grant(true).await?;
    let own = ada.get("customers/library").await?.expect(200)?;
    let seen: Vec<_> = own.as_array().into_iter().flatten().map(|item| (&item["product"], &item["source"])).collect();
    assert_eq!(seen, [(&json!(rain), &json!("purchase")), (&json!(wind), &json!("access"))]);
    let by_staff = shop.owner.get(&format!("{of_ada}/library")).await?.expect(200)?;
    for library in [by_staff, in_portal().await?] {
        assert_eq!(library["data"].as_array().map(Vec::len), Some(2));
    }
    let path = format!("customers/library/{}/downloads", text(&own, "/1/id")?);
    let link = ada.post(&path, &json!({})).await?.expect(201)?;
    let (_, file) = text(&link, "/url")?.split_once("/files/").context("an address")?;
    let ask = || house.http.request(Method::GET, &format!("/files/{file}"));
    assert_eq!(ask().send().await?.bytes().await?, SONG);

    grant(false).await?;
    send(ask()).await?.problem(410, "link_dead")?;
    let own = ada.get("customers/library").await?.expect(200)?;
    assert_eq!((own.as_array().map(Vec::len), &own[0]["product"]), (Some(1), &json!(rain)));
    assert_eq!(in_portal().await?["data"].as_array().map(Vec::len), Some(1));
    ada.post(&path, &json!({})).await?.problem(404, "library_item_not_found")?;
    Ok(())
}

/// CA-1: an image is anybody's to see, for ever at its address; what is sold is not to be had there.
#[tokio::test]
async fn an_image_is_shown() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let song = shop.song("RAIN", SONG).await?;
    let picture = shop.owner.request(Method::POST, &format!("/admin/v1/products/{song}/images"));
    let picture = send(form(picture, "rain.exe", b"GIF89a, a picture of rain")).await?.expect(201)?;
    assert_eq!((&picture["name"], &picture["type"]), (&json!("rain.exe.gif"), &json!("image/gif")));
    let shown = shop.guest().get(&format!("products/{song}")).await?.expect(200)?;
    assert!(shown.to_string().contains(text(&picture, "/url")?), "{shown}");
    let (_, path) = text(&picture, "/url")?.split_once("/files/").context("an address")?;
    let seen = house.http.request(Method::GET, &format!("/files/{path}")).send().await?;
    let head = seen.headers().clone();
    assert_eq!((seen.status().as_u16(), &*seen.bytes().await?), (200, &b"GIF89a, a picture of rain"[..]));
    assert_eq!((&head["content-type"], &head["x-content-type-options"]), (&"image/gif".parse()?, &"nosniff".parse()?));
    assert_eq!(head["cache-control"], "public, max-age=31536000, immutable");
    let again = house.http.request(Method::GET, &format!("/files/{path}")).header("If-None-Match", &head["etag"]);
    assert_eq!(again.send().await?.status().as_u16(), 304);
    let files = shop.owner.get(&format!("/admin/v1/products/{song}/files")).await?.expect(200)?;
    let sold = files["data"].as_array().into_iter().flatten().find(|file| file["role"] == "file").context("a file")?;
    let sold = house.http.request(Method::GET, &format!("/files/images/{}", text(sold, "/id")?));
    send(sold).await?.problem(404, "file_not_found")?;
    let program = shop.owner.request(Method::POST, &format!("/admin/v1/products/{song}/images"));
    send(form(program, "a.png", b"<svg onload='alert(1)'/>")).await?.problem(415, "file_type_refused")?;
    Ok(())
}
