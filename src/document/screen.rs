//! A screen of unlimited width and height that replays cursor movement.
