//! xtext: how a parameter carries what its grammar forbids.
//!
//! ```abnf
//! xtext   = *( xchar / hexchar )                         ; RFC 3461 §4
//! xchar   = %d33-42 / %d44-60 / %d62-126                 ; printable ASCII but "+" and "="
//! hexchar = "+" 2(%x30-39 / %x41-46)
//! ```

use std::fmt::Write;

/// Encodes octets as xtext.
pub fn encode_xtext(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for octet in octets {
        match octet {
            33..=42 | 44..=60 | 62..=126 => text.push(char::from(*octet)),
            // Writing to a string cannot fail.
            _ => write!(text, "+{octet:02X}").unwrap_or_default(),
        }
    }
    text
}

/// The octets that an xtext stands for; `None` if it is none.
pub fn decode_xtext(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = match first {
            b'+' => {
                let ([high, low], tail) = tail.split_first_chunk::<2>()?;
                octets.push(hex(*high)? << 4 | hex(*low)?);
                tail
            }
            33..=60 | 62..=126 => {
                octets.push(*first);
                tail
            }
            _ => return None,
        };
    }
    Some(octets)
}

/// Capital hexadecimal digits only, as the grammar has it.
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn c181_plus_and_equals_are_written_in_capital_hex() {
        assert_eq!(encode_xtext(b"mina+news=1 x"), "mina+2Bnews+3D1+20x");
        assert_eq!(decode_xtext(b"mina+2Bnews").as_deref(), Some(&b"mina+news"[..]));
        for bad in ["a+2b", "a+", "a+1", "a b", "a=b", "a+ZZ"] {
            assert_eq!(decode_xtext(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn c181_encoded_octets_are_decoded_again(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(decode_xtext(encode_xtext(&octets).as_bytes()), Some(octets));
        }
    }
}
