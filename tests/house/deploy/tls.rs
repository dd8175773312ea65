//! TLS in the cluster: on, on every way, and everybody is who the other end looks for.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    manifest::text,
    network::DEPLOYED,
    rendered::{EXAMPLE, MIGRATION, rendered},
    settings::in_cluster,
};

const AUTHORITY: &str = "deploy/kubernetes/overlays/example/authority";

fn of_kind<'a>(all: &'a [Value], kind: &str) -> Vec<&'a Value> {
    all.iter().filter(|one| one["kind"] == kind).collect()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The certificate that lies in the Secret `name`.
fn certificate<'a>(all: &'a [Value], name: &str) -> &'a Value {
    let found = of_kind(all, "Certificate").into_iter().find(|one| text(one, "/spec/secretName") == name);
    found.unwrap_or_else(|| panic!("nobody makes the Secret {name}"))
}

/// The Secret whose files `pod` finds in the folder of `file`.
fn secret<'a>(pod: &'a Value, file: &str) -> &'a str {
    let folder = file.rsplit_once('/').expect("a path").0;
    let mount = list(pod, "/containers/0/volumeMounts").find(|mount| mount["mountPath"] == folder);
    let mount = mount.unwrap_or_else(|| panic!("there is no {folder}"));
    assert!(mount.get("subPath").is_none(), "a file that is mounted by itself is never renewed");
    let volume = list(pod, "/volumes").find(|volume| volume["name"] == mount["name"]).expect("a volume");
    assert!(pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"], "the key cannot be read");
    assert_eq!(volume["secret"]["defaultMode"], 0o440);
    text(volume, "/secret/secretName")
}

/// PL-7: every process, and the migration, finds the files that its settings name, made by cert-manager.
#[test]
fn every_process_has_a_certificate() {
    for (folder, pods) in [(EXAMPLE, DEPLOYED.len()), (MIGRATION, 1)] {
        let (all, settings) = (rendered(folder), in_cluster(folder));
        let run: Vec<_> = all.iter().filter(|one| one["kind"] == "Deployment" || one["kind"] == "Job").collect();
        assert_eq!(run.len(), pods);
        for one in run {
            let pod = &one["spec"]["template"]["spec"];
            for (setting, file) in [("CERT", "tls.crt"), ("KEY", "tls.key"), ("CA", "ca.crt")] {
                let path = &settings[&format!("PATRON_TLS_{setting}")];
                assert!(path.ends_with(&format!("/{file}")), "cert-manager makes no {path}");
                let usages = &certificate(&all, secret(pod, path))["spec"]["usages"];
                assert_eq!(usages, &json!(["digital signature", "server auth", "client auth"]));
            }
        }
    }
}

/// PL-7: probes and Prometheus speak TLS, as the operators' listener does, and so does whoever looks at a Service.
#[test]
fn probes_and_services_know_that_it_is_on() {
    let all = rendered(EXAMPLE);
    for one in of_kind(&all, "Deployment") {
        let (name, pod) = (text(one, "/metadata/name"), &one["spec"]["template"]);
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            assert_eq!(pod["spec"]["containers"][0][probe]["httpGet"]["scheme"], "HTTPS", "{probe} of {name}");
        }
        assert_eq!(pod["metadata"]["annotations"]["prometheus.io/scheme"], "https", "{name}");
    }
    let services = of_kind(&all, "Service");
    assert_eq!(services.len(), DEPLOYED.len());
    for service in services {
        let ports: Vec<_> = list(service, "/spec/ports").map(|port| &port["appProtocol"]).collect();
        assert_eq!(ports, ["https"], "{}", text(service, "/metadata/name"));
    }
}

/// The names that a certificate is made out to.
fn names(certificate: &Value) -> BTreeSet<&str> {
    list(certificate, "/spec/dnsNames").filter_map(Value::as_str).collect()
}

/// The host of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").expect("a URL").1;
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    rest.split([':', '/']).next().expect("a host")
}

