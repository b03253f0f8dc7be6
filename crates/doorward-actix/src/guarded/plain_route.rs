use actix_web::Route;

/// What [`GuardedScope::public`](super::GuardedScope::public) and
/// [`optional`](super::GuardedScope::optional) accept: an actix route, or several, of which the first
/// that fits the request serves it.
#[diagnostic::on_unimplemented(
    message = "a public or optional route is an actix route, or an array of them",
    label = "not an actix route",
    note = "write `web::get().to(handler)`, or `[web::get().to(read), web::post().to(write)]`",
    note = "add a route with rules by `.route(path, guarded::get(rule, handler))`"
)]
pub trait PlainRoute: sealed::Sealed {
    /// Returns the routes.
    fn into_routes(self) -> Vec<Route>;
}

impl PlainRoute for Route {
    fn into_routes(self) -> Vec<Route> {
        vec![self]
    }
}

impl<const N: usize> PlainRoute for [Route; N] {
    fn into_routes(self) -> Vec<Route> {
        self.into()
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that it cannot be named is what seals the trait")]
    pub trait Sealed {}
    impl Sealed for super::Route {}
    impl<const N: usize> Sealed for [super::Route; N] {}
}
