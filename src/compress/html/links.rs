//! The links of a page: which ones say something, and how they are written.

/// The longest link that is written whole, in bytes.
const LONGEST: usize = 160;

/// What carries no place in a query, only whence a reader came: the names of parameters, or how they begin.
const TRACKING: [&[u8]; 10] =
    [b"utm_", b"fbclid", b"gclid", b"mc_cid", b"mc_eid", b"msclkid", b"igshid", b"icid", b"ncid", b"cmpid"];

/// Writes the target of a link: without tracking parameters, and without the end of a very long query, for which `...`
/// stands. `None` when it leads nowhere else: into the page itself, to a script, to data.
pub(super) fn target(href: &[u8]) -> Option<Vec<u8>> {
    let scheme = |name: &[u8]| href.len() >= name.len() && href[..name.len()].eq_ignore_ascii_case(name);
    if href.is_empty()
        || href.starts_with(b"#")
        || [&b"javascript:"[..], b"data:", b"about:", b"blob:"].into_iter().any(scheme)
    {
        return None;
    }
    let mut short: Vec<u8> = without_tracking(href).into_iter().filter(|byte| !byte.is_ascii_control()).collect();
    if short.len() > LONGEST {
        let query = memchr::memchr2(b'?', b'#', &short).filter(|at| *at < LONGEST);
        let end = query.map_or(LONGEST, |at| at + 1);
        let end = (0..=end).rev().find(|&at| short[at] & 0xc0 != 0x80).unwrap_or(0);
        short.truncate(end);
        short.extend_from_slice(b"...");
    }
    // A blank or a bracket would end the link.
    let plain = short.iter().all(|byte| !matches!(byte, b' ' | b'(' | b')' | b'<' | b'>'));
    Some(if plain { short } else { short.iter().flat_map(|&byte| escaped(byte)).collect() })
}

fn escaped(byte: u8) -> Vec<u8> {
    match byte {
        b' ' | b'(' | b')' | b'<' | b'>' => format!("%{byte:02X}").into_bytes(),
        _ => vec![byte],
    }
}

fn without_tracking(href: &[u8]) -> Vec<u8> {
    let Some(at) = memchr::memchr(b'?', href) else { return href.to_vec() };
    let end = memchr::memchr(b'#', &href[at..]).map_or(href.len(), |hash| at + hash);
    let tracks = |parameter: &&[u8]| TRACKING.iter().any(|name| parameter.starts_with(name));
    let kept = href[at + 1..end].split(|byte| *byte == b'&').filter(|parameter| !tracks(parameter)).collect::<Vec<_>>();
    let mut out = href[..at].to_vec();
    if !kept.is_empty() {
        out.push(b'?');
        out.extend_from_slice(&kept.join(&b"&"[..]));
    }
    out.extend_from_slice(&href[end..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_as_they_are_written() {
        let long = format!("https://a.example/x?{}", "q=1&".repeat(100));
        for (href, expected) in [
            ("#top", None),
            ("JavaScript:void(0)", None),
            ("data:text/plain,x", None),
            ("page.html#part", Some("page.html#part")),
            ("/x?utm_source=a&id=3&fbclid=9#p", Some("/x?id=3#p")),
            ("/x?utm_source=a", Some("/x")),
            ("/a b(1)", Some("/a%20b%281%29")),
            (&long, Some("https://a.example/x?...")),
        ] {
            assert_eq!(target(href.as_bytes()).as_deref(), expected.map(str::as_bytes), "{href}");
        }
    }
}
