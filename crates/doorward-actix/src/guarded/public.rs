use actix_web::Route;

/// What [`GuardedScope::public`](super::GuardedScope::public) takes: one of actix's routes, or
/// several, of which the first that fits the request answers.
#[diagnostic::on_unimplemented(
    message = "a public route is a route of actix's, or an array of them",
    label = "no route",
    note = "write `web::get().to(handler)`, or `[web::get().to(read), web::post().to(write)]`",
    note = "a route with rules goes on by `.route(path, guarded::get(rule, handler))`"
)]
pub trait PublicRoute: sealed::Sealed {
    /// Returns the routes.
    fn into_routes(self) -> Vec<Route>;
}

impl PublicRoute for Route {
    fn into_routes(self) -> Vec<Route> {
        vec![self]
    }
}

impl<const N: usize> PublicRoute for [Route; N] {
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
