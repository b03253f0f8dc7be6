use super::{evaluation::Evaluation, requirement::Requirement};

/// An alternative of a rule, evaluated.
#[derive(Default)]
pub(super) struct Alternative<'r> {
    /// The single demands, each with whether it is met.
    pub(super) demands: Vec<(&'r Requirement, bool)>,
    missing: usize,
}

/// Returns the demands of the first alternative.
pub(super) fn first(rule: &Requirement) -> Vec<&Requirement> {
    match rule {
        Requirement::Any(list) => list.first().map(first).unwrap_or_default(),
        Requirement::All(list) => list.iter().flat_map(first).collect(),
        demand => vec![demand],
    }
}

/// Returns the alternative that misses the fewest demands; of several, the first.
pub(super) fn nearest<'r>(
    rule: &'r Requirement,
    evaluation: &mut Evaluation<'_>,
) -> Alternative<'r> {
    nearest_from(rule, 0, evaluation)
}

fn nearest_from<'r>(
    requirement: &'r Requirement,
    position: usize,
    evaluation: &mut Evaluation<'_>,
) -> Alternative<'r> {
    let mut next = position;
    let nearest_of = |one: &'r Requirement| {
        let alternative = nearest_from(one, next, evaluation);
        next = next.saturating_add(one.demand_count());
        alternative
    };
    match requirement {
        Requirement::All(list) | Requirement::Any(list) if list.is_empty() => {
            Alternative { demands: Vec::new(), missing: usize::MAX }
        }
        Requirement::Any(list) => list
            .iter()
            .map(nearest_of)
            .min_by_key(|alternative| alternative.missing)
            .unwrap_or_default(),
        Requirement::All(list) => {
            list.iter().map(nearest_of).fold(Alternative::default(), |mut all, one| {
                all.missing = all.missing.saturating_add(one.missing);
                all.demands.extend(one.demands);
                all
            })
        }
        demand => {
            let is_met = evaluation.meets(demand, position);
            Alternative { demands: vec![(demand, is_met)], missing: usize::from(!is_met) }
        }
    }
}
