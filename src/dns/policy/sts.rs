//! The TXT records of MTA-STS (RFC 8461 §3.1) and TLS reporting (RFC 8460 §3).
//!
//! ```text
//! sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
//! sts-id          = %s"id" *WSP "=" *WSP 1*32(ALPHA / DIGIT)
//! tlsrpt-rua      = "rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)    ; mailto: or https:
//! ```

use super::{Answer, Parsed, Policy, Trouble, Weight, shown, tags};

const STS: &str = "sts/bad-tag";
const STS_CITE: &str = "RFC 8461 §3.1";
const RPT: &str = "tlsrpt/bad-tag";
const RPT_CITE: &str = "RFC 8460 §3";

/// The record that says that there is a policy: of several, or of one that is not in order, senders take none.
pub fn announced(answer: &Answer) -> Option<Parsed> {
    let (mut found, several) = Policy::MtaSts.find(answer);
    let record = found.pop().filter(|_| several.is_none())?;
    record.troubles.iter().all(|trouble| trouble.weight < Weight::Error).then_some(record)
}

/// Takes an MTA-STS record apart.
pub fn mta_sts(text: &[u8]) -> Parsed {
    let mut parsed = tags::parse(Policy::MtaSts, text, &["v", "id"], STS, STS_CITE);
    tags::version_first(&mut parsed, "STSv1", STS, STS_CITE);
    match parsed.tags.iter().position(|tag| tag.key == Some("id")) {
        None => {
            let says = "There is no id= tag; senders act as if there were no policy.";
            parsed.troubles.push(Trouble::error(STS, STS_CITE, says));
        }
        Some(index) => {
            let id = parsed.value("id").unwrap_or_default();
            if id.is_empty() || id.len() > 32 || !id.iter().all(u8::is_ascii_alphanumeric) {
                let says = format!("{} is not valid: 1 to 32 letters and digits.", parsed.quote(index));
                parsed.blame(index, Trouble::error(STS, STS_CITE, says));
            }
        }
    }
    parsed
}

/// Takes a TLS-RPT record apart.
pub fn tls_rpt(text: &[u8]) -> Parsed {
    let mut parsed = tags::parse(Policy::TlsRpt, text, &["v", "rua"], RPT, RPT_CITE);
    tags::version_first(&mut parsed, "TLSRPTv1", RPT, RPT_CITE);
    match parsed.tags.iter().position(|tag| tag.key == Some("rua")) {
        None => {
            let says = "There is no rua= tag; nobody can report.";
            parsed.troubles.push(Trouble::error(RPT, RPT_CITE, says));
        }
        Some(index) => {
            let mut valid = 0;
            for item in tags::items(&parsed, index, b',') {
                let uri = parsed.slice(&item).to_ascii_lowercase();
                if uri.starts_with(b"mailto:") || uri.starts_with(b"https://") {
                    valid += 1;
                } else {
                    let says = format!("'{}' is neither mailto: nor https:.", shown(&uri));
                    parsed.blame(index, Trouble::warning(RPT, RPT_CITE, says));
                }
            }
            if valid == 0 {
                let says = "No address in rua= can be used, so the record counts for nothing.";
                parsed.blame(index, Trouble::error(RPT, RPT_CITE, says));
            }
        }
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Data, Name, Outcome, Record, Validation};

    #[test]
    fn the_id_of_mta_sts_is_letters_and_digits() {
        assert!(mta_sts(b"v=STSv1; id=20260101;").troubles.is_empty());
        for bad in ["v=STSv1; id=2026-01-01", "v=STSv1;", "v=STSv2; id=1", "v=STSv1; id=", "id=1; v=STSv1"] {
            let parsed = mta_sts(bad.as_bytes());
            assert!(parsed.troubles.iter().any(|trouble| trouble.id == "sts/bad-tag"), "{bad}");
        }
    }

    #[test]
    fn c227_tls_reports_need_the_version_first_and_one_address_by_mail_or_https() {
        assert!(tls_rpt(b"v=TLSRPTv1;rua=mailto:r@harbor.test,https://r.harbor.test/v1").troubles.is_empty());
        let weights = |text: &[u8]| tls_rpt(text).troubles.iter().map(|trouble| trouble.weight).collect::<Vec<_>>();
        assert_eq!(weights(b"v=TLSRPTv1; rua=ftp://x.test,mailto:r@harbor.test"), [Weight::Warning]);
        let parsed = tls_rpt(b"v=TLSRPTv1; rua=ftp://x.test");
        assert_eq!(parsed.troubles[0].text, "'ftp://x.test' is neither mailto: nor https:.");
        assert_eq!(weights(b"v=TLSRPTv1; rua=ftp://x.test"), [Weight::Warning, Weight::Error]);
        assert_eq!(weights(b"v=TLSRPTv1;"), [Weight::Error]);
        assert_eq!(weights(b"rua=mailto:r@harbor.test; v=TLSRPTv1"), [Weight::Error]);
    }

    #[test]
    fn c222_none_or_more_than_one_record_is_no_policy() {
        let answer = |texts: &[&str]| {
            let mut answer = Answer::empty(Outcome::Found);
            answer.records = texts
                .iter()
                .map(|text| Record {
                    owner: Name::ascii("_mta-sts.bank.test"),
                    ttl: 60,
                    data: Data::Txt(vec![text.as_bytes().to_vec()]),
                    proof: Validation::NotChecked,
                })
                .collect();
            answer
        };
        let one = "v=STSv1; id=20260101";
        assert!(announced(&answer(&[one])).is_some_and(|record| record.value("id") == Some(b"20260101")));
        assert!(announced(&answer(&[one, "some other text"])).is_some());
        for none in [&[][..], &["v=spf1 -all"], &[one, "v=STSv1; id=2"], &["v=STSv1;"], &["v=STSv2; id=1"]] {
            assert_eq!(announced(&answer(none)), None, "{none:?}");
        }
    }
}
