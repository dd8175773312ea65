//! The user PostgreSQL runs as: it refuses to be root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use rustix::process::getuid;

/// An unprivileged user that root hands PostgreSQL to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    pub name: String,
    uid: u32,
    gid: u32,
}

impl Owner {
    /// `None` when this user is not root and may run PostgreSQL as it is.
    pub fn needed() -> Result<Option<Self>> {
        if !getuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("the list of users")?;
        let owner =
            Self::among(&users).context("PostgreSQL cannot run as root, and there is no user postgres or nobody")?;
        Ok(Some(owner))
    }

    /// The user a directory belongs to; `None` when it is this user, or there is no directory.
    pub fn of(directory: &Path) -> Option<Self> {
        let metadata = fs::metadata(directory).ok()?;
        let (uid, gid) = (metadata.uid(), metadata.gid());
        (uid != getuid().as_raw()).then(|| Self { name: uid.to_string(), uid, gid })
    }

    fn among(users: &str) -> Option<Self> {
        ["postgres", "nobody"].iter().find_map(|name| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            let uid = fields.next()?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self { name: (*name).to_owned(), uid, gid })
        })
    }

    /// Makes a command run as this user. The standard library drops root's other groups with it.
    pub fn run_as(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// As `uid:gid`.
    pub fn ids(&self) -> String {
        format!("{}:{}", self.uid, self.gid)
    }

    pub fn give(&self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("{} cannot be given to {}", path.display(), self.name))
    }

    /// Whether this user can reach a directory, tried out: permissions have many sources.
    pub fn can_enter(&self, directory: &Path) -> bool {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "cd -- \"$0\""]).arg(directory).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.run_as(&mut command);
        command.status().is_ok_and(|status| status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533::/:/bin/false\n";

    #[test]
    fn prefers_the_user_made_for_it() {
        let users = format!("{USERS}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        let owner = Owner::among(&users).unwrap();
        assert_eq!(owner, Owner { name: "postgres".to_owned(), uid: 101, gid: 104 });
        assert_eq!(Owner::among(USERS).unwrap().gid, 65533);
        assert_eq!(Owner::among("root:x:0:0::/root:/bin/sh"), None);
    }
}
