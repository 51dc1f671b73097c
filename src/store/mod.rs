//! Keeps originals, so that whatever was left out can be given back.
