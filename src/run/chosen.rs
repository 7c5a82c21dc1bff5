//! A file that was chosen for the letter: its text if the editor can hold it, else what a survey of it says.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::files;
use crate::screen::session::file::{Chosen, LetterFile};
use crate::smtp::data::{Survey, Surveyor};

/// Octets that are read at a time.
const PIECE: usize = 64 * 1024;

/// Looks at a file. Text of at most `most` octets is given whole; anything else is read once and only counted, in
/// constant memory.
pub(super) fn look(path: &Path, most: u64) -> io::Result<Chosen> {
    let mut file = files::regular(path)?;
    let chosen = |survey| Chosen::File(LetterFile { path: path.to_owned(), survey });
    if file.metadata()?.len() > most {
        return survey(&[], file).map(chosen);
    }
    let mut bytes = Vec::new();
    (&mut file).take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        // It grows while it is read.
        return survey(&bytes, file).map(chosen);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Chosen::Text(text)),
        Err(no_text) => survey(no_text.as_bytes(), file).map(chosen),
    }
}

/// Surveys a file in constant memory; its first octets, at most so many, come along.
pub(super) fn survey_of(path: &Path, head: usize) -> io::Result<(Survey, Vec<u8>)> {
    let mut file = files::regular(path)?;
    let mut begun = Vec::new();
    (&mut file).take(head as u64).read_to_end(&mut begun)?;
    Ok((survey(&begun, file)?, begun))
}

/// Surveys what was read already and the rest of the file.
fn survey(begun: &[u8], mut rest: File) -> io::Result<Survey> {
    let mut surveyor = Surveyor::default();
    surveyor.push(begun);
    let mut piece = vec![0; PIECE];
    loop {
        match rest.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => surveyor.push(piece.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(surveyor.finish())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn chosen(content: &[u8], most: u64) -> Chosen {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letter.eml");
        fs::write(&path, content).expect("a file");
        look(&path, most).expect("it can be read")
    }

    #[test]
    fn text_that_fits_is_text() {
        assert_eq!(chosen("bücher\n".as_bytes(), 8), Chosen::Text("bücher\n".into()));
        assert_eq!(chosen(b"", 0), Chosen::Text(String::new()));
    }

    #[test]
    fn what_does_not_fit_and_what_is_no_text_is_surveyed_whole() {
        for (content, most) in [(&b"one\n.two\n"[..], 8), (b"one\n.\xff\n", 100)] {
            let Chosen::File(file) = chosen(content, most) else { panic!("it is no text for the editor") };
            assert_eq!(file.survey.normalised.taken, content.len() as u64);
            assert_eq!((file.survey.normalised.lines, file.survey.normalised.dots), (2, 1));
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_waited_for() {
        assert_eq!(look(Path::new("/"), 100).expect_err("a folder").to_string(), "not a regular file");
        #[cfg(unix)]
        assert!(look(Path::new("/dev/zero"), 100).is_err());
    }
}
