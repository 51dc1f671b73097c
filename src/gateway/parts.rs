//! The table of parts, in the order in which they work.

use super::config::Keys;
use super::part::Part;
use super::{aligner, compactor, cost, crusher, guard, policy, router, tier};

/// Makes a part from its options.
type Make = fn(&mut Keys<'_>) -> Box<dyn Part>;

/// All parts by the name they have in a configuration.
pub static PARTS: &[(&str, Make)] = &[
    (tier::NAME, |keys| Box::new(tier::TierRouter::new(keys))),
    (router::NAME, |keys| Box::new(router::Router::new(keys))),
    (guard::NAME, |keys| Box::new(guard::PromptGuard::new(keys))),
    (policy::NAME, |keys| Box::new(policy::ToolPolicy::new(keys))),
    // Rules know more than kinds do, so they have the first say about a result.
    (compactor::NAME, |keys| Box::new(compactor::Compactor::new(keys))),
    (crusher::NAME, |keys| Box::new(crusher::Crusher::new(keys))),
    (aligner::NAME, |keys| Box::new(aligner::Aligner::new(keys))),
    (cost::NAME, |keys| Box::new(cost::CostMeter::new(keys))),
];
