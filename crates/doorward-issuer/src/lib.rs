//! doorward-issuer
