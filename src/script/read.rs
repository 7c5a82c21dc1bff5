//! From text to a script: files line by line, with what they include, here-documents and groups.
//!
//! Reading is total: it ends with a script or with the first line that is none, and says what was expected there. Files
//! come from who calls, who decides which may be read; letters are read now, so that nothing is missing later.

mod forms;
mod lines;
mod serving;
mod words;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::pattern::NoPattern;
use super::step::{Parting, Step};
use super::text::{Text, Variables};
use super::trouble::Trouble;
use super::{Place, Placed, Script};
use crate::dns::near::distance;
use crate::smtp::data::Wire;
use crate::smtp::limits::script::{DEPTH, OCTETS, STEPS};
pub(super) use forms::time;
use lines::Lines;
pub(super) use serving::NAME;
use words::Words;

/// Names of variables that would be secrets.
pub const SECRETS: &[&str] = &["password", "passwd", "pass", "pw", "secret", "token"];
/// Slips of a hand that still make a word near to another one.
const SLIPS: usize = 2;
/// Where all of the language stands.
const HELP: &str = "ehlo run --language says what can be written.";

/// What a script is read with.
pub struct Ground<'a> {
    /// Variables that have a value from the beginning.
    pub variables: &'a Variables,
    /// Reads a file, or says why not.
    pub load: &'a dyn Fn(&Path) -> Result<Vec<u8>, String>,
}

/// Reads a script.
///
/// # Errors
///
/// The first line that is none.
pub fn read(name: &str, text: &[u8], ground: &Ground<'_>) -> Result<Script, Trouble> {
    let known = ground.variables.names().map(str::to_owned).collect();
    let mut reader = Reader { ground, known, letters: BTreeSet::new(), steps: Vec::new(), octets: 0 };
    reader.file(name, text, 0)?;
    if reader.steps.is_empty() {
        let place = Place { file: Arc::from(name), line: 1 };
        return Err(Trouble::at(&place, "script/syntax", "expected a step; there is none in this script", HELP));
    }
    Ok(Script { steps: reader.steps })
}

/// Reads files one inside the other.
struct Reader<'a> {
    ground: &'a Ground<'a>,
    /// Variables that have a value here.
    known: BTreeSet<String>,
    /// Letters that were kept by now.
    letters: BTreeSet<String>,
    steps: Vec<Placed>,
    /// Octets of all files so far.
    octets: usize,
}

