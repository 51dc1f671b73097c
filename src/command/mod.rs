//! Reads a command line as a shell would and says whose output its text is.
