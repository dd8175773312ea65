//! Every form of the console, found in its router: none is taken from elsewhere.
mod support;

use std::collections::BTreeSet;

use axum::http::{Request, StatusCode, header};
use support::{Browser, console};

/// What addresses of the console begin with.
const OURS: [&str; 3] = ["/console", "/account", "/pay"];

/// Every path that the router knows, with its parameters filled. A form that is added is among them.
async fn paths() -> anyhow::Result<BTreeSet<String>> {
    let router = format!("{:?}", console(&[]).await?.0);
    // Others stand there for what the router itself has of fallbacks.
    let quoted = router.split('"').filter(|text| OURS.iter().any(|ours| text.starts_with(ours)));
    let filled = quoted.map(|path| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        parts.collect::<Vec<_>>().join("/")
    });
    Ok(filled.collect())
}

/// What says where a request comes from.
type Origin = [(&'static str, &'static str)];

async fn post(browser: &mut Browser, path: &str, origin: &Origin) -> anyhow::Result<support::Page> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in origin {
        request = request.header(*name, *value);
    }
    let page = browser.send(request, String::new()).await?;
    let kept = browser.cookies.iter().any(|(_, value)| value == "staff_owner");
    anyhow::ensure!(page.status != StatusCode::FORBIDDEN || kept, "{path} took the session away");
    Ok(page)
}

/// ID-20: whatever is posted from another site, from a sandboxed frame, or by what does not say from where, is turned
/// away before anything is done, at every form there is.
#[tokio::test]
async fn no_form_is_taken_from_elsewhere() -> anyhow::Result<()> {
    let foreign: [&Origin; 8] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "https://evil.example"), ("host", "127.0.0.1")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1")],
    ];
    let (paths, mut forms) = (paths().await?, Vec::new());
    for path in paths {
        let mut browser = Browser::signed_in("owner", &[]).await?;
        for origin in foreign {
            let page = post(&mut browser, &path, origin).await?;
            // A picture is for everybody, and takes no posts.
            if !path.starts_with("/console/static") {
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} from {origin:?}");
                assert!(page.text.contains("Nothing was done"), "{path} from {origin:?}: {}", page.text);
            }
        }
        let own = post(&mut browser, &path, &[("sec-fetch-site", "same-origin")]).await?;
        let is_form = own.status != StatusCode::METHOD_NOT_ALLOWED;
        assert!(!own.text.contains("Nothing was done"), "{path} turns its own page away");
        forms.extend(is_form.then_some(path));
    }
    for known in ["/console/sign-in", "/console/team/keys", "/console/customers/x/impersonate", "/account/link/x"] {
        assert!(forms.iter().any(|form| form == known), "{known} is not among {forms:?}");
    }
    assert!(forms.len() >= 25, "{forms:?}");
    Ok(())
}
