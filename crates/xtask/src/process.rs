//! Commands that run to their end.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;

/// Runs with the terminal's output; fails when the command does or when somebody asked to stop.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("{} failed: {status}", name(command));
    }
    Ok(())
}

/// Runs with the terminal's output and tells how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let child = command.spawn().with_context(|| format!("{} cannot be started", name(command)))?;
    wait(child)
}

/// Runs with the output in a file; the end of that file is part of the error.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let status = status(logged(command, log)?)?;
    judge(command, status, log)
}

/// As [`run_logged`], but never broken off: half an installation is worse than a wait.
pub fn finish_logged(command: &mut Command, log: &Path) -> Result<()> {
    let status = logged(command, log)?.process_group(0).status();
    let status = status.with_context(|| format!("{} cannot be started", name(command)))?;
    judge(command, status, log)
}

fn logged<'a>(command: &'a mut Command, log: &Path) -> Result<&'a mut Command> {
    let file = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    Ok(command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file))
}

fn judge(command: &Command, status: ExitStatus, log: &Path) -> Result<()> {
    if !status.success() {
        bail!("{} failed: {status}\n{}", name(command), tail(log, 15));
    }
    Ok(())
}

/// What a quick command prints, or `None` when it is missing or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits for a child; asked to stop, it asks the child first.
pub fn wait(mut child: Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            interrupt::check()?;
            return Ok(status);
        }
        if interrupt::requested() {
            if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
                let _ = kill_process(pid, Signal::TERM);
            }
            child.wait()?;
            bail!("interrupted");
        }
        interrupt::pause();
    }
}

/// The last lines of a file, indented, for a message.
pub fn tail(log: &Path, lines: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let last = &all[all.len().saturating_sub(lines)..];
    let last: Vec<String> = last.iter().map(|line| format!("    {line}")).collect();
    last.join("\n")
}

fn name(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().map(|part| part.to_string_lossy()).collect();
    let words = arguments.iter().take(4).map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
    format!("`{} {words}`", command.get_program().to_string_lossy())
}
