/// How much may be cached.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct TokenCacheLimits {
    pub(in crate::server) tokens: u64,
    pub(in crate::server) bytes: u64,
}
