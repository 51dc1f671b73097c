//! The functions that the host calls. Each hands over to the [`Module`], which catches panics.

use std::cell::RefCell;

use super::super::host::{Host, Level, Side};
use super::super::module::{Action, Module};
use super::Wasm;

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

/// Calls the module; a call within a call is refused.
fn with<T>(otherwise: T, call: impl FnOnce(&mut Module) -> T) -> T {
    MODULE.with(|module| match module.try_borrow_mut() {
        Ok(mut module) => call(&mut module),
        Err(_) => otherwise,
    })
}

// The first of these two is the one that Higress takes; tests/gateway/run checks their order in the module.
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_100() {}

#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

/// Gives the host memory to write a value into, which then is ours again.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; size].into_boxed_slice()).cast()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_vm_start(_root: u32, _size: usize) -> u32 {
    std::panic::set_hook(Box::new(|panic| Wasm.log(Level::Warn, &format!("hr: {panic}"))));
    1
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(context: u32, parent: u32) {
    with((), |module| module.on_create(context, parent));
}

/// What is wrong with a configuration is said in the log; it never keeps a host from starting.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(root: u32, _size: usize) -> u32 {
    with((), |module| module.on_configure(&Wasm, root));
    1
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    with((), |module| module.on_tick(&Wasm, root));
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(context: u32, _count: u32, end: u32) -> u32 {
    with(Action::Continue, |module| module.on_headers(&Wasm, context, Side::Request, end != 0)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(context: u32, size: usize, end: u32) -> u32 {
    with(Action::Continue, |module| module.on_body(&Wasm, context, Side::Request, size, end != 0)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(context: u32, _count: u32) -> u32 {
    with(Action::Continue, |module| module.on_trailers(&Wasm, context, Side::Request)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(context: u32, _count: u32, end: u32) -> u32 {
    with(Action::Continue, |module| module.on_headers(&Wasm, context, Side::Response, end != 0)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(context: u32, size: usize, end: u32) -> u32 {
    with(Action::Continue, |module| module.on_body(&Wasm, context, Side::Response, size, end != 0)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_trailers(context: u32, _count: u32) -> u32 {
    with(Action::Continue, |module| module.on_trailers(&Wasm, context, Side::Response)).code()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_http_call_response(root: u32, token: u32, _headers: u32, _body: usize, _trailers: u32) {
    with((), |module| module.on_stored(&Wasm, root, token));
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_done(context: u32) -> u32 {
    with((), |module| module.on_done(&Wasm, context));
    1
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_log(_context: u32) {}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(context: u32) {
    with((), |module| module.on_delete(context));
}
