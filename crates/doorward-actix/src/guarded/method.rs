use std::fmt;

use actix_web::{FromRequest, Handler, Responder, Route, guard, http::Method, web};
use doorward::Rule;

use crate::Gate;

/// The methods of one route, each with its rule and its handler.
#[must_use = "methods serve nothing until they are on a route"]
pub struct MethodGuards(Vec<Guarded>);

/// One method with its rule and its handler.
struct Guarded {
    method: Method,
    rule: Rule,
    route: Route,
}

/// What [`GuardedScope::route`](super::GuardedScope::route) takes: methods that each have a rule.
#[diagnostic::on_unimplemented(
    message = "a guarded route needs a rule for each method",
    label = "no rule here",
    note = "write `guarded::get(scope!(\"orders.read\"), handler)` in the place of `web::get().to(handler)`",
    note = "a route that anybody may reach goes on by `.public(path, web::get().to(handler))`"
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
    fn with<H, Args>(mut self, method: Method, rule: Rule, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.0.push(Guarded { method, rule, route: web::to(handler) });
        self
    }

    /// Returns a method that is there twice.
    pub(super) fn repeated(&self) -> Option<&Method> {
        let mut methods = self.0.iter().map(|guarded| &guarded.method).enumerate();
        methods.find_map(|(at, method)| {
            self.0.iter().take(at).any(|earlier| earlier.method == *method).then_some(method)
        })
    }

    /// Returns what each method asks.
    pub(super) fn rules(&self) -> Vec<(Method, Rule)> {
        self.0.iter().map(|of| (of.method.clone(), of.rule.clone())).collect()
    }

    /// Puts each rule before its handler.
    pub(super) fn guard(self, gate: &Gate) -> Vec<Route> {
        let names_head = self.0.iter().any(|guarded| guarded.method == Method::HEAD);
        let guard = |Guarded { method, rule, route }| {
            let route = if method == Method::GET && !names_head {
                route.guard(guard::Any(guard::Get()).or(guard::Head()))
            } else {
                route.method(method)
            };
            route.wrap(gate.require(rule))
        };
        self.0.into_iter().map(guard).collect()
    }
}

impl fmt::Debug for MethodGuards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<String> = self.0.iter().map(|guarded| guarded.rule.to_string()).collect();
        f.debug_tuple("MethodGuards").field(&rules).finish()
    }
}

macro_rules! methods {
    ($($name:ident $method:ident $title:literal $more:literal;)+) => {
        $(
            #[doc = concat!("Routes `", $title, "` to the handler, for tokens that meet the rule.", $more)]
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
                #[doc = concat!("Routes `", $title, "` to the handler too, for tokens that meet the rule.", $more)]
                ///
                /// # Panics
                ///
                /// When the route is added to a scope and two handlers are for one method.
                pub fn $name<H, Args>(self, rule: Rule, handler: H) -> Self
                where
                    H: Handler<Args>,
                    Args: FromRequest + 'static,
                    H::Output: Responder + 'static,
                {
                    self.with(Method::$method, rule, handler)
                }
            )+
        }
    };
}

methods! {
    delete DELETE "DELETE" "";
    get GET "GET" " `HEAD` follows it, unless it is named too.";
    head HEAD "HEAD" "";
    options OPTIONS "OPTIONS" "";
    patch PATCH "PATCH" "";
    post POST "POST" "";
    put PUT "PUT" "";
    trace TRACE "TRACE" "";
}
