//! Links to files: how they end and count, whose they are, and what staff see of their use.
use chrono::TimeDelta;
use kit::{call::header, ids::CustomerId, permission::Permission};
use proto::{
    base::v1::PageRequest,
    catalog::v1::ProductDescription,
    orders::v1::{
        Download, DownloadPattern, DownloadUse, ListDownloadPatternsRequest, ListDownloadsRequest, MakeDownloadRequest,
        OpenDownloadRequest, OpenedDownload, download_service_client::DownloadServiceClient,
    },
};
use testing::actors::with;
use tonic::{Request, Status};

use crate::{
    counter::back,
    library::{KEEPER, item},
    shop::{Shop, faults, reason},
};

impl Shop {
    fn downloads(&self) -> DownloadServiceClient<kit::transport::Transport> {
        DownloadServiceClient::new(self.transport.clone())
    }

    pub async fn link_by(&self, request: Request<MakeDownloadRequest>) -> Result<Download, Status> {
        Ok(self.downloads().make_download(request).await?.into_inner())
    }

    pub async fn link(&self, customer: CustomerId, product: &ProductDescription) -> Result<Download, Status> {
        self.link_by(self.rig.actors.customer(customer, wanted(product))).await
    }

    /// Asks for so many bytes by `link`, from `ip`.
    pub async fn fetch(&self, link: &Download, ip: &str, length: i64) -> Result<OpenedDownload, Status> {
        let request = with(Request::new(OpenDownloadRequest { length, ..used(link) }), header::CLIENT_IP, ip);
        let request = with(request, header::CLIENT_AGENT, "Reader/1");
        Ok(self.downloads().open_download(request).await?.into_inner())
    }

    async fn patterns(&self, customer: &str, product: &str) -> Result<Vec<DownloadPattern>, Status> {
        let request = ListDownloadPatternsRequest { customer: customer.to_owned(), product: product.to_owned() };
        let request = self.rig.actors.staff(KEEPER, request);
        Ok(self.downloads().list_download_patterns(request).await?.into_inner().patterns)
    }

    async fn history(&self, request: Request<ListDownloadsRequest>) -> Result<Vec<DownloadUse>, Status> {
        Ok(self.downloads().list_downloads(request).await?.into_inner().downloads)
    }
}

fn wanted(product: &ProductDescription) -> MakeDownloadRequest {
    MakeDownloadRequest { item: item(product), ..MakeDownloadRequest::default() }
}

/// What the address of `link` says.
fn used(link: &Download) -> OpenDownloadRequest {
    let (head, signature) = link.url.rsplit_once("&signature=").expect("a signature");
    let (_, expires) = head.rsplit_once("?expires=").expect("an end");
    let expires = expires.parse().expect("a number");
    OpenDownloadRequest { id: link.id.clone(), expires, signature: signature.to_owned(), length: 0 }
}

/// OR-9: a link is good for a day and five downloads; reading on and beginning anew what was broken off is one download,
/// somebody else's is another, and looking is none.
#[tokio::test]
async fn a_link_ends_and_counts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let book = shop.product("book", &[]);
    shop.buy(ada, &book, 1).await?;
    let link = shop.link(ada, &book).await?;
    assert_eq!((link.most_uses, &*link.file.as_ref().expect("a file").name), (5, "book.txt"));
    for _ in 0..9 {
        assert_eq!(shop.fetch(&link, "203.0.113.9", 0).await?.pass, "");
    }
    let opened = shop.fetch(&link, "203.0.113.9", 1_000).await?;
    assert_eq!(opened.pass, format!("pass to {}", book.files[0].id));
    shop.fetch(&link, "203.0.113.9", 500).await?;
    for last in 1..5 {
        shop.fetch(&link, &format!("203.0.113.{last}"), 1_000).await?;
    }
    assert_eq!(reason(shop.fetch(&link, "198.51.100.1", 1).await), "downloads_used_up");
    shop.fetch(&link, "203.0.113.9", 500).await?;
    shop.rig.clock.advance(TimeDelta::hours(1));
    assert_eq!(reason(shop.fetch(&link, "203.0.113.9", 1).await), "downloads_used_up");
    let fresh = shop.link(ada, &book).await?;
    shop.rig.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    shop.fetch(&fresh, "203.0.113.9", 1).await?;
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(shop.fetch(&fresh, "203.0.113.9", 1).await), "link_expired");
    for wrong in [
        OpenDownloadRequest { expires: used(&fresh).expires + 86_400, ..used(&fresh) },
        OpenDownloadRequest { id: link.id.clone(), ..used(&fresh) },
        OpenDownloadRequest { signature: String::new(), ..used(&fresh) },
    ] {
        let opened = shop.downloads().open_download(Request::new(wrong)).await;
        assert_eq!(reason(opened), "download_not_found");
    }
    Ok(())
}

