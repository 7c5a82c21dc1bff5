//! Letters of any size: read, made fit for the wire and handed to the pump in blocks, by a thread of their own.
//!
//! At most [`AHEAD`] blocks wait, so memory stays constant. Blocks end at line ends where the letter has any, and what
//! is left out of the tape ends at one too: otherwise the rest could look like an end of the letter.

mod measured;

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memmem;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::files;
use crate::ports::net::{Body, Letter};
use crate::smtp::data::{END, Stuffer, Wire};
use measured::Measured;

/// Octets of a block, about. Each block wakes the pump, the reader and the application; with small ones that is most of
/// the work.
const BLOCK: usize = 256 * 1024;
/// Octets of a line without an end before a block is cut within it.
const LONGEST: usize = 4 * BLOCK;
/// Blocks that are made before they are asked for.
const AHEAD: usize = 4;
/// Octets of a letter that the tape keeps; what follows is counted, but for the end.
const KEPT: u64 = 4 * 1024 * 1024;

/// A block on its way.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) octets: Arc<[u8]>,
    /// Too much for the tape: counted only.
    pub(super) elided: bool,
    /// Nothing follows.
    pub(super) last: bool,
}

/// Why there are no more blocks.
#[derive(Debug)]
pub(super) struct Cut {
    /// The file's name.
    pub(super) name: String,
    /// The operating system's words.
    pub(super) why: String,
}

/// A letter that is being read.
#[derive(Debug)]
pub(super) struct Blocks(mpsc::Receiver<Result<Block, Cut>>);

impl Blocks {
    /// Begins to read.
    pub(super) fn of(letter: Letter) -> Self {
        let (blocks, taken) = mpsc::channel(AHEAD);
        spawn_blocking(move || {
            let name = name(&letter.body);
            let body = open(letter.body).map(|body| Measured::body(body, letter.octets));
            let done = body.and_then(|body| Cutter::new(letter.wire, &blocks).cut(body));
            if let Err(error) = done {
                // Nobody listens if the connection ended before.
                let _ = blocks.blocking_send(Err(Cut { name, why: error.to_string() }));
            }
        });
        Self(taken)
    }

    /// The next block. Nothing is lost if the future is dropped.
    pub(super) async fn next(&mut self) -> Result<Block, Cut> {
        let broken = || Cut { name: String::new(), why: "the reader of the letter stopped".into() };
        self.0.recv().await.unwrap_or_else(|| Err(broken()))
    }
}

fn name(body: &Body) -> String {
    match body {
        Body::File(path) => path.display().to_string(),
        Body::Octets(_) => String::new(),
    }
}

/// Opens a letter. What is no regular file might never end, or never begin.
fn open(body: Body) -> io::Result<Box<dyn Read>> {
    match body {
        Body::Octets(octets) => Ok(Box::new(io::Cursor::new(octets))),
        Body::File(path) => match files::open(&path)? {
            Some(file) => Ok(Box::new(file)),
            None => Err(io::Error::other("it is no regular file")),
        },
    }
}

/// Cuts what goes to the wire into blocks.
struct Cutter<'a> {
    wire: Wire,
    blocks: &'a mpsc::Sender<Result<Block, Cut>>,
    /// What goes to the wire and is in no block yet.
    out: Vec<u8>,
    sent: u64,
    /// The last block ended at a line end.
    fresh: bool,
}

impl<'a> Cutter<'a> {
    fn new(wire: Wire, blocks: &'a mpsc::Sender<Result<Block, Cut>>) -> Self {
        Self { wire, blocks, out: Vec::new(), sent: 0, fresh: true }
    }

