use std::fmt;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
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
    method: &'static str,
    rule: Rule,
    router: MethodRouter<S>,
}

/// What [`GuardedRouter::route`](super::GuardedRouter::route) takes: methods that each have a rule.
#[diagnostic::on_unimplemented(
    message = "a guarded route needs a rule for each method",
    label = "no rule here",
    note = "write `guarded::get(scope!(\"orders.read\"), handler)` in the place of `get(handler)`",
    note = "a route that anybody may reach goes on by `.public(path, get(handler))`"
)]
pub trait GuardedRoute: sealed::Sealed {
    /// What the handlers take their state, and with it their gate, from: the router's own.
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
        (method, filter): (&'static str, MethodFilter),
        rule: Rule,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.0.push(Guarded { method, rule, router: on(filter, handler) });
        self
    }

    /// Puts each rule before its handler.
    pub(super) fn guard(self, gate: &Gate) -> MethodRouter<S> {
        self.0.into_iter().fold(MethodRouter::new(), |all, Guarded { rule, router, .. }| {
            all.merge(router.route_layer(gate.require(rule)))
        })
    }

    /// Writes the methods at this path into the map.
    pub(super) fn map(&self, path: &str, map: &mut AccessMap) {
        for Guarded { method, rule, .. } in &self.0 {
            map.add(method, path, MappedAccess::Rule(rule.clone()));
        }
    }
}

impl<S> fmt::Debug for MethodGuards<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<String> = self.0.iter().map(|guarded| guarded.rule.to_string()).collect();
        f.debug_tuple("MethodGuards").field(&rules).finish()
    }
}

macro_rules! methods {
    ($($name:ident $filter:ident $method:literal $more:literal;)+) => {
        $(
            #[doc = concat!("Routes `", $method, "` to the handler, for tokens that meet the rule.", $more)]
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
                #[doc = concat!("Routes `", $method, "` to the handler too, for tokens that meet the rule.", $more)]
                ///
                /// # Panics
                ///
                /// When the route is added to a router and two handlers are for one method.
                pub fn $name<H, T>(self, rule: Rule, handler: H) -> Self
                where
                    H: Handler<T, S>,
                    T: 'static,
                {
                    self.with(($method, MethodFilter::$filter), rule, handler)
                }
            )+
        }
    };
}

methods! {
    delete DELETE "DELETE" "";
    get GET "GET" " `HEAD` follows it.";
    head HEAD "HEAD" "";
    options OPTIONS "OPTIONS" "";
    patch PATCH "PATCH" "";
    post POST "POST" "";
    put PUT "PUT" "";
    trace TRACE "TRACE" "";
}
