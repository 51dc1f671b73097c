//! Files and folders that nobody else may read, and files that appear under their name only when they are complete.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::store::StoreError;

/// Makes a folder and those above it; only the user may look into what is new.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::io("create", path, error))
}

/// Opens or makes a file for the user alone that is only ever added to.
pub(super) fn appendable(path: &Path) -> io::Result<File> {
    private().append(true).read(true).create(true).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A file under a passing name; it is deleted unless it is moved to its place.
#[derive(Debug)]
pub(super) struct Temporary {
    /// The file, open for reading and writing.
    pub(super) file: File,
    path: PathBuf,
    moved: bool,
}

impl Temporary {
    /// Makes a file in a folder, and the folder when it is missing.
    pub(super) fn create(folder: &Path) -> Result<Self, StoreError> {
        let mut attempts = 0;
        loop {
            let path = folder.join(passing_name());
            match private().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, moved: false }),
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < 2 => make_folder(folder)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < 9 => {}
                Err(error) => return Err(StoreError::io("write", path, error)),
            }
            attempts += 1;
        }
    }

    /// Moves the file to a place, where it stays or from where it is moved on, over what is there, and makes the folder when it is missing.
    pub(super) fn move_to(&mut self, place: &Path) -> Result<(), StoreError> {
        let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let mut moved = fs::rename(&self.path, place);
        if let (Err(true), Some(folder)) = (moved.as_ref().map_err(missing), place.parent()) {
            make_folder(folder)?;
            moved = fs::rename(&self.path, place);
        }
        moved.map_err(|error| StoreError::io("write", place, error))?;
        self.moved = true;
        self.path = place.to_owned();
        Ok(())
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.moved {
            // What cannot be deleted now is swept later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes up a name that no other process uses at the same time.
pub(super) fn passing_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{nanos:x}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
