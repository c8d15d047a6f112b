//! What tenants keep secret.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::Permission as P;
use binnacle_shared::model::conductor::secret::{Secret, SecretDetail};
use binnacle_shared::model::conductor::secrets_provider::SecretsProvider;

use crate::api::conductor::{secrets, secrets_providers, secrets_search, secrets_share};
use crate::api::routes::{Route, delete, get, in_tenant, patch, post, put};
use crate::operation::conductor::secrets_export::ExportedSecret;
use crate::operation::conductor::secrets_import::Imported;

pub fn secrets() -> Vec<Route> {
    vec![
        get("/secrets", in_tenant(P::SecretList), secrets::index)
            .about("Lists secrets, without their values.")
            .items_of::<Secret>(Kind::Secret),
        post("/searches/secrets", in_tenant(P::SecretList), secrets_search::search)
            .about("Lists the secrets that fit rules or constraints.")
            .takes::<secrets_search::SearchBody>()
            .items_of::<Secret>(Kind::Secret),
        get("/secrets/share/export", in_tenant(P::SecretExport), secrets_share::export)
            .about("Hands secrets out with their values, for another manager. What is filtered by are a list's fields.")
            .query("_passphrase", "Under which the values are encrypted; 8 characters or more.")
            .query("non_encrypted", "Whether the values are readable.")
            .query("_include_metadata", "With who made them, and when.")
            .query("_all_tenants", "Of all tenants in which one may export them.")
            .answers::<Vec<ExportedSecret>>(200)
            .includes(),
        post("/secrets/share/import", in_tenant(P::SecretImport), secrets_share::import)
            .about("Takes secrets in that were handed out. What is wrong with one is said, and the others are there.")
            .takes::<secrets_share::ImportBody>()
            .answers::<Imported>(200),
        get("/secrets/{key}", in_tenant(P::SecretGet), secrets::read)
            .about("Gives a secret with its value, which the audit log notes.")
            .query("_skip_value", "Without the value.")
            .answers::<SecretDetail>(200)
            .includes(),
        put("/secrets/{key}", in_tenant(P::SecretCreate), secrets::create)
            .about("Makes a secret.")
            .takes::<secrets::NewSecretBody>()
            .answers::<SecretDetail>(200)
            .includes()
            .refuses(&[409]),
        patch("/secrets/{key}", in_tenant(P::SecretUpdate), secrets::update)
            .about("Changes a secret: its value, where that is kept, or who sees it.")
            .takes::<secrets::SecretChangeBody>()
            .answers::<SecretDetail>(200)
            .includes()
            .refuses(&[409]),
        patch("/secrets/{key}/set-visibility", in_tenant(P::ResourceSetVisibility), secrets::set_visibility)
            .about("Lets more people see a secret.")
            .takes::<secrets::VisibilityBody>()
            .answers::<SecretDetail>(200)
            .includes()
            .refuses(&[409]),
        delete("/secrets/{key}", in_tenant(P::SecretDelete), secrets::remove)
            .about("Removes a secret.")
            .answers_nothing(204)
            .refuses(&[400]),
    ]
}

pub fn providers() -> Vec<Route> {
    vec![
        get("/secrets-providers", in_tenant(P::SecretsProviderList), secrets_providers::index)
            .about("Lists secrets providers, without their connection parameters.")
            .items_of::<SecretsProvider>(Kind::SecretsProvider),
        get("/secrets-providers/{name}", in_tenant(P::SecretsProviderGet), secrets_providers::read)
            .about("Gives a secrets provider.")
            .answers::<SecretsProvider>(200)
            .includes(),
        put("/secrets-providers", in_tenant(P::SecretsProviderCreate), secrets_providers::create)
            .about("Makes a secrets provider, or with `test` tries whether it answers.")
            .takes::<secrets_providers::NewProviderBody>()
            .answers::<SecretsProvider>(200)
            .answers_nothing(204)
            .includes()
            .refuses(&[409]),
        patch("/secrets-providers/{name}", in_tenant(P::SecretsProviderUpdate), secrets_providers::update)
            .about("Changes a secrets provider.")
            .takes::<secrets_providers::ProviderChangeBody>()
            .answers::<SecretsProvider>(200)
            .includes()
            .refuses(&[409]),
        delete("/secrets-providers/{name}", in_tenant(P::SecretsProviderDelete), secrets_providers::remove)
            .about("Removes a secrets provider that no secret uses.")
            .answers_nothing(204)
            .refuses(&[400, 409]),
    ]
}