    fn cut(mut self, mut body: Box<dyn Read>) -> io::Result<()> {
        let mut stuffer = Stuffer::new(self.wire);
        let mut piece = vec![0; BLOCK];
        loop {
            let read = match body.read(&mut piece) {
                Ok(0) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            stuffer.push(piece.get(..read).unwrap_or_default(), &mut self.out);
            while self.out.len() >= BLOCK {
                let Some(end) = self.block_end() else { break };
                if !self.send(end, self.elides(), false) {
                    return Ok(());
                }
            }
        }
        // A raw letter goes as it is, without the line end that its last line may lack.
        if self.wire != Wire::Raw {
            stuffer.finish(&mut self.out);
            self.out.truncate(self.out.len() - END.len());
        }
        self.finish();
        Ok(())
    }

    /// Where the next block ends; `None` if the line in it may still end.
    fn block_end(&self) -> Option<usize> {
        let line = memmem::rfind(&self.out, b"\r\n").map(|at| at + 2);
        line.or_else(|| (self.out.len() >= LONGEST).then_some(BLOCK))
    }

    /// The rest: what continues a line that was cut goes without being kept, the other lines are kept.
    fn finish(&mut self) {
        if !self.fresh && self.elides() {
            let line = memmem::find(&self.out, b"\r\n").map_or(self.out.len(), |at| at + 2);
            if !self.send(line, true, line == self.out.len()) || self.out.is_empty() {
                return;
            }
        }
        self.send(self.out.len(), false, true);
    }

    /// The ends of a raw letter are not known here, so the tape must see all of it.
    fn elides(&self) -> bool {
        self.sent >= KEPT && self.wire != Wire::Raw
    }

    /// Hands on the first octets; false if nobody wants them any more.
    fn send(&mut self, octets: usize, elided: bool, last: bool) -> bool {
        let block: Arc<[u8]> = Arc::from(self.out.get(..octets).unwrap_or_default());
        self.out.drain(..octets);
        self.sent += block.len() as u64;
        self.fresh = block.ends_with(b"\r\n");
        self.blocks.blocking_send(Ok(Block { octets: block, elided, last })).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn blocks(body: &[u8], wire: Wire) -> Vec<Block> {
        let mut reading = Blocks::of(Letter { body: Body::Octets(Arc::from(body)), wire, octets: None });
        let mut blocks = Vec::new();
        loop {
            blocks.push(reading.next().await.unwrap());
            if blocks.last().unwrap().last {
                return blocks;
            }
        }
    }

    fn whole(blocks: &[Block]) -> Vec<u8> {
        blocks.iter().flat_map(|block| block.octets.iter().copied()).collect()
    }

    fn stuffed(body: &[u8], wire: Wire) -> Vec<u8> {
        let (mut stuffer, mut out) = (Stuffer::new(wire), Vec::new());
        stuffer.push(body, &mut out);
        stuffer.finish(&mut out);
        out.truncate(out.len() - END.len());
        out
    }

    #[tokio::test]
    async fn blocks_together_are_the_letter_and_its_end_is_kept() {
        for unit in ["a line\r\n.\r\n", ".dots..\n", "no end "] {
            for wire in [Wire::Normalise, Wire::Verbatim] {
                let body = unit.repeat((5 << 20) / unit.len());
                let blocks = blocks(body.as_bytes(), wire).await;
                assert_eq!(whole(&blocks), stuffed(body.as_bytes(), wire));
                assert!(blocks.iter().all(|block| block.octets.len() <= LONGEST));
                let elided: Vec<_> = blocks.iter().filter(|block| block.elided).collect();
                assert!(elided.last().unwrap().octets.ends_with(b"\r\n"), "{unit:?} {wire:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_letter_without_octets_is_one_empty_block() {
        let blocks = blocks(b"", Wire::Normalise).await;
        assert!(whole(&blocks).is_empty() && blocks.len() == 1);
    }

    #[tokio::test]
    async fn a_raw_letter_is_kept_whole() {
        let body = vec![b'.'; 5 * 1024 * 1024];
        let blocks = blocks(&body, Wire::Raw).await;
        assert_eq!(whole(&blocks), body);
        assert!(blocks.iter().all(|block| !block.elided));
    }

    #[tokio::test]
    async fn a_directory_is_no_letter() {
        let letter = Letter { body: Body::File("/".into()), wire: Wire::Normalise, octets: None };
        let cut = Blocks::of(letter).next().await.unwrap_err();
        assert_eq!((cut.name.as_str(), cut.why.as_str()), ("/", "it is no regular file"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_no_letter_and_is_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let letter = Letter { body: Body::File(pipe), wire: Wire::Normalise, octets: None };
        assert_eq!(Blocks::of(letter).next().await.unwrap_err().why, "it is no regular file");
    }
}
