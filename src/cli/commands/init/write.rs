//! Writes a file whole or not at all, and only while it still is what the change was made for.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Where the file as it was is kept.
pub fn backup(path: &Path) -> PathBuf {
    // A link stays a link.
    let path = target(path);
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".hr-backup");
    path.with_file_name(name)
}

fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Why a file is not one to write.
pub fn obstacle(path: &Path) -> Option<String> {
    match fs::metadata(path) {
        Ok(file) if file.permissions().readonly() => Some("it is read-only".into()),
        Ok(_) => {
            fs::OpenOptions::new().write(true).open(path).err().map(|error| format!("it cannot be written: {error}"))
        }
        Err(_) if path.is_symlink() => Some("it is a link to what is not there".into()),
        Err(_) => None,
    }
}

/// A change that only needs to be put in place.
#[derive(Debug)]
pub struct Ready {
    link: PathBuf,
    path: PathBuf,
    old: Option<Vec<u8>>,
    new: Option<NamedTempFile>,
    backup: Option<NamedTempFile>,
}

/// Writes the new text, and a copy of the old one when it is to be kept, beside the file.
pub fn prepare(path: &Path, old: Option<&str>, new: Option<&str>, keep: bool) -> io::Result<Ready> {
    let (link, path) = (path.to_path_buf(), target(path));
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = |text: &str| {
        fs::create_dir_all(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        match fs::metadata(&path) {
            Ok(old) => file.as_file().set_permissions(old.permissions())?,
            Err(_) => readable(file.as_file())?,
        }
        file.as_file().sync_all()?;
        Ok::<_, io::Error>(file)
    };
    let new = new.map(beside).transpose()?;
    let backup = old.filter(|_| keep).map(beside).transpose()?;
    let old = old.map(|text| text.as_bytes().to_vec());
    Ok(Ready { link, path, old, new, backup })
}

impl Ready {
    /// Puts it in place; an error when somebody changed the file since it was read.
    pub fn commit(mut self) -> io::Result<()> {
        self.look()?;
        if let Some(file) = self.backup.take() {
            file.persist(backup(&self.path))?;
        }
        // Nothing slow may come between this look and the change.
        self.look()?;
        match self.new {
            Some(file) => drop(file.persist(&self.path)?),
            None => {
                fs::remove_file(&self.path)?;
                // What is left of a link leads nowhere.
                if self.link.is_symlink() {
                    fs::remove_file(&self.link)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the file still is what it was.
    fn look(&self) -> io::Result<()> {
        let now = match fs::read(&self.path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
            read => Some(read?),
        };
        if now == self.old { Ok(()) } else { Err(io::Error::other("it changed in the meantime; try again")) }
    }
}

/// A new file is readable as other new files are.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