impl Reader<'_> {
    fn file(&mut self, name: &str, text: &[u8], depth: usize) -> Result<(), Trouble> {
        let mut lines = Lines::new(name, text)?;
        self.count(&lines.place(1), text.len())?;
        while let Some((place, line)) = lines.next() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(rest) =
                line.strip_prefix("include").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
            {
                self.include(&place, Words::new(rest), depth)?;
            } else {
                let step = self.step(&place, line, &mut lines)?;
                self.push(place, step)?;
            }
        }
        Ok(())
    }

    fn include(&mut self, place: &Place, mut words: Words<'_>, depth: usize) -> Result<(), Trouble> {
        let named = words.word().ok_or_else(|| expected(place, "a file behind include", ""))?;
        over(place, &mut words)?;
        if depth >= DEPTH {
            let what = format!("files include each other more than {DEPTH} deep, and {named} would be one more");
            return Err(Trouble::at(
                place,
                "script/include",
                what,
                "A file that includes itself never ends: take the line out.",
            ));
        }
        let path = beside(place, named)?;
        let text = self.load(place, &path)?;
        self.file(&path.display().to_string(), &text, depth + 1)
    }

    /// Reads one step, with the lines that belong to it.
    fn step(&mut self, place: &Place, line: &str, lines: &mut Lines<'_>) -> Result<Step, Trouble> {
        let step = if let Some(rest) = line.strip_prefix(">>") {
            forms::octets(place, rest)
        } else if let Some(rest) = line.strip_prefix('>') {
            Ok(Step::Line(forms::sent(rest)))
        } else if let Some(rest) = line.strip_prefix("<<") {
            if self.is_server() { serving::happening(place, rest) } else { forms::happening(place, rest) }
        } else if let Some(rest) = line.strip_prefix('<') {
            if self.is_server() { serving::spoken(place, rest) } else { forms::reply(place, rest) }
        } else if self.is_server() {
            Self::served(place, line, lines)
        } else {
            self.worded(place, line, lines)
        }?;
        self.check_variables(place, &step)?;
        match &step {
            Step::Set { of: Some(letter), .. } if !self.letters.contains(letter) => {
                let what = format!("no letter is kept as {letter} here");
                return Err(Trouble::at(place, "script/variable", what, "Keep it before: read letter into NAME."));
            }
            Step::Set { name, .. } => drop(self.known.insert(name.clone())),
            Step::Letter { into: Some(name), .. } => drop(self.letters.insert(name.clone())),
            _ => {}
        }
        Ok(step)
    }

    /// True behind a `listen`: the script is a server.
    fn is_server(&self) -> bool {
        matches!(self.steps.first(), Some(Placed { step: Step::Listen(_), .. }))
    }

    /// A step of a server that begins with a word.
    fn served(place: &Place, line: &str, lines: &mut Lines<'_>) -> Result<Step, Trouble> {
        let mut words = Words::new(line);
        let word = words.word().unwrap_or_default();
        match word {
            "pipeline" => forms::pipeline(place, words, lines),
            "read" => serving::read(place, words),
            "tls" => serving::tls(place, words),
            "close" => serving::parts(place, words, Parting::Close),
            "half-close" => serving::parts(place, words, Parting::HalfClose),
            "reset" => serving::parts(place, words, Parting::Reset),
            "sleep" => forms::sleep(place, words),
            "set" => forms::set(place, words),
            "assert" => forms::assert(place, &words),
            _ => Err(no_step(place, word, "a step of a server", serving::WORDS)),
        }
    }

    fn worded(&self, place: &Place, line: &str, lines: &mut Lines<'_>) -> Result<Step, Trouble> {
        let mut words = Words::new(line);
        let word = words.word().unwrap_or_default();
        match word {
            "listen" if self.steps.is_empty() => serving::listen(place, words),
            "listen" => Err(expected(place, "listen as the first step of a script, or not at all", word)),
            "connect" => forms::connect(place, words),
            "pipeline" => forms::pipeline(place, words, lines),
            "read" => forms::read_until(place, words),
            "tls" => forms::tls(place, words),
            "auth" => forms::auth(place, words),
            "data" => {
                let (letter, wire) = self.letter(place, &mut words, lines)?;
                over(place, &mut words)?;
                Ok(Step::Data { letter, wire })
            }
            "bdat" => {
                let (letter, wire) = self.letter(place, &mut words, lines)?;
                forms::bdat(place, words, letter, wire)
            }
            "sleep" => forms::sleep(place, words),
            "clock" => forms::clock(place, words),
            "set" => forms::set(place, words),
            "assert" => forms::assert(place, &words),
            _ => Err(no_step(place, word, "a step", forms::WORDS)),
        }
    }

    /// A letter: a here-document, octets between quotes, or a file.
    fn letter(&self, place: &Place, words: &mut Words<'_>, lines: &mut Lines<'_>) -> Result<(Text, Wire), Trouble> {
        let wire = if words.take("raw") { Wire::Raw } else { Wire::Normalise };
        let form = "a letter: <<. and its lines, \"octets\", or a file";
        if let Some(text) = words.quoted().map_err(|why| expected(place, why, words.rest()))? {
            return Ok((forms::escaped(place, text)?, wire));
        }
        let Some(word) = words.word() else { return Err(expected(place, form, "")) };
        let Some(end) = word.strip_prefix("<<") else {
            let octets = self.load(place, &beside(place, word)?)?;
            return Ok((Text::of(octets), wire));
        };
        if end.is_empty() {
            return Err(expected(place, "a word that ends the letter behind <<, as in <<.", ""));
        }
        // A script that is set in as a whole, as one that is pasted from a page, has its letters set in as far.
        let (mut letter, indent) = (Text::default(), lines.indent());
        loop {
            match lines.next().map(|(_, line)| line.strip_prefix(indent).unwrap_or(line)) {
                Some(line) if line == end => return Ok((letter, wire)),
                Some(line) => letter.push_line(Text::plain(line)),
                None => {
                    return Err(expected(
                        place,
                        &format!("a line '{end}' that ends this letter"),
                        "the end of the file",
                    ));
                }
            }
        }
    }

    fn load(&self, place: &Place, path: &Path) -> Result<Vec<u8>, Trouble> {
        (self.ground.load)(path).map_err(|why| {
            let what = format!("cannot read {}: {why}", path.display());
            Trouble::at(place, "script/file", what, "Files are looked for beside the script that names them.")
        })
    }

    fn push(&mut self, place: Place, step: Step) -> Result<(), Trouble> {
        if self.steps.len() >= STEPS {
            let what = format!("a script has at most {STEPS} steps, and this is one more");
            return Err(Trouble::at(&place, "script/long", what, "Play it in parts."));
        }
        self.steps.push(Placed { place, step });
        Ok(())
    }

    fn count(&mut self, place: &Place, octets: usize) -> Result<(), Trouble> {
        self.octets += octets;
        if self.octets > OCTETS {
            let what = format!("a script and what it includes have at most {OCTETS} octets together");
            return Err(Trouble::at(
                place,
                "script/long",
                what,
                "Play it in parts; a large letter goes as a file: data FILE.",
            ));
        }
        Ok(())
    }

    fn check_variables(&self, place: &Place, step: &Step) -> Result<(), Trouble> {
        match step.variables().find(|name| !self.known.contains(*name)) {
            None => Ok(()),
            Some(name) if SECRETS.contains(&name) => Err(secret(place)),
            Some(name) => {
                let near = nearest(name, self.known.iter().map(String::as_str));
                let near = near.map_or_else(String::new, |near| format!(". Did you mean {{{near}}}?"));
                let next = format!(
                    "Set it before: --var {name}=…, or: set {name} = /…/. A brace that is none is written {{{{."
                );
                Err(Trouble::at(
                    place,
                    "script/variable",
                    format!("the variable {{{name}}} has no value here{near}"),
                    next,
                ))
            }
        }
    }
}

