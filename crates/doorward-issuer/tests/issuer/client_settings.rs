use doorward_issuer::{Algorithm, Client, ClientError, DevIssuer, StartError};

async fn refusal(clients: impl IntoIterator<Item = Client>) -> ClientError {
    let mut builder = DevIssuer::builder().algorithms([Algorithm::Es256]);
    for client in clients {
        builder = builder.client(client);
    }
    match builder.start().await.unwrap_err() {
        StartError::Client(error) => error,
        other => panic!("{other}"),
    }
}

fn client() -> Client {
    Client::new("c1", "secret")
}

fn client_id() -> String {
    "c1".to_owned()
}

#[tokio::test]
async fn client_without_an_id_is_refused() {
    assert_eq!(refusal([Client::new("", "secret")]).await, ClientError::EmptyId);
}

#[tokio::test]
async fn client_without_a_secret_is_refused() {
    let error = ClientError::EmptySecret { client_id: client_id() };
    assert_eq!(refusal([Client::new("c1", "")]).await, error);
}

#[tokio::test]
async fn client_named_twice_is_refused() {
    let error = ClientError::Duplicate { client_id: client_id() };
    assert_eq!(refusal([client(), Client::new("c1", "other")]).await, error);
}

#[tokio::test]
async fn client_without_an_audience_is_refused() {
    let error = ClientError::NoAudience { client_id: client_id() };
    assert_eq!(refusal([client().audiences([""; 0])]).await, error);
}

#[tokio::test]
async fn scope_that_no_request_could_name_is_refused() {
    for scope in ["orders.read orders.write", "", "a\"b", "a\\b", "\u{e9}"] {
        let error = ClientError::InvalidScope { client_id: client_id(), scope: scope.to_owned() };
        assert_eq!(refusal([client().scopes(["fine", scope])]).await, error);
    }
}

#[tokio::test]
async fn client_with_an_algorithm_without_a_key_is_refused() {
    let algorithm = Algorithm::Rs256;
    let error = ClientError::NoKey { client_id: client_id(), algorithm };
    assert_eq!(refusal([client().algorithm(algorithm)]).await, error);
}

#[tokio::test]
async fn clients_of_the_builder_replace_the_demo_clients() {
    let builder = DevIssuer::builder().algorithms([Algorithm::Es256]);
    let demo = builder.clone().start().await.unwrap();
    assert_eq!(demo.clients(), Client::demo_clients());
    let own = builder.client(client()).start().await.unwrap();
    assert_eq!(own.clients(), [client()]);
}
