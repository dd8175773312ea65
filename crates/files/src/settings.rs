//! Settings of the storage.
use std::path::PathBuf;

/// Where files lie.
#[derive(Clone, Debug, clap::Args)]
pub struct FileSettings {
    /// Folder for files that the house makes and takes, such as exports and attachments. Processes that run one service
    /// share it, unless there is a bucket: then it only holds what is being written.
    #[arg(long, env = "PATRON_FILES_DIR", default_value = ".patron/files")]
    pub files_dir: PathBuf,
    /// Bucket that files go to instead, at S3 or a storage that speaks as it does: `s3://bucket` or `s3://bucket/folder`.
    #[arg(long, env = "PATRON_FILES_BUCKET")]
    pub files_bucket: Option<String>,
    /// Where that storage is, such as `https://minio.example.com`; Amazon's own without.
    #[arg(long, env = "PATRON_FILES_ENDPOINT")]
    pub files_endpoint: Option<String>,
    /// Region of the bucket.
    #[arg(long, env = "PATRON_FILES_REGION", default_value = "us-east-1")]
    pub files_region: String,
    /// Id of the access key.
    #[arg(long, env = "PATRON_FILES_KEY_ID")]
    pub files_key_id: Option<String>,
    /// The access key.
    #[arg(long, env = "PATRON_FILES_KEY", hide_env_values = true)]
    pub files_key: Option<String>,
    /// Names the bucket in the path instead of the host, as storages of one's own mostly want it.
    #[arg(long, env = "PATRON_FILES_PATH_STYLE")]
    pub files_path_style: bool,
}
