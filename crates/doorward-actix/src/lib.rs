//! doorward-actix
