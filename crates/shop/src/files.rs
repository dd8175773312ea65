//! The pages' files, which are part of the program.

/// What a file is, as `Content-Type`.
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Each with its address and what it is.
pub const FILES: [(&str, &str, &str); 10] = [
    ("/", HTML, include_str!("../pages/index.html")),
    ("/shop.css", STYLE, include_str!("../pages/shop.css")),
    ("/main.js", SCRIPT, include_str!("../pages/main.js")),
    ("/api.js", SCRIPT, include_str!("../pages/api.js")),
    ("/draw.js", SCRIPT, include_str!("../pages/draw.js")),
    ("/products.js", SCRIPT, include_str!("../pages/products.js")),
    ("/cart.js", SCRIPT, include_str!("../pages/cart.js")),
    ("/checkout.js", SCRIPT, include_str!("../pages/checkout.js")),
    ("/account.js", SCRIPT, include_str!("../pages/account.js")),
    ("/order.js", SCRIPT, include_str!("../pages/order.js")),
];
