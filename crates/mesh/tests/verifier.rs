//! Who a caller is.
use kit::{
    actor::Kind,
    assertion::{Claims, Signer},
    clock::Clock,
};
use mesh::{
    remote::Remote,
    transport::{Speaker, Transport},
    verifier::Verifier,
};
use tonic::{Code, Status};

/// ID-30, PL-2: while identity cannot be asked for its keys nobody is told that they are nobody, however soon they come again.
#[tokio::test]
async fn nobody_is_unknown_while_identity_is_away() -> anyhow::Result<()> {
    let clock = Clock::manual("2026-03-02T12:00:00Z".parse()?);
    let signer = Signer::new("key_1", &[7; 32])?;
    let away = Remote::new("http://127.0.0.1:9", None)?;
    let verifier = Verifier::new(&clock, Vec::new(), Transport::remote(away, Speaker::new("orders", &signer, &clock)));
    let token = signer.sign(&Claims::new(Kind::System, "orders", clock.now()))?;
    for _ in 0..3 {
        let refused = verifier.assertion(&token).await.err().map(|error| Status::from(error).code());
        assert_eq!(refused, Some(Code::Unavailable));
    }
    Ok(())
}
