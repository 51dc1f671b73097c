//! Where `hr` keeps its own files.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::error::{CliError, ErrorKind};
use crate::store::StoreError;

/// Finds the folder for everything `hr` keeps: `HR_HOME`, else `hr` in the user's data folder.
pub fn home() -> Result<PathBuf, CliError> {
    let own = std::env::var_os("HR_HOME").filter(|folder| !folder.is_empty());
    let folder = match own {
        Some(folder) => std::path::absolute(folder).ok(),
        None => Xdg::new().ok().map(|folders| folders.data_dir().join("hr")),
    };
    folder.filter(|folder| folder.is_absolute()).ok_or_else(|| {
        CliError::new(ErrorKind::Config, "there is no home folder to keep recordings in")
            .hint("set `HR_HOME` to a folder of your own")
    })
}

/// Finds the folder of the recordings.
pub fn store_folder() -> Result<PathBuf, CliError> {
    home().map(|home| home.join("store"))
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Malformed(_) => ErrorKind::Usage,
            StoreError::Unknown { .. }
            | StoreError::Gone { .. }
            | StoreError::Ambiguous { .. }
            | StoreError::TooFew { .. }
            | StoreError::TooLarge { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Io { .. } => ErrorKind::Input,
        };
        error.hints().into_iter().fold(Self::new(kind, error.to_string()), Self::hint)
    }
}
