use std::fmt;

use actix_web::{FromRequest, Handler, Responder, Route, guard, http::Method, web};
use doorward::Rule;

use crate::Gate;

/// The methods of one route, each with its rule and its handler.
#[must_use = "methods serve nothing until they are on a route"]
pub struct MethodGuards(Vec<Guarded>);

/// One method with its rule and its handler.
struct Guarded {
    /// `None` for any method that has no handler of its own.
    method: Option<Method>,
    rule: Rule,
    route: Route,
}

/// What [`GuardedScope::route`](super::GuardedScope::route) accepts: methods that each have a rule.
#[diagnostic::on_unimplemented(
    message = "a guarded route needs a rule for each method",
    label = "no rule here",
    note = "write `guarded::get(scope!(\"orders.read\"), handler)` instead of `web::get().to(handler)`",
    note = "add a route that needs no token by `.public(path, web::get().to(handler))`",
    note = "add a route whose token is optional by `.optional(path, web::get().to(handler))`"
)]
pub trait GuardedRoute: sealed::Sealed {
    /// Returns the methods with their rules.
    fn into_guards(self) -> MethodGuards;
}

impl GuardedRoute for MethodGuards {
    fn into_guards(self) -> Self {
        self
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that it cannot be named is what seals the trait")]
    pub trait Sealed {}
    impl Sealed for super::MethodGuards {}
}

impl MethodGuards {
    fn with<H, Args>(mut self, method: Option<Method>, rule: Rule, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.0.push(Guarded { method, rule, route: web::to(handler) });
        self
    }

    /// Returns the name of a method that has two handlers.
    pub(super) fn repeated(&self) -> Option<&str> {
        let mut methods = self.0.iter().enumerate();
        methods.find_map(|(at, guarded)| {
            let mut earlier = self.0.iter().take(at);
            earlier.any(|earlier| earlier.method == guarded.method).then(|| guarded.name())
        })
    }

    /// Returns the methods with their rules, `*` for any method.
    pub(super) fn rules(&self) -> Vec<(String, Rule)> {
        self.0.iter().map(|guarded| (guarded.name().to_owned(), guarded.rule.clone())).collect()
    }

    /// Puts each rule in front of its handler. The first route that fits a request serves it, so the
    /// one for any method comes last.
    pub(super) fn guard(mut self, gate: &Gate) -> Vec<Route> {
        let names_head = self.0.iter().any(|guarded| guarded.method == Some(Method::HEAD));
        self.0.sort_by_key(|guarded| guarded.method.is_none());
        let guard = |Guarded { method, rule, route }| {
            let route = match method {
                Some(Method::GET) if !names_head => {
                    route.guard(guard::Any(guard::Get()).or(guard::Head()))
                }
                Some(method) => route.method(method),
                None => route,
            };
            route.wrap(gate.require(rule))
        };
        self.0.into_iter().map(guard).collect()
    }
}

impl Guarded {
    fn name(&self) -> &str {
        self.method.as_ref().map_or("*", Method::as_str)
    }
}

impl fmt::Debug for MethodGuards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.0.iter().map(|guarded| (guarded.name(), guarded.rule.to_string()));
        f.debug_map().entries(rules).finish()
    }
}

macro_rules! methods {
    ($($name:ident $method:expr, $title:literal $more:literal;)+) => {
        $(
            #[doc = concat!("Routes ", $title, " to the handler, for tokens that meet the rule.", $more)]
            pub fn $name<H, Args>(rule: Rule, handler: H) -> MethodGuards
            where
                H: Handler<Args>,
                Args: FromRequest + 'static,
                H::Output: Responder + 'static,
            {
                MethodGuards(Vec::new()).$name(rule, handler)
            }
        )+

        impl MethodGuards {
            $(
                #[doc = concat!("Routes ", $title, " to the handler too, for tokens that meet the rule.", $more)]
                ///
                /// # Panics
                ///
                /// When the route is added to a scope, if one method has two handlers.
                pub fn $name<H, Args>(self, rule: Rule, handler: H) -> Self
                where
                    H: Handler<Args>,
                    Args: FromRequest + 'static,
                    H::Output: Responder + 'static,
                {
                    self.with($method, rule, handler)
                }
            )+
        }
    };
}

methods! {
    any None, "any method that has no handler of its own" "";
    delete Some(Method::DELETE), "`DELETE`" "";
    get Some(Method::GET), "`GET`" " `HEAD` follows it, unless it has a handler of its own.";
    head Some(Method::HEAD), "`HEAD`" "";
    options Some(Method::OPTIONS), "`OPTIONS`" "";
    patch Some(Method::PATCH), "`PATCH`" "";
    post Some(Method::POST), "`POST`" "";
    put Some(Method::PUT), "`PUT`" "";
    trace Some(Method::TRACE), "`TRACE`" "";
}
