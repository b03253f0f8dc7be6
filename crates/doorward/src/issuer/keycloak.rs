use super::Issuer;
use crate::claims::ClaimList;

impl Issuer {
    /// IssuerRegistry a realm of Keycloak, by the server's URL (`https://id.example.com`, with the path where
    /// it has one) and the realm's name, for the API of this client ID.
    ///
    /// The audience is the client ID, which the client scopes must map into `aud`. Roles are those of
    /// the realm and those of this client; the roles of other clients are not. The payload's `typ`
    /// must be `Bearer`, which ID tokens and refresh tokens are not.
    pub fn keycloak(
        server: impl AsRef<str>,
        realm: impl AsRef<str>,
        client_id: impl Into<String>,
    ) -> Self {
        let (server, realm) = (server.as_ref().trim_end_matches('/'), realm.as_ref());
        let client_id = client_id.into();
        let roles = [
            ClaimList::at(["realm_access", "roles"]),
            ClaimList::at(["resource_access", &client_id, "roles"]),
        ];
        Self::discovered(format!("{server}/realms/{realm}"), client_id.into())
            .scopes_from(["scope"])
            .roles_from(roles)
            .require_claim_value("typ", "Bearer")
    }
}
