use std::fmt;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use doorward::Rule;

use crate::Gate;

/// The methods of one route, each with its rule and its handler.
#[must_use = "methods serve nothing until they are on a route"]
pub struct MethodGuards<S = ()>(Vec<(Rule, MethodRouter<S>)>);

/// What [`GuardedRouter::route`](super::GuardedRouter::route) takes: methods that each have a rule.
#[diagnostic::on_unimplemented(
    message = "a guarded route needs a rule for each method",
    label = "no rule here",
    note = "write `guarded::get(scope!(\"orders.read\"), handler)` in the place of `get(handler)`",
    note = "a route that anybody may reach goes on by `.public(path, get(handler))`"
)]
pub trait GuardedRoute<S>: sealed::Sealed {
    /// Returns the methods with their rules.
    fn into_guards(self) -> MethodGuards<S>;
}

impl<S> GuardedRoute<S> for MethodGuards<S> {
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
    fn with<H, T>(mut self, filter: MethodFilter, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.0.push((rule, on(filter, handler)));
        self
    }

    /// Puts each rule before its handler.
    pub(super) fn guard(self, gate: &Gate) -> MethodRouter<S> {
        self.0.into_iter().fold(MethodRouter::new(), |all, (rule, method)| {
            all.merge(method.route_layer(gate.require(rule)))
        })
    }
}

impl<S> fmt::Debug for MethodGuards<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<String> = self.0.iter().map(|(rule, _)| rule.to_string()).collect();
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
                    self.with(MethodFilter::$filter, rule, handler)
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
