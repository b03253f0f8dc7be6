//! The table: requests that all three adapters answer alike.

mod connections;
mod fields;
mod methods;
mod refusals;
mod rules;
mod targets;

use super::{issuers::Tokens, row::Row};

pub fn rows(tokens: &Tokens) -> Vec<Row> {
    [
        rules::rows(tokens),
        refusals::rows(tokens),
        fields::rows(tokens),
        methods::rows(tokens),
        targets::rows(tokens),
        connections::rows(tokens),
    ]
    .concat()
}
