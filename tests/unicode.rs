//! The gate's tables of code points against those of another crate: every code point there is, once.

use ehlo::safe::{Kind, screen};
use regex::Regex;

/// What SAFETY asks to show as an escape, in the words of Unicode: the general categories of controls, format
/// characters, separators, private use and unassigned code points, and everything that renderers ignore.
const HIDDEN: &str = r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u{2800}&&[^ ]]$";

#[test]
fn every_code_point_is_shown_or_named_as_its_category_asks() {
    let (hidden, mark) = (Regex::new(HIDDEN).unwrap(), Regex::new(r"^\p{M}$").unwrap());
    for point in '\0'..=char::MAX {
        let alone = point.to_string();
        let shown = is_plain(&alone);
        let on_letter = is_plain(&format!("a{alone}"));
        let expected = !hidden.is_match(&alone);
        assert_eq!(on_letter, expected, "U+{:04X} on a letter", u32::from(point));
        // A combining mark without a letter is named too.
        assert_eq!(shown, expected && !mark.is_match(&alone), "U+{:04X} alone", u32::from(point));
    }
}

fn is_plain(text: &str) -> bool {
    let safe = screen(text.as_bytes());
    safe.as_str() == text && safe.pieces().all(|piece| piece.kind == Kind::Plain)
}
