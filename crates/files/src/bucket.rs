//! A bucket at S3, or at a storage that speaks as it does.
use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use object_store::{ObjectStore, RetryConfig, aws::AmazonS3Builder, prefix::PrefixStore};
use url::Url;

use crate::{FileSettings, connector::Connector};

/// How often and how long something is tried again; callers wait ten seconds.
const RETRIES: usize = 2;
const PATIENCE: Duration = Duration::from_secs(8);

/// The bucket at `address`; the storage is trusted as the public authorities, and those in the file `roots`, say.
pub fn open(address: &str, settings: &FileSettings, roots: Option<&Path>) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let address = Url::parse(address)?;
    let (Some(bucket), "s3", None) = (address.host_str(), address.scheme(), address.query()) else {
        bail!("a bucket is named as `s3://bucket` or `s3://bucket/folder`");
    };
    let id = settings.files_key_id.as_deref().context("PATRON_FILES_KEY_ID is missing")?;
    let key = settings.files_key.as_deref().context("PATRON_FILES_KEY is missing")?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&settings.files_region)
        .with_access_key_id(id)
        .with_secret_access_key(key)
        .with_virtual_hosted_style_request(!settings.files_path_style)
        .with_retry(RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..RetryConfig::default() })
        .with_http_connector(Connector::new(roots)?);
    if let Some(endpoint) = &settings.files_endpoint {
        builder = builder.with_endpoint(host(endpoint, bucket, settings)?).with_allow_http(true);
    }
    let store = builder.build().context("PATRON_FILES_BUCKET cannot be used")?;
    let folder = address.path().trim_matches('/');
    Ok(if folder.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, folder)) })
}

/// The address that requests go to: the bucket stands in the host, or the client puts it into the path.
fn host(endpoint: &str, bucket: &str, settings: &FileSettings) -> anyhow::Result<String> {
    let endpoint = Url::parse(endpoint).context("PATRON_FILES_ENDPOINT")?;
    let (Some(host), "http" | "https") = (endpoint.host_str(), endpoint.scheme()) else {
        bail!("PATRON_FILES_ENDPOINT is no http:// or https:// address");
    };
    if settings.files_path_style {
        return Ok(endpoint.as_str().trim_end_matches('/').to_owned());
    }
    let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{bucket}.{host}{port}", endpoint.scheme()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn settings(path_style: bool) -> FileSettings {
        FileSettings {
            files_dir: PathBuf::new(),
            files_bucket: None,
            files_endpoint: None,
            files_region: "us-east-1".to_owned(),
            files_key_id: Some("id".to_owned()),
            files_key: Some("key".to_owned()),
            files_path_style: path_style,
        }
    }

    #[test]
    fn the_bucket_stands_in_the_host_or_in_the_path() -> anyhow::Result<()> {
        assert_eq!(host("https://s3.example.com:9000/", "b", &settings(false))?, "https://b.s3.example.com:9000");
        assert_eq!(host("https://s3.example.com:9000/", "b", &settings(true))?, "https://s3.example.com:9000");
        assert!(host("s3.example.com", "b", &settings(true)).is_err());
        Ok(())
    }

    #[test]
    fn what_cannot_be_a_bucket_is_told_at_once() {
        for wrong in ["bucket", "https://bucket", "s3:bucket", "s3://bucket?region=eu"] {
            assert!(open(wrong, &settings(true), None).is_err(), "{wrong}");
        }
        assert!(open("s3://bucket/some/folder", &settings(true), None).is_ok());
        let keyless = FileSettings { files_key: None, ..settings(true) };
        assert!(open("s3://bucket", &keyless, None).is_err());
    }
}
