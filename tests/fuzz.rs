//! The bodies of the fuzz targets with random bytes and with the seeds, so that each change is checked without a fuzzer.

use std::path::Path;

use proptest::prelude::*;

#[path = "../fuzz/bodies.rs"]
mod bodies;

/// A name in `fuzz/Cargo.toml`, and what it runs.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("reply", bodies::reply),
    ("ehlo", bodies::ehlo),
    ("session", bodies::session),
    ("sasl", bodies::sasl),
    ("stuffing", bodies::stuffing),
    ("safe_text", bodies::safe_text),
    ("redaction", bodies::redaction),
];

/// Bytes that look like SMTP often enough to get somewhere.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: &[&[u8]] = &[
        b"S220 mx\r\n\0",
        b"S250-a\r\n250 SIZE 1\r\n\0",
        b"S354 go\r\n\0",
        b"S334 VXNlcg==\r\n\0",
        b"S550 5.1.1 no\r\n\0",
        b"CEHLO a\0",
        b"CMAIL FROM:<a@b.test>\0",
        b"CRCPT TO:<c@d.test>\0",
        b"CDATA\0",
        b"CAUTH PLAIN AGEAYg==\0",
        b"CQUIT\0",
        b"N.\0",
        b"T\0",
        b"E\0",
        b"K\0",
        b"Q\0",
        b"L\0",
        b"250-",
        b"250 AUTH PLAIN LOGIN\r\n",
        b"r=x,s=AA==,i=4096",
        b".\r\n",
        b"\r",
        b"\n",
        b"\x1b[2J",
        b"hunter22secret",
        "\u{202e}\u{200b}\u{e9}".as_bytes(),
    ];
    let piece = prop_oneof![
        3 => proptest::sample::select(WORDS).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..16),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_body_holds_for_random_bytes(bytes in bytes()) {
        for (_, body) in TARGETS {
            body(&bytes);
        }
    }
}

#[test]
fn every_target_is_a_program_of_the_fuzzer_and_holds_for_its_seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("the manifest of the fuzzer");
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for (name, body) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let folder = fuzz.join("seeds").join(name);
        let seeds: Vec<_> =
            std::fs::read_dir(&folder).expect("seeds").map(|seed| seed.expect("a seed").path()).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            let bytes = std::fs::read(&seed).expect("a seed that can be read");
            assert!(std::panic::catch_unwind(|| body(&bytes)).is_ok(), "{} fails", seed.display());
        }
    }
}
