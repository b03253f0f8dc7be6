//! doorward-axum
