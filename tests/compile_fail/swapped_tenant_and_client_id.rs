use doorward::presets::{ClientId, Entra, TenantId};

fn main() {
    let tenant = TenantId::new("7fe81447-da57-4385-becb-6de57f21477e");
    let api = ClientId::new("f2a76e08-93f2-4350-833c-965c02483b11");
    let _ = Entra::tenant(api).client_id(tenant);
}
