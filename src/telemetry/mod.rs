//! Logs that search well and never hold personal data; figures for Prometheus.
