//! `ehlo explain`: what a text means, without a screen and without a network.

use std::io;

use super::complaint::Complaint;
use super::options::Explain;
use crate::run::explain::{NotExplained, run};
use crate::run::serve::Form;

const NEXT: &str =
    "As: ehlo explain 550 5.1.1, or: ehlo explain < letter.eml; ehlo explain --help lists what is known.";

/// Explains; what comes back is the exit code.
pub(super) fn tell(options: &Explain, quiet: bool) -> Result<u8, Complaint> {
    let words: Vec<&[u8]> = options.text.iter().map(|word| word.as_encoded_bytes()).collect();
    let text = (!words.is_empty()).then(|| words.join(&b' '));
    match run(text, if options.json { Form::Json } else { Form::Text }, quiet) {
        // Whoever read has gone away, and needs no complaint.
        Err(NotExplained::System(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        told => told.map(|()| 0).map_err(|why| complaint(&why)),
    }
}

fn complaint(why: &NotExplained) -> Complaint {
    let what = format!("{why}.");
    match why {
        NotExplained::Unknown(unknown) if unknown.near.is_empty() => Complaint::new("explain/unknown", 1, what, NEXT),
        NotExplained::Unknown(unknown) => Complaint::new("explain/unknown", 1, what, unknown.near.clone()),
        NotExplained::TooMuch => Complaint::new(
            "explain/too-much",
            2,
            what,
            "Give the letter, the reply or the line that it is about alone.",
        ),
        NotExplained::Terminal | NotExplained::Empty => Complaint::new("explain/nothing", 2, what, NEXT),
        NotExplained::System(_) => Complaint::new("explain/failed", 2, what, NEXT),
    }
}
