//! What the authorization endpoint and the token endpoint share: what is asked for, who has agreed,
//! what was handed out, and the tokens themselves.

mod asked;
mod consent;
mod issue;
mod memory;

pub(crate) use self::{
    asked::{Asked, DEFAULT},
    consent::{agreed, granted, may_be_agreed_by_user},
    issue::{Issue, sign},
    memory::{Authorization, Code, Memory, Pending, RefreshToken, Signed},
};
