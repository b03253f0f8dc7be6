//! Valid and invalid directories.

use doorward_issuer::Directory;

const TENANT: &str =
    "[[tenants]]\nid = \"7fe81447-da57-4385-becb-6de57f21477e\"\ndomains = [\"contoso.com\"]\n";
const API: &str =
    "[[apis]]\nid = \"a\"\nname = \"A\"\nuris = [\"api://a\"]\nscopes = [{ name = \"read\" }]\n";

fn refusal(rest: &str) -> String {
    Directory::from_toml(&format!("{TENANT}{API}{rest}")).unwrap_err().to_string()
}

fn application(rest: &str) -> String {
    refusal(&format!(
        "[[applications]]\nid = \"c\"\nname = \"C\"\ntenant = \"contoso.com\"\n{rest}"
    ))
}

fn api(rest: &str) -> String {
    refusal(&format!("[[apis]]\nid = \"b\"\nname = \"B\"\n{rest}"))
}

#[test]
fn unknown_setting_is_refused_by_name() {
    assert!(application("secret = \"x\"").contains("unknown field `secret`"));
    assert!(refusal("[[groups]]").contains("unknown field `groups`"));
    assert!(
        application("redirect_uris = [{ uri = \"http://a/\", platform = \"phone\" }]")
            .contains("`phone`")
    );
}

#[test]
fn each_contradiction_is_refused_by_name() {
    for (text, expected) in [
        (refusal(TENANT), "two tenants are named \"7fe81447-da57-4385-becb-6de57f21477e\""),
        (
            refusal("[[tenants]]\nid = \"x\"\ndomains = []\n"),
            "the tenant \"x\" needs a GUID as its id",
        ),
        (
            refusal(
                "[[tenants]]\nid = \"c64a4f7d-3091-4c73-a722-a3f069400000\"\ndomains = [\"b\"]\nkind = \"b2c\"\n",
            ),
            "tenant \"c64a4f7d-3091-4c73-a722-a3f069400000\": only tenants of kind b2c have policies, and they need one",
        ),
        (
            refusal(
                "[[tenants]]\nid = \"c64a4f7d-3091-4c73-a722-a3f069400000\"\ndomains = [\"common\"]\n",
            ),
            "tenant \"common\" cannot be used",
        ),
        (application("secrets = [\"\"]"), "application \"c\" has an empty secret"),
        (
            application("permissions = [\"api://a/write\"]"),
            "application \"c\" has \"api://a/write\", which no API offers",
        ),
        (
            application("roles = [\"api://a/Admin\"]"),
            "application \"c\" has \"api://a/Admin\", which no API offers",
        ),
        (
            application("redirect_uris = [{ uri = \"relative\" }]"),
            "redirect_uri \"relative\" cannot be used",
        ),
        (
            refusal("[[applications]]\nid = \"c\"\nname = \"C\"\ntenant = \"nowhere\"\n"),
            "application \"c\" is of the tenant \"nowhere\", which is not there",
        ),
        (
            application(
                "redirect_uris = [{ uri = \"http://a/\" }, { uri = \"http://a/\", platform = \"spa\" }]",
            ),
            "two redirect URIs of one application are named \"http://a/\"",
        ),
        (refusal(API), "two APIs are named \"a\""),
        (api("uris = [\"api b\"]"), "API \"api b\" cannot be used"),
        (api("uris = []\nscopes = [{ name = \".default\" }]"), "scope \".default\" cannot be used"),
        (api("uris = []\nscopes = [{ name = \"openid\" }]"), "scope \"openid\" cannot be used"),
        (api("uris = []\nroles = [\"a/b\"]"), "role \"a/b\" cannot be used"),
        (api("uris = []\nroles = [\"r\", \"R\"]"), "two roles of one API are named \"R\""),
    ] {
        assert_eq!(text, expected);
    }
    assert_eq!(Directory::from_toml("").unwrap_err().to_string(), "a directory needs a tenant");
}

#[test]
fn certificate_and_token_version_are_checked() {
    assert!(application("certificates = [\"x\"]").contains("one X.509 certificate in PEM"));
    let api = "[[apis]]\nid = \"b\"\nname = \"B\"\nuris = []\ntoken_version = 3\n";
    assert!(refusal(api).contains("token_version is to be 1 or 2, not 3"));
}

#[test]
fn file_that_cannot_be_read_is_named() {
    let error = Directory::read("no/such/file.toml").unwrap_err().to_string();
    assert_eq!(error, "cannot read no/such/file.toml");
}
