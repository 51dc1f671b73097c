//! Which part of the configuration a request gets, as Higress's Go SDK reads `_rules_`.
//!
//! The first rule that matches wins. A rule for routes looks at the route, and at the service if it names any too; else
//! a rule for domains at the domain, else one for services, else one for prefixes of routes.

use serde_json::{Map, Value};

/// Where a request goes, as far as the host tells.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The name of the route.
    pub route: String,
    /// The name of the cluster; of Higress's it has four fields between bars.
    pub cluster: String,
    /// The host that the client asked, port and all.
    pub authority: String,
}

/// When a rule applies.
#[derive(Debug, Clone, Default)]
pub(super) struct Matching {
    routes: Vec<String>,
    services: Vec<String>,
    domains: Vec<String>,
    prefixes: Vec<String>,
}

impl Matching {
    /// Reads the `_match_…_` keys of a rule; `None` if it has none, or they are no lists of texts.
    pub(super) fn read(rule: &Map<String, Value>) -> Option<Self> {
        let list = |key: &str| match rule.get(key) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(list)) => list.iter().map(|text| text.as_str().map(ToString::to_string)).collect(),
            Some(_) => None,
        };
        let read = Self {
            routes: list("_match_route_")?,
            services: list("_match_service_")?,
            domains: list("_match_domain_")?,
            prefixes: list("_match_route_prefix_")?,
        };
        let any = [&read.routes, &read.services, &read.domains, &read.prefixes].iter().any(|list| !list.is_empty());
        any.then_some(read)
    }

    pub(super) fn fits(&self, place: &Place) -> bool {
        if !self.routes.is_empty() {
            self.routes.contains(&place.route) && (self.services.is_empty() || self.fits_service(place))
        } else if !self.domains.is_empty() {
            let host = without_port(&place.authority);
            self.domains.iter().any(|domain| fits_domain(domain, host))
        } else if !self.services.is_empty() {
            self.fits_service(place)
        } else {
            self.prefixes.iter().any(|prefix| place.route.starts_with(prefix))
        }
    }

    /// Clusters are `direction|port|subset|name`; a rule has the name, with or without the port.
    fn fits_service(&self, place: &Place) -> bool {
        let fields = place.cluster.split('|').collect::<Vec<_>>();
        let [_, port, _, name] = fields[..] else { return false };
        self.services.iter().any(|service| {
            service == name
                || service.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')).is_some_and(|told| told == port)
        })
    }
}

/// A host without its port; an address in brackets keeps them.
fn without_port(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => &authority[..at],
        Some(_) | None => authority,
    }
}

fn fits_domain(domain: &str, host: &str) -> bool {
    if let Some(end) = domain.strip_prefix('*') {
        host.ends_with(end)
    } else if let Some(start) = domain.strip_suffix('*') {
        host.starts_with(start)
    } else {
        host == domain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_as_the_go_sdk_reads_them() {
        let place = Place {
            route: "ai-openai".into(),
            cluster: "outbound|443||llm.dns".into(),
            authority: "api.example.com:8443".into(),
        };
        for (rule, fits) in [
            (r#"{"_match_route_":["x","ai-openai"]}"#, Some(true)),
            (r#"{"_match_route_":["ai-openai"],"_match_service_":["llm.dns:443"]}"#, Some(true)),
            (r#"{"_match_route_":["ai-openai"],"_match_service_":["other.dns"]}"#, Some(false)),
            (r#"{"_match_route_":["ai-openai"],"_match_domain_":["other.com"]}"#, Some(true)),
            (r#"{"_match_service_":["llm.dns"]}"#, Some(true)),
            (r#"{"_match_service_":["llm.dns:80"]}"#, Some(false)),
            (r#"{"_match_domain_":["*.example.com"]}"#, Some(true)),
            (r#"{"_match_domain_":["api.*"]}"#, Some(true)),
            (r#"{"_match_domain_":["*"]}"#, Some(true)),
            (r#"{"_match_domain_":["example.com"]}"#, Some(false)),
            (r#"{"_match_route_prefix_":["ai-"]}"#, Some(true)),
            (r#"{"mode":"x"}"#, None),
            (r#"{"_match_route_":"ai-openai"}"#, None),
            (r#"{"_match_route_":[1]}"#, None),
        ] {
            let rule: Value = serde_json::from_str(rule).unwrap();
            let read = Matching::read(rule.as_object().unwrap());
            assert_eq!(read.map(|matching| matching.fits(&place)), fits, "{rule}");
        }
        assert_eq!((without_port("[::1]:80"), without_port("[::1]"), without_port("a")), ("[::1]", "[::1]", "a"));
    }
}
