//! The reference of the command line, `docs/cli.md`, made of what clap parses by.

use super::Cli;
use clap::{Arg, Command, CommandFactory as _};
use std::fmt::Write as _;

/// The reference, in Markdown.
pub fn reference() -> String {
    let mut program = Cli::command();
    // So that each command knows the flags of those above it.
    program.build();
    let mut text = String::from(
        "# The command line\n\n\
         Made from the code by `UPDATE_DOCUMENTS=1 cargo test -p sso-server --test documents`.\n\n\
         Exit code 0: done. 1: refused, or not possible; one line on standard error says why, with the code\n\
         of the Admin API. 2: unusable arguments. Standard output has the answer alone.\n",
    );
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        describe(command, "sso-server", &mut text);
    }
    text
}

/// A command, then those under it.
fn describe(command: &Command, above: &str, text: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let under: Vec<_> =
        command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    let depth = "#".repeat(name.split(' ').count());
    let _ = write!(text, "\n{depth} {name}\n\n{}.\n", command.get_about().unwrap_or_default());
    let is_shown = |argument: &&Arg| {
        // A flag for all the commands of a group stands with the group.
        let inherited = argument.is_global_set() && name.split(' ').count() > 2;
        !inherited && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    let arguments: Vec<_> = command.get_arguments().filter(is_shown).collect();
    if !arguments.is_empty() {
        text.push('\n');
    }
    for argument in arguments {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let default = match argument.get_default_values() {
            [value] if argument.get_action().takes_values() => {
                format!(" [default: {}]", value.to_string_lossy())
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "- `{argument}`: {help}{default}");
    }
    for command in under {
        describe(command, &name, text);
    }
}
