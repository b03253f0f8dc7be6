use doorward::{ResourceServer, presets::Entra};

fn main() {
    let entra = Entra::tenant("7fe81447-da57-4385-becb-6de57f21477e");
    let _ = ResourceServer::builder().trust(entra);
}
