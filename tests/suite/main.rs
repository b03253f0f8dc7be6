//! What a user sees of doorward, through all adapters.

mod adapters;
mod algorithms;
mod answers;
mod compile_fail;
mod configuration;
mod documents;
mod entra;
mod examples;
mod fixed_keys;
mod forge;
mod guarded_router;
mod handlers;
mod hostile_tokens;
mod import_rule;
mod keys;
mod logs;
mod manual;
mod microsoft;
mod options;
mod presets;
mod properties;
mod recipes;
mod rules;
mod support;
mod vectors;
mod vendors;
