//! The real program as a process: how it starts and ends, and its commands.

mod commands;
mod installation;
mod process;
mod start;
