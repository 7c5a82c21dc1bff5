//! Sizes as people say them.

/// `10485760` is `10 MiB`, `10240000` is `9.8 MiB`, `512` is `512 octets`.
pub(crate) fn octets(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} octets");
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).unwrap_or(&"PiB");
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}.{tenth} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::octets;

    #[test]
    fn sizes_are_said_in_the_largest_unit_that_fits() {
        for (count, said) in [
            (0, "0 octets"),
            (1023, "1023 octets"),
            (1024, "1 KiB"),
            (10_485_760, "10 MiB"),
            (10_240_000, "9.7 MiB"),
            (157_286_400, "150 MiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(octets(count), said);
        }
    }
}
