use std::fmt;

use axum::{
    handler::Handler,
    routing::{self, MethodFilter, MethodRouter, on},
};
use doorward::{
    Rule,
    access_map::{AccessMap, MappedAccess},
};

use crate::Gate;

/// The methods of one route, each with its rule and its handler.
#[must_use = "methods serve nothing until they are on a route"]
pub struct MethodGuards<S = ()>(Vec<Guarded<S>>);

/// One method with its rule and its handler.
struct Guarded<S> {
    /// `None` for any method that has no handler of its own.
    method: Option<(&'static str, MethodFilter)>,
    rule: Rule,
    router: MethodRouter<S>,
}

/// What [`GuardedRouter::route`](super::GuardedRouter::route) accepts: methods that each have a rule.
#[diagnostic::on_unimplemented(
    message = "a guarded route needs a rule for each method",
    label = "no rule here",
    note = "write `guarded::get(scope!(\"orders.read\"), handler)` instead of `get(handler)`",
    note = "add a route that needs no token by `.public(path, get(handler))`",
    note = "add a route whose token is optional by `.optional(path, get(handler))`"
)]
pub trait GuardedRoute: sealed::Sealed {
    /// The router's state, from which handlers extract `State`.
    type State;

    /// Returns the methods with their rules.
    fn into_guards(self) -> MethodGuards<Self::State>;
}

impl<S> GuardedRoute for MethodGuards<S> {
    type State = S;

    fn into_guards(self) -> Self {
        self
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that it cannot be named is what seals the trait")]
    pub trait Sealed {}
    impl<S> Sealed for super::MethodGuards<S> {}
}

impl<S> MethodGuards<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn with<H, T>(
        mut self,
        method: Option<(&'static str, MethodFilter)>,
        rule: Rule,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let router = match method {
            Some((_, filter)) => on(filter, handler),
            None => routing::any(handler),
        };
        self.0.push(Guarded { method, rule, router });
        self
    }

    /// Puts each rule in front of its handler.
    ///
    /// A `route_layer` leaves unsupported methods at 405. It would not guard the handler for any
    /// method, which is a fallback of axum's.
    #[track_caller]
    pub(super) fn guard(self, gate: &Gate) -> MethodRouter<S> {
        self.0.into_iter().fold(MethodRouter::new(), |all, Guarded { method, rule, router }| {
            let layer = gate.require(rule);
            all.merge(match method {
                Some(_) => router.route_layer(layer),
                None => router.layer(layer),
            })
        })
    }

    /// Adds the methods at this path to the map.
    pub(super) fn map(&self, path: &str, map: &mut AccessMap) {
        for guarded in &self.0 {
            map.add(guarded.name(), path, MappedAccess::Rule(guarded.rule.clone()));
        }
    }
}

impl<S> Guarded<S> {
    fn name(&self) -> &'static str {
        self.method.as_ref().map_or("*", |(name, _)| name)
    }
}

impl<S> fmt::Debug for MethodGuards<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.0.iter().map(|guarded| (guarded.name(), guarded.rule.to_string()));
        f.debug_map().entries(rules).finish()
    }
}

macro_rules! methods {
    ($($name:ident $method:expr, $title:literal $more:literal;)+) => {
        $(
            #[doc = concat!("Routes ", $title, " to the handler, for tokens that meet the rule.", $more)]
            pub fn $name<H, T, S>(rule: Rule, handler: H) -> MethodGuards<S>
            where
                H: Handler<T, S>,
                T: 'static,
                S: Clone + Send + Sync + 'static,
            {
                MethodGuards(Vec::new()).$name(rule, handler)
            }
        )+

        impl<S> MethodGuards<S>
        where
            S: Clone + Send + Sync + 'static,
        {
            $(
                #[doc = concat!("Routes ", $title, " to the handler too, for tokens that meet the rule.", $more)]
                ///
                /// # Panics
                ///
                /// When the route is added to a router, if one method has two handlers.
                pub fn $name<H, T>(self, rule: Rule, handler: H) -> Self
                where
                    H: Handler<T, S>,
                    T: 'static,
                {
                    self.with($method, rule, handler)
                }
            )+
        }
    };
}

methods! {
    any None, "any method that has no handler of its own" "";
    delete Some(("DELETE", MethodFilter::DELETE)), "`DELETE`" "";
    get Some(("GET", MethodFilter::GET)), "`GET`" " `HEAD` follows it, unless it has a handler of its own.";
    head Some(("HEAD", MethodFilter::HEAD)), "`HEAD`" "";
    options Some(("OPTIONS", MethodFilter::OPTIONS)), "`OPTIONS`" "";
    patch Some(("PATCH", MethodFilter::PATCH)), "`PATCH`" "";
    post Some(("POST", MethodFilter::POST)), "`POST`" "";
    put Some(("PUT", MethodFilter::PUT)), "`PUT`" "";
    trace Some(("TRACE", MethodFilter::TRACE)), "`TRACE`" "";
}