/// OR-9: sixteen at once by a link for five, and by many links for what a product allows: not one too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_count_holds_when_many_come_at_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let book = shop.product("book", &[]);
    shop.buy(ada, &book, 1).await?;
    let link = shop.link(ada, &book).await?;
    let fetch = async |links: Vec<Download>| {
        let all = links.into_iter().enumerate().map(|(n, link)| {
            let request = OpenDownloadRequest { length: 1_000, ..used(&link) };
            let request = with(Request::new(request), header::CLIENT_IP, &format!("198.51.100.{n}"));
            let mut client = shop.downloads();
            tokio::spawn(async move { client.open_download(request).await })
        });
        let mut good = 0;
        for one in all.collect::<Vec<_>>() {
            match one.await? {
                Ok(_) => good += 1,
                refused => assert_eq!(reason(refused), "downloads_used_up"),
            }
        }
        anyhow::Ok(good)
    };
    assert_eq!(fetch(vec![link; 16]).await?, 5);
    shop.stock.put(ProductDescription { download_limit: 8, ..book.clone() });
    let mut links = Vec::new();
    for _ in 0..10 {
        links.push(shop.link(ada, &book).await?);
    }
    assert_eq!(fetch(links).await?, 3);
    assert_eq!(shop.count("select count(*) from download_uses").await?, 8);
    Ok(())
}

/// OR-9, OR-5: with what a link is for the link is dead at once: revoked, paid back, or without its file.
#[tokio::test]
async fn a_link_is_dead_with_what_it_is_for() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let (one, two, three) = (shop.product("one", &[]), shop.product("two", &[]), shop.product("three", &[]));
    let mut links = Vec::new();
    let mut orders = Vec::new();
    for product in [&one, &two, &three] {
        orders.push(shop.buy(ada, product, 1).await?);
        links.push(shop.link(ada, product).await?);
    }
    shop.revoke(ada, &one).await?;
    shop.refund(back(&orders[1]), "all").await?;
    shop.stock.put(ProductDescription { files: Vec::new(), ..three.clone() });
    for link in &links {
        assert_eq!(reason(shop.fetch(link, "203.0.113.9", 1).await), "link_dead");
        assert_eq!(reason(shop.fetch(link, "203.0.113.9", 0).await), "link_dead");
    }
    for product in [&one, &two] {
        assert_eq!(reason(shop.link(ada, product).await), "library_item_not_found");
    }
    assert_eq!(reason(shop.link(ada, &three).await), "file_not_found");
    Ok(())
}

