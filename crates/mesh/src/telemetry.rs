//! Logs as JSON, metrics for Prometheus, traces by OTLP; one trace goes through HTTP, gRPC and NATS (PL-5).
use std::collections::HashMap;

use anyhow::Context as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::{
    global,
    propagation::Extractor,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{remote, tls::ClientTls};

/// Buckets of durations, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What `init` started.
pub struct Telemetry {
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
}

/// Starts logging to stderr with `filter`, metrics, and traces when there is an OTLP `endpoint`, which with `https` is
/// trusted as `tls` says. Once per process.
pub fn init(filter: &str, endpoint: Option<&str>, tls: Option<ClientTls>) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(filter).context("PATRON_LOG cannot be read")?;
    let logs = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let traces = endpoint.map(|endpoint| exporter(endpoint, tls)).transpose().context("PATRON_OTLP_ENDPOINT")?;
    let spans = traces.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("patron")));
    tracing_subscriber::registry().with(filter).with(logs).with(spans).try_init()?;
    let metrics = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    Ok(Telemetry { metrics, traces })
}

fn exporter(endpoint: &str, tls: Option<ClientTls>) -> anyhow::Result<SdkTracerProvider> {
    let channel = remote::channel(endpoint, tls)?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_channel(channel).build()?;
    let resource = Resource::builder().with_service_name("patron").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// Sends what is left of the traces.
    pub fn finish(&self) {
        if let Some(Err(error)) = self.traces.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(error.detail = %error, "the last traces could not be sent");
        }
    }
}

/// Writes the present trace into the headers of a call that goes out.
pub fn inject(headers: &mut HeaderMap) {
    for (name, value) in carried() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}

/// Who really acts, in the name of a customer (ID-25): beside the trace on every call and event that comes of it.
pub const ACTING: &str = "patron-acting";

tokio::task_local! {
    static PRESENT: String;
}

/// Does `work` for whoever is `acting`, in the name of somebody else.
pub async fn for_acting<F: Future>(acting: Option<String>, work: F) -> F::Output {
    match acting {
        Some(acting) => PRESENT.scope(acting, work).await,
        None => work.await,
    }
}

/// `work` for whoever acts in somebody's name in the present work: what goes on beside it would not know of that.
pub fn beside<F: Future>(work: F) -> impl Future<Output = F::Output> {
    for_acting(PRESENT.try_with(Clone::clone).ok(), work)
}

/// Who acts in somebody's name in the present work, if anybody does: a kind, an id and a session.
#[must_use]
pub fn acting() -> Option<[String; 3]> {
    let acting = PRESENT.try_with(|acting| acting.splitn(3, ' ').map(str::to_owned).collect::<Vec<_>>());
    acting.ok()?.try_into().ok()
}

/// The present trace as name and value pairs, for an event, and who acts in somebody's name; empty when nothing is traced
/// and everybody is themselves.
#[must_use]
pub fn carried() -> HashMap<String, String> {
    let mut carrier = HashMap::new();
    // Outside of such work there is nobody.
    let _ = PRESENT.try_with(|acting| carrier.insert(ACTING.to_owned(), acting.clone()));
    global::get_text_map_propagator(|propagator| propagator.inject_context(&Span::current().context(), &mut carrier));
    carrier
}

/// Makes `span` a child of the trace that came in with a call.
pub fn follow(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        follow_any(span, &Incoming(headers));
    }
}

/// Makes `span` a child of the trace that an event carried.
pub fn follow_any(span: &Span, carrier: &dyn Extractor) {
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(carrier));
    // Without an exporter spans have no place in a trace, which is no error.
    let _ = span.set_parent(parent);
}

/// Gives `span`, which has begun, the `name` that traces show: what it is about was not known before.
pub fn name(span: &Span, name: String) {
    span.context().span().update_name(name);
}

struct Incoming<'a>(&'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