/// PL-7: everybody is made out to the name that others look for.
#[test]
fn certificates_bear_the_names_that_are_looked_for() {
    let (all, stores, settings) = (rendered(EXAMPLE), rendered(AUTHORITY), in_cluster(EXAMPLE));
    let own = names(certificate(&all, "patron-tls"));
    for service in of_kind(&all, "Service") {
        let name = text(service, "/metadata/name");
        assert!(own.contains(name) && own.contains(format!("{name}.patron.svc").as_str()), "{name}");
    }
    let peer = |service: &&str| settings.get(&format!("PATRON_{}_URL", service.to_uppercase()));
    let peers: Vec<_> = DEPLOYED.iter().filter_map(peer).collect();
    assert_eq!(peers.len(), DEPLOYED.len() - 1, "nobody calls the gateway");
    assert!(peers.iter().all(|url| url.starts_with("https://") && own.contains(host(url))), "{peers:?}");

    let (database, nats) = (&settings["PATRON_DATABASE_URL"], &settings["PATRON_NATS_URL"]);
    let trusted = format!("?sslmode=verify-full&sslrootcert={}", settings["PATRON_TLS_CA"]);
    assert!(database.ends_with(&trusted), "{database} believes anybody");
    assert!(names(certificate(&stores, "postgres-tls")).contains(host(database)));
    assert!(nats.starts_with("tls://") && names(certificate(&stores, "nats-tls")).contains(host(nats)));
}

/// PL-7: the public listener has a certificate of its own, which the ingress controller looks at.
#[test]
fn the_front_is_encrypted_behind_the_ingress() {
    let all = rendered(EXAMPLE);
    let gateway = of_kind(&all, "Deployment").into_iter().find(|one| text(one, "/metadata/name") == "gateway");
    let pod = &gateway.expect("the gateway")["spec"]["template"]["spec"];
    let shown = ["CERT", "KEY"].map(|what| {
        let setting = format!("PATRON_HTTP_TLS_{what}");
        let found = list(pod, "/containers/0/env").find(|one| one["name"] == setting.as_str());
        secret(pod, text(found.expect("a setting"), "/value"))
    });
    assert_eq!(shown, ["gateway-tls"; 2]);
    let ingress = of_kind(&all, "Ingress")[0];
    let says = |what: &str| text(&ingress["metadata"]["annotations"], &format!("/nginx.ingress.kubernetes.io~1{what}"));
    assert_eq!((says("backend-protocol"), says("proxy-ssl-verify")), ("HTTPS", "on"));
    assert_eq!(says("proxy-ssl-secret"), "patron/gateway-tls");
    assert!(names(certificate(&all, "gateway-tls")).contains(says("proxy-ssl-name")));
    let backend = &ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
    let service = of_kind(&all, "Service").into_iter().find(|one| one["metadata"]["name"] == backend["name"]);
    let ports: Vec<_> = list(service.expect("the gateway"), "/spec/ports").map(|port| &port["name"]).collect();
    assert_eq!(ports, [&backend["port"]["name"]]);
}

/// PL-7: all certificates are of one authority, whose own are the only ones with another issuer.
#[test]
fn one_authority_makes_them_all() {
    let (all, authority) = (rendered(EXAMPLE), rendered(AUTHORITY));
    let issuers = of_kind(&authority, "ClusterIssuer");
    for one in of_kind(&all, "Certificate").into_iter().chain(of_kind(&authority, "Certificate")) {
        let name = text(one, "/metadata/name");
        assert_eq!(one["apiVersion"], "cert-manager.io/v1", "{name}");
        assert_eq!(text(one, "/spec/issuerRef/kind"), "ClusterIssuer", "{name}");
        let issuer = text(one, "/spec/issuerRef/name");
        assert!(issuers.iter().any(|one| text(one, "/metadata/name") == issuer), "{name}");
        assert_eq!(one["spec"]["isCA"] == true, issuer != "patron", "{name}");
    }
    let patron = issuers.into_iter().find(|one| text(one, "/metadata/name") == "patron");
    let key = text(patron.expect("the authority"), "/spec/ca/secretName");
    assert_eq!(certificate(&authority, key)["spec"]["isCA"], true);
}
