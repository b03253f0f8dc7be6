//! Whatever an `Authorization` field holds, and however many there are, the request is refused, at
//! once and in order. The input is tried as one value, then as one value for each of its lines.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let server = doorward_fuzz::server();
    let one = doorward_fuzz::authenticate(server, [data]);
    assert!(one.is_err(), "nobody can sign for this server");
    let several = doorward_fuzz::authenticate(server, data.split(|byte| *byte == b'\n'));
    assert!(several.is_err(), "nobody can sign for this server");
    let as_token = [b"Bearer ", data].concat();
    assert!(doorward_fuzz::authenticate(server, [as_token.as_slice()]).is_err());
});
