//! doorward-tower
