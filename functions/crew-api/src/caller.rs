//! The address that a request comes from.

use std::net::IpAddr;

use axum::http::HeaderMap;

/// The one header that is believed: the CDN's own function sets it, whatever a caller sends. `X-Forwarded-For` and
/// its kin are the caller's own words.
pub const CLIENT_ADDRESS_HEADER: &str = "x-client-address";

/// The caller, for counting: an IPv4 address, or the /64 of an IPv6 one, which one household has to itself. Callers
/// without an address are counted together.
pub fn caller(headers: &HeaderMap) -> String {
    let mut told = headers.get_all(CLIENT_ADDRESS_HEADER).iter();
    let address = match (told.next(), told.next()) {
        (Some(told), None) => told.to_str().ok().and_then(|text| text.parse::<IpAddr>().ok()),
        _ => None,
    };
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(addresses: &[&str]) -> String {
        let header =
            |address: &&str| (CLIENT_ADDRESS_HEADER.parse().expect("a name"), address.parse().expect("a value"));
        let mut headers: HeaderMap = addresses.iter().map(header).collect();
        headers.insert("x-forwarded-for", "198.51.100.9".parse().expect("a value"));
        caller(&headers)
    }

    #[test]
    fn only_the_cdns_own_header_tells_the_caller() {
        assert_eq!(of(&["203.0.113.7"]), "203.0.113.7");
        assert_eq!(of(&["::ffff:203.0.113.7"]), "203.0.113.7");
        assert_eq!(of(&["2001:db8:1:2:3:4:5:6"]), "2001:db8:1:2::/64");
        for odd in [&[][..], &[""], &["me"], &["203.0.113.7, 10.0.0.1"]] {
            assert_eq!(of(odd), "unknown", "{odd:?}");
        }
        let mut twice = HeaderMap::new();
        for address in ["203.0.113.7", "203.0.113.8"] {
            twice.append(CLIENT_ADDRESS_HEADER, address.parse().expect("a value"));
        }
        assert_eq!(caller(&twice), "unknown");
    }
}
