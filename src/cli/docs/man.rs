//! Manual pages in roff: a page of the whole, and one of each command. The examples stand as they do in `--help`.

use clap::Command;
use clap_mangen::Man;

use super::super::complaint::Complaint;
use super::super::usage;
use super::built;

/// The day of the pages: that on which this version began.
const DATE: &str = "2026-11-30";
/// What the lists of examples begin with.
const EXAMPLES: &str = "Examples:\n";

/// The page of a command, or of the whole.
pub(super) fn page(command: Option<&str>) -> Result<Vec<u8>, Complaint> {
    let whole = built();
    let Some(name) = command else { return Ok(text(whole)) };
    let found = whole.get_subcommands().find(|command| command.get_name() == name && name != "help").cloned();
    // Called as `ehlo connect`, kept as `ehlo-connect`.
    let found = found.ok_or_else(|| usage::no_command(name))?.name(format!("ehlo-{name}"));
    Ok(text(found))
}

fn text(command: Command) -> Vec<u8> {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_commands = command.get_subcommands().next().is_some();
    let source = format!("ehlo {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).date(DATE).source(source);
    let mut out = Vec::new();
    let mut section = |render: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        // Nothing can go wrong with a text in memory.
        let _ = render(&mut out);
    };
    section(&|out| man.render_title(out));
    section(&|out| man.render_name_section(out));
    section(&|out| man.render_synopsis_section(out));
    section(&|out| man.render_description_section(out));
    section(&|out| man.render_options_section(out));
    if has_commands {
        section(&|out| man.render_subcommands_section(out));
    }
    let text = String::from_utf8(out).unwrap_or_default();
    // An empty line between two breaks is one break too many.
    let mut text = text.replace("\n.br\n\n.br\n", "\n.sp\n");
    if !examples.is_empty() {
        text.push_str(&literal(examples.strip_prefix(EXAMPLES).unwrap_or(&examples)));
    }
    text.into_bytes()
}

/// A section whose lines stay as they are.
fn literal(examples: &str) -> String {
    let lines = examples.lines().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // A line that begins so would be a request of roff.
        if line.starts_with(['.', '\'']) { format!("\\&{line}\n") } else { format!("{line}\n") }
    });
    format!(".SH EXAMPLES\n.nf\n{}.fi\n", lines.collect::<String>())
}
