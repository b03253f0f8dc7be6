//! A development issuer beside the API, and `curl` lines with live tokens to try it.

use std::{error::Error, net::SocketAddr, time::Duration};

use doorward_issuer::{Algorithm, Client, DevIssuer, Mint};

/// A running development issuer whose clients may use the orders API.
pub struct Demo {
    issuer: DevIssuer,
    audience: String,
}

/// The tokens of the demonstration live for a day, so that the lines stay good while one reads.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

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
            ("anybody asks for health: 200", "/health", None, ""),
            ("a readiness probe: 200", "/ready", None, ""),
            ("an operator looks at the keys: 200", "/keys", Some(&admin), ""),
            ("no token: 401", "/orders", None, ""),
            ("reader lists the orders: 200", "/orders", Some(&reader), ""),
            ("reader may not write: 403", "/orders", Some(&reader), " -X POST"),
            ("writer adds an order: 201", "/orders", Some(&writer), " -X POST"),
            ("writer has not the role to delete: 403", "/orders/1", Some(&writer), " -X DELETE"),
            ("admin deletes an order: 204", "/orders/1", Some(&admin), " -X DELETE"),
            ("who am I: 200", "/me", Some(&reader), ""),
            ("a token is optional here: 200", "/profile", None, ""),
            ("the token has expired: 401", "/orders", Some(&expired), ""),
            ("but even here it must be valid: 401", "/profile", Some(&expired), ""),
            ("the token is for another API: 401", "/orders", Some(&elsewhere), ""),
        ];
        let mut text = format!(
            "Orders API on http://{api}, protected by doorward.\n\
             Development issuer on {} (not for production).\n\n\
             Try, in another terminal:\n",
            self.issuer.url()
        );
        for (what, path, token, method) in lines {
            let field = token
                .map(|token| format!(" -H 'Authorization: Bearer {token}'"))
                .unwrap_or_default();
            text += &format!("\n# {what}\ncurl -i{method} http://{api}{path}{field}\n");
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
            .lifetime(LIFETIME)
    }
}
