//! A development issuer beside the API, and `curl` lines with live tokens to try it.

use std::{error::Error, net::SocketAddr};

use doorward_issuer::{Algorithm, Client, DevIssuer, Mint};

use crate::curl;

/// A running development issuer whose clients may use the orders API.
pub struct Demo {
    issuer: DevIssuer,
    audience: String,
}

impl Demo {
    /// Starts the issuer on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub async fn start(audience: &str) -> Result<Self, Box<dyn Error>> {
        let clients = [
            Client::new("reader", "reader-secret").scopes(["orders.read"]),
            Client::new("writer", "writer-secret").scopes(["orders.read", "orders.write"]),
            Client::new("admin", "admin-secret")
                .scopes(["orders.read", "orders.write"])
                .roles(["Orders.Admin"]),
            Client::new("reports", "reports-secret").scopes(["reports.read"]),
        ];
        // ES256 makes the shortest tokens to paste.
        let mut builder = DevIssuer::builder().algorithms([Algorithm::Es256, Algorithm::Rs256]);
        for client in clients {
            builder = builder.client(client.audiences([audience]));
        }
        Ok(Self { issuer: builder.start().await?, audience: audience.to_owned() })
    }

    /// Returns the issuer's URL, which is also its name.
    pub fn issuer_url(&self) -> &str {
        self.issuer.url()
    }

    /// Writes what can be tried, with tokens that work.
    ///
    /// # Errors
    ///
    /// When a token cannot be signed.
    pub fn introduction(&self, api: SocketAddr) -> Result<String, Box<dyn Error>> {
        let reader = self.token("orders.read").sign()?;
        let writer = self.token("orders.read orders.write").sign()?;
        let admin = self.token("orders.write").roles(["Orders.Admin"]).sign()?;
        let expired = self.token("orders.read").expired().sign()?;
        let elsewhere = self.token("orders.read").audience("api://elsewhere").sign()?;
        let lines = [
            ("anybody asks for health: 200", "GET /health", None),
            ("a readiness probe: 200", "GET /ready", None),
            ("an operator looks at the keys: 200", "GET /keys", Some(&admin)),
            ("no token: 401", "GET /orders", None),
            ("reader lists the orders: 200", "GET /orders", Some(&reader)),
            ("reader may not write: 403", "POST /orders", Some(&reader)),
            ("writer adds an order: 201", "POST /orders", Some(&writer)),
            ("writer has not the role to delete: 403", "DELETE /orders/1", Some(&writer)),
            ("admin deletes an order: 204", "DELETE /orders/1", Some(&admin)),
            ("who am I: 200", "GET /me", Some(&reader)),
            ("a token is optional here: 200", "GET /profile", None),
            ("the token has expired: 401", "GET /orders", Some(&expired)),
            ("but even here it must be valid: 401", "GET /profile", Some(&expired)),
            ("the token is for another API: 401", "GET /orders", Some(&elsewhere)),
        ];
        let mut text = format!(
            "Orders API on http://{api}, protected by doorward.\n\
             Development issuer on {} (not for production).\n\n\
             Try, in another terminal:\n",
            self.issuer.url()
        );
        for (what, request, token) in lines {
            text += &curl::line(what, api, request, token.map(String::as_str));
        }
        text += &format!(
            "\n# get a token of your own\ncurl -u writer:writer-secret -d grant_type=client_credentials {}\n",
            self.issuer.token_url()
        );
        Ok(text)
    }

    fn token(&self, scope: &str) -> Mint {
        self.issuer
            .mint()
            .subject("user-1")
            .client_id("demo")
            .audience(self.audience.as_str())
            .scope(scope)
            .lifetime(curl::LIFETIME)
    }
}