/// A secret where none may be.
fn secret(place: &Place) -> Trouble {
    let what = "a secret may only be used in AUTH. It is printed as ••••";
    Trouble::at(
        place,
        "redact/script",
        what,
        "Write: auth PLAIN USER; the secret comes from --password-file or its like.",
    )
}

/// A file beside the one that names it: no script reaches what lies elsewhere on the machine.
fn beside(place: &Place, named: &str) -> Result<PathBuf, Trouble> {
    let path = Path::new(named);
    if path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
        let what = format!("{named} does not lie beside this script");
        return Err(Trouble::at(
            place,
            "script/file",
            what,
            "A script reads only files in its own folder and below: copy it there.",
        ));
    }
    Ok(Path::new(&*place.file).parent().unwrap_or(Path::new("")).join(path))
}

/// Nothing may stand behind a step that is whole.
fn over(place: &Place, words: &mut Words<'_>) -> Result<(), Trouble> {
    words.word().map_or(Ok(()), |word| Err(expected(place, "nothing more", word)))
}

/// What was expected, and what came.
fn expected(place: &Place, wanted: &str, got: &str) -> Trouble {
    let got = if got.is_empty() { "nothing".to_owned() } else { format!("'{got}'") };
    Trouble::at(place, "script/syntax", format!("expected {wanted}; got {got}"), HELP)
}

fn no_step(place: &Place, word: &str, wanted: &str, words: &[&str]) -> Trouble {
    let near = nearest(word, words.iter().copied());
    let near = near.map_or_else(String::new, |near| format!(". Did you mean '{near}'?"));
    let next = format!("{} begins with >, >>, <, << or one of: {}.", capital(wanted), words.join(", "));
    Trouble::at(place, "script/syntax", format!("expected {wanted}; got '{word}'{near}"), next)
}

/// With a capital at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The word that is meant, if a slip of the hand explains the one that was written.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|known| (distance(word.as_bytes(), known.as_bytes()), known)).min();
    near.filter(|(slips, _)| *slips <= SLIPS).map(|(_, known)| known)
}

/// What is said of a pattern that cannot be used.
pub(super) fn no_pattern(why: &NoPattern) -> String {
    match why {
        NoPattern::Wrong(why) => format!("expected a regular expression between the slashes: {why}"),
        NoPattern::TooCostly => "the pattern is too costly; simplify it".to_owned(),
        NoPattern::Unfilled(_) => "a variable in the pattern has no value that can be matched".to_owned(),
    }
}

#[cfg(test)]
mod tests;
