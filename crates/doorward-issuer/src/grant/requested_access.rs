use crate::{
    directory::{Api, Application, Directory},
    protocol::{Protocol, ProtocolError},
};

/// The scope that requests every scope that is granted to the application.
pub(crate) const DEFAULT: &str = ".default";

/// The API of a scope without a resource.
const GRAPH: &str = "https://graph.microsoft.com";

/// The APIs and scopes that a request asks for, by `scope`, or in v1 by `resource`.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestedAccess<'d> {
    pub(crate) openid: bool,
    pub(crate) offline_access: bool,
    /// Each API once, in the order of the request.
    pub(crate) resources: Vec<Resource<'d>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource<'d> {
    pub(crate) api: &'d Api,
    /// How the request names the API.
    pub(crate) identifier: String,
    pub(crate) scopes: Vec<String>,
}

impl<'d> RequestedAccess<'d> {
    /// Parses a list of scopes (RFC 6749 §3.3), by the rules of the protocol.
    pub(crate) fn parse(
        directory: &'d Directory,
        protocol: Protocol,
        application: &Application,
        scope: &str,
    ) -> Result<Self, ProtocolError> {
        let mut requested = Self::default();
        for name in scope.split_ascii_whitespace() {
            match name {
                "openid" => requested.openid = true,
                "offline_access" => requested.offline_access = true,
                "profile" | "email" => {}
                _ => {
                    let (api, identifier, scope) = resolve(directory, protocol, application, name)?;
                    requested.add(api, &identifier, scope);
                }
            }
        }
        Ok(requested)
    }

    /// Reads the `resource` of v1, which requests every granted scope of the API, and an ID token.
    pub(crate) fn from_resource(
        directory: &'d Directory,
        resource: Option<&str>,
    ) -> Result<Self, ProtocolError> {
        let mut requested = Self { openid: true, offline_access: true, resources: Vec::new() };
        if let Some(name) = resource {
            let api = directory.api(name).ok_or_else(|| ProtocolError::unknown_resource(name))?;
            requested.add(api, name, DEFAULT);
        }
        Ok(requested)
    }

    fn add(&mut self, api: &'d Api, identifier: &str, scope: &str) {
        match self.resources.iter_mut().find(|resource| resource.api.id == api.id) {
            Some(resource) if resource.scopes.iter().any(|known| known == scope) => {}
            Some(resource) => resource.scopes.push(scope.to_owned()),
            None => self.resources.push(Resource {
                api,
                identifier: identifier.to_owned(),
                scopes: vec![scope.to_owned()],
            }),
        }
    }
}

fn resolve<'d, 's>(
    directory: &'d Directory,
    protocol: Protocol,
    application: &Application,
    name: &'s str,
) -> Result<(&'d Api, String, &'s str), ProtocolError> {
    if name.eq_ignore_ascii_case(&application.id)
        && let Some(own) = directory.api(name)
    {
        return Ok((own, name.to_owned(), DEFAULT));
    }
    if let Some((api, identifier, scope)) = directory.api_and_name(name) {
        // B2C leaves out unknown scopes later, in `granted`, instead of rejecting them.
        let known = scope == DEFAULT || api.scope(scope).is_some() || protocol == Protocol::B2c;
        return known
            .then(|| (api, identifier.to_owned(), scope))
            .ok_or_else(|| ProtocolError::invalid_scope(name));
    }
    if name.contains('/') {
        return Err(ProtocolError::invalid_scope(name));
    }
    let api = match protocol {
        Protocol::B2c => return Err(ProtocolError::scope_without_resource(name)),
        Protocol::Oidc => directory.apis.iter().find(|api| api.scope(name).is_some()),
        Protocol::V1 | Protocol::V2 => directory.api(GRAPH).filter(|api| api.scope(name).is_some()),
    };
    let api = api.ok_or_else(|| ProtocolError::invalid_scope(name))?;
    Ok((api, api.main_uri().to_owned(), name))
}
