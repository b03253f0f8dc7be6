use crate::{
    directory::{Api, Application, Directory},
    system::{Refusal, System},
};

/// The scope that means all that is granted to the application.
pub(crate) const DEFAULT: &str = ".default";

/// Where a scope without a resource belongs to.
const GRAPH: &str = "https://graph.microsoft.com";

/// What a request asks for, by `scope`, or in v1 by `resource`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked<'d> {
    pub(crate) openid: bool,
    pub(crate) offline_access: bool,
    /// Each API once, in the order asked.
    pub(crate) resources: Vec<Resource<'d>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource<'d> {
    pub(crate) api: &'d Api,
    /// How the request names the API.
    pub(crate) identifier: String,
    pub(crate) scopes: Vec<String>,
}

impl<'d> Asked<'d> {
    /// Reads a list of scopes (RFC 6749 §3.3), in the way of the system.
    pub(crate) fn read(
        directory: &'d Directory,
        system: System,
        application: &Application,
        scope: &str,
    ) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for name in scope.split_ascii_whitespace() {
            match name {
                "openid" => asked.openid = true,
                "offline_access" => asked.offline_access = true,
                "profile" | "email" => {}
                _ => {
                    let (api, identifier, scope) = resolve(directory, system, application, name)?;
                    asked.add(api, &identifier, scope);
                }
            }
        }
        Ok(asked)
    }

    /// Reads the `resource` of v1, which asks for all that is granted there, and an ID token.
    pub(crate) fn of_resource(
        directory: &'d Directory,
        resource: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut asked = Self { openid: true, offline_access: true, resources: Vec::new() };
        if let Some(name) = resource {
            let api = directory.api(name).ok_or_else(|| Refusal::unknown_resource(name))?;
            asked.add(api, name, DEFAULT);
        }
        Ok(asked)
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
    system: System,
    application: &Application,
    name: &'s str,
) -> Result<(&'d Api, String, &'s str), Refusal> {
    if name.eq_ignore_ascii_case(&application.id)
        && let Some(own) = directory.api(name)
    {
        return Ok((own, name.to_owned(), DEFAULT));
    }
    if let Some((api, identifier, scope)) = directory.api_and_name(name) {
        // B2C leaves out what it cannot grant, see `granted`.
        let known = scope == DEFAULT || api.scope(scope).is_some() || system == System::B2c;
        return known
            .then(|| (api, identifier.to_owned(), scope))
            .ok_or_else(|| Refusal::invalid_scope(name));
    }
    if name.contains('/') {
        return Err(Refusal::invalid_scope(name));
    }
    let api = match system {
        System::B2c => return Err(Refusal::scope_without_resource(name)),
        System::Oidc => directory.apis.iter().find(|api| api.scope(name).is_some()),
        System::V1 | System::V2 => directory.api(GRAPH).filter(|api| api.scope(name).is_some()),
    };
    let api = api.ok_or_else(|| Refusal::invalid_scope(name))?;
    Ok((api, api.main_uri().to_owned(), name))
}
