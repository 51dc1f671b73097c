//! A secret in the prompt.
//!
//! A key in a prompt is read by the provider, by whoever sees the log, and by whoever talks the model into printing it; and
//! when it is rotated, the cache goes with it. Found are keys with the marks of those who give them out, and private keys
//! in PEM form. Findings are printed without the secret.
//!
//! Example: a `curl` call with `-H "Authorization: token ghp_…"` in a tool's description.
//!
//! What to do: take it out, revoke it, and give the tool its credentials where it runs.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "api-key",
    severity: Severity::Error,
    advice: "take it out of the prompt and revoke it; give it to the tool where it runs",
    counted: None,
    is_secret: true,
    source: documented!("api_key.rs"),
    look: Look::Text(look),
};

/// How keys begin, and how many characters follow at least. Longer beginnings come first.
const KEYS: &[(&str, usize)] = &[
    ("sk-ant-", 24),
    ("sk-proj-", 24),
    ("sk-or-v1-", 32),
    ("sk-svcacct-", 24),
    ("sk-", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("rk_test_", 16),
    ("pk_live_", 16),
    ("whsec_", 24),
    ("github_pat_", 36),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("glpat-", 20),
    ("gldt-", 20),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ya29.", 20),
    ("GOCSPX-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("xoxs-", 20),
    ("xapp-", 20),
    ("hf_", 30),
    ("npm_", 36),
    ("pypi-AgEI", 40),
    ("dop_v1_", 60),
    ("shpat_", 32),
    ("shpss_", 32),
    ("r8_", 36),
    ("gsk_", 40),
    ("xai-", 60),
    ("pplx-", 40),
    ("lin_api_", 36),
    ("sntrys_", 40),
    ("dckr_pat_", 24),
    ("nfp_", 36),
    ("figd_", 36),
    ("sbp_", 40),
    ("SG.", 60),
    ("key-", 32),
    ("xoxe.", 20),
    ("xoxe-", 20),
    ("xoxr-", 20),
    ("xoxo-", 20),
    ("ntn_", 40),
    ("pscale_", 30),
    ("HRKU-", 30),
    ("squ_", 40),
    ("sqp_", 40),
    ("sqa_", 40),
    ("ops_ey", 200),
    ("hvs.", 24),
    ("hvb.", 100),
    ("ico-", 32),
    ("tvly-", 30),
    ("AKCp", 60),
];

/// Marks that names have as well: letters and digits follow.
const PLAIN: [&str; 2] = ["sk-", "key-"];

/// How much of a secret is shown.
const SHOWN: usize = 4;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let bytes = text.bytes();
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let mut free = 0;
    for word in &text.words {
        // The run that the word is in, with dashes and dots.
        if word.start < free {
            continue;
        }
        let start = word.start - bytes[free..word.start].iter().rev().take_while(|byte| is_inside(**byte)).count();
        let end = word.end + bytes[word.end..].iter().take_while(|byte| is_inside(**byte)).count();
        free = end;
        let run = text.text[start..end].trim_end_matches(['.', '-', '_']);
        let known = KEYS.iter().find(|(mark, _)| run.starts_with(mark));
        if let Some((mark, length)) = known
            && run.len() >= mark.len() + length
            && is_random(&run[mark.len()..])
            && (run.len() > 60
                || !PLAIN.contains(mark)
                || run[mark.len()..].bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            spots.push(Spot::at(start..start + run.len()).reading(redacted(run, mark.len())));
        }
    }
    private_keys(text, spots);
}

/// Private keys in PEM form, from BEGIN to END.
fn private_keys(text: &Text<'_>, spots: &mut Vec<Spot>) {
    const OPENING: &[u8] = b"-----BEGIN ";
    static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(OPENING));
    let bytes = text.bytes();
    let mut at = 0;
    while let Some(found) = FINDER.find(&bytes[at..]) {
        let start = at + found;
        at = start + OPENING.len();
        let kind = &bytes[at..bytes.len().min(at + 40)];
        if memchr::memmem::find(kind, b"PRIVATE KEY").is_none() {
            continue;
        }
        let body = &bytes[at..bytes.len().min(at + 8192)];
        let Some(end) = memchr::memmem::find(body, b"-----END ") else { continue };
        let rest = &text.text[at + end..];
        let end = at + end + rest.find("KEY-----").map_or(9, |length| length + 8);
        if end - start > 100 {
            spots.push(Spot::at(start..end).reading("-----BEGIN ... PRIVATE KEY----- (redacted)"));
            at = end;
        }
    }
}

fn redacted(key: &str, mark: usize) -> String {
    format!("{}... ({} characters)", &key[..(mark + SHOWN).min(key.len() / 2)], key.len())
}

/// Whether letters and digits are mixed as chance mixes them.
fn is_random(key: &str) -> bool {
    let mut kinds = key.bytes().collect::<Vec<_>>();
    let digits = kinds.iter().filter(|byte| byte.is_ascii_digit()).count();
    kinds.sort_unstable();
    kinds.dedup();
    digits >= 1 && kinds.len() >= 9
}