/// OR-9: links are for who has it: nobody makes one for somebody else's but staff who may, and they say how long and how
/// often; many are made in an hour, and not without end.
#[tokio::test]
async fn whose_links_are() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.customer("ada@example.com"), shop.customer("bob@example.com"));
    let book = shop.product("book", &[]);
    shop.buy(ada, &book, 1).await?;
    assert_eq!(reason(shop.link(bob, &book).await), "library_item_not_found");
    let of_ada = || MakeDownloadRequest { customer: ada.into(), ..wanted(&book) };
    assert_eq!(reason(shop.link_by(shop.rig.actors.customer(bob, of_ada())).await), "customer_not_found");
    assert_eq!(reason(shop.link_by(shop.rig.actors.anonymous(wanted(&book))).await), "unauthenticated");
    let reader = shop.rig.actors.staff(&[Permission::CustomersRead], of_ada());
    assert_eq!(reason(shop.link_by(reader).await), "permission_required");
    let long = MakeDownloadRequest { expires_in: 2_592_000, most_uses: 1, ..of_ada() };
    let link = shop.link_by(shop.rig.actors.staff(KEEPER, long.clone())).await?;
    shop.rig.clock.advance(TimeDelta::days(29));
    shop.fetch(&link, "203.0.113.9", 1).await?;
    let own =
        shop.link_by(shop.rig.actors.customer(ada, MakeDownloadRequest { customer: String::new(), ..long })).await;
    assert_eq!(faults(own), ["/expires_in out_of_range", "/most_uses out_of_range"]);
    let odd = MakeDownloadRequest { expires_in: 59, most_uses: 1_001, ..of_ada() };
    let odd = shop.link_by(shop.rig.actors.staff(KEEPER, odd)).await;
    assert_eq!(faults(odd), ["/expires_in out_of_range", "/most_uses out_of_range"]);
    for _ in 0..120 {
        shop.link(ada, &book).await?;
    }
    assert_eq!(reason(shop.link(ada, &book).await), "too_many_downloads");
    shop.rig.clock.advance(TimeDelta::hours(1));
    shop.link(ada, &book).await?;
    Ok(())
}

/// OR-9, ID-23: what became of links, by page, and from where: masked for those who do not see who somebody is. Many
/// networks within a week are unusual.
#[tokio::test]
async fn staff_see_the_patterns() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let book = shop.product("book", &[]);
    shop.buy(ada, &book, 1).await?;
    let link = shop.link(ada, &book).await?;
    for ip in ["203.0.113.9", "203.0.113.77", "2001:db8:1:2::3"] {
        shop.fetch(&link, ip, 1_000).await?;
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    let pattern = shop.patterns(&String::from(ada), "").await?.remove(0);
    assert_eq!((pattern.downloads, pattern.recent, pattern.ranges, pattern.unusual), (3, 3, 2, false));
    assert_eq!(pattern.networks, ["203.0.113.0/24", "2001:db8:1::/48"]);
    let second = shop.link(ada, &book).await?;
    for n in 1..4 {
        shop.fetch(&second, &format!("198.51.{n}.9"), 1_000).await?;
    }
    let pattern = shop.patterns("", &book.product).await?.remove(0);
    assert_eq!((pattern.ranges, pattern.unusual), (5, true));
    shop.rig.clock.advance(TimeDelta::days(8));
    assert!(!shop.patterns("", &book.product).await?[0].unusual);
    let page = |limit, after: &str| Some(PageRequest { limit, after: after.to_owned(), ..PageRequest::default() });
    let mut wanted = ListDownloadsRequest { customer: ada.into(), page: page(4, "") };
    let request = shop.rig.actors.staff(KEEPER, wanted.clone());
    let first = shop.downloads().list_downloads(request).await?.into_inner();
    let next = first.page.expect("a page").next;
    wanted.page = page(4, &next);
    let rest = shop.history(shop.rig.actors.staff(KEEPER, wanted)).await?;
    assert_eq!((first.downloads.len(), rest.len()), (4, 2));
    assert_eq!((&*rest[1].ip, &*rest[1].user_agent, &*rest[1].made_by), ("203.0.113.9", "Reader/1", "customer"));
    let all = ListDownloadsRequest { customer: ada.into(), page: None };
    let masked = shop.history(shop.rig.actors.staff(&[Permission::CustomersRead], all)).await?.remove(0);
    assert_eq!(masked.redacted, ["ip", "user_agent"]);
    assert!(!masked.ip.contains("198.51"));
    let own = shop.history(shop.rig.actors.customer(ada, ListDownloadsRequest::default())).await?;
    assert_eq!((own.len(), &*own[5].ip), (6, "203.0.113.9"));
    Ok(())
}
