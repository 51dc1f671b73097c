//! The host's functions, as a [`Host`].

use std::ptr;

use super::super::host::{Host, Level, Refused, Side};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, length: usize) -> u32;
    fn proxy_get_property(path: *const u8, length: usize, out: *mut *mut u8, out_length: *mut usize) -> u32;
    fn proxy_set_property(path: *const u8, length: usize, value: *const u8, value_length: usize) -> u32;
    fn proxy_get_header_map_value(
        map: u32,
        name: *const u8,
        length: usize,
        out: *mut *mut u8,
        out_length: *mut usize,
    ) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        length: usize,
        value: *const u8,
        value_length: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, length: usize) -> u32;
    fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        length: usize,
        out: *mut *mut u8,
        out_length: *mut usize,
    ) -> u32;
    fn proxy_set_buffer_bytes(buffer: u32, start: usize, length: usize, bytes: *const u8, bytes_length: usize) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_length: usize,
        body: *const u8,
        body_length: usize,
        headers: *const u8,
        headers_length: usize,
        grpc: i32,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, length: usize, out: *mut u32) -> u32;
    fn proxy_increment_metric(metric: u32, by: i64) -> u32;
    fn proxy_record_metric(metric: u32, value: u64) -> u32;
    fn proxy_get_current_time_nanoseconds(out: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_continue_stream(stream: u32) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_http_call(
        cluster: *const u8,
        cluster_length: usize,
        headers: *const u8,
        headers_length: usize,
        body: *const u8,
        body_length: usize,
        trailers: *const u8,
        trailers_length: usize,
        timeout: u32,
        out: *mut u32,
    ) -> u32;
}

/// The buffer with the configuration of the instance.
const CONFIGURATION: u32 = 7;

/// The headers of the answer to a call.
const CALL_HEADERS: u32 = 6;

/// The host that runs this module.
#[derive(Debug)]
pub(in super::super) struct Wasm;

fn headers(side: Side) -> u32 {
    if side == Side::Request { 0 } else { 2 }
}

fn bodies(side: Side) -> u32 {
    if side == Side::Request { 0 } else { 1 }
}

fn checked(status: u32) -> Result<(), Refused> {
    if status == 0 { Ok(()) } else { Err(Refused) }
}

/// What the host wrote into memory that it had from [`super::exports`].
fn received(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Option<Vec<u8>> {
    let (mut start, mut length) = (ptr::null_mut(), 0);
    checked(call(&raw mut start, &raw mut length)).ok()?;
    if start.is_null() || length == 0 {
        return Some(Vec::new());
    }
    // SAFETY: the host got `length` bytes from `proxy_on_memory_allocate`, wrote all of them, and gives them to us.
    Some(unsafe { Vec::from_raw_parts(start, length, length) })
}

/// Names and values as the host reads them: their number, all lengths, then all bytes with a zero behind each.
fn pairs(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut out = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        out.extend((name.len() as u32).to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        for part in [name, value] {
            out.extend_from_slice(part.as_bytes());
            out.push(0);
        }
    }
    out
}

fn metric(kind: u32, name: &str) -> Result<u32, Refused> {
    let mut id = 0;
    // SAFETY: the host reads the name and writes one number.
    checked(unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

impl Host for Wasm {
    fn log(&self, level: Level, line: &str) {
        let level = match level {
            Level::Debug => 1,
            Level::Info => 2,
            Level::Warn => 3,
        };
        // SAFETY: the host reads the text.
        let _ = unsafe { proxy_log(level, line.as_ptr(), line.len()) };
    }

    fn configuration(&self) -> Vec<u8> {
        // SAFETY: the host writes a pointer and a length.
        received(|out, length| unsafe { proxy_get_buffer_bytes(CONFIGURATION, 0, usize::MAX, out, length) })
            .unwrap_or_default()
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        let path = path.join("\0");
        // SAFETY: the host reads the path, and writes a pointer and a length.
        received(|out, length| unsafe { proxy_get_property(path.as_ptr(), path.len(), out, length) })
    }

    fn set_property(&self, path: &[&str], value: &[u8]) -> Result<(), Refused> {
        let path = path.join("\0");
        // SAFETY: the host reads both.
        checked(unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) })
    }

    fn header(&self, side: Side, name: &str) -> Option<Vec<u8>> {
        // SAFETY: the host reads the name, and writes a pointer and a length.
        received(|out, length| unsafe {
            proxy_get_header_map_value(headers(side), name.as_ptr(), name.len(), out, length)
        })
    }

    fn set_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), Refused> {
        // SAFETY: the host reads both.
        checked(unsafe {
            proxy_replace_header_map_value(headers(side), name.as_ptr(), name.len(), value.as_ptr(), value.len())
        })
    }

    fn remove_header(&self, side: Side, name: &str) -> Result<(), Refused> {
        // SAFETY: the host reads the name.
        checked(unsafe { proxy_remove_header_map_value(headers(side), name.as_ptr(), name.len()) })
    }

    fn body(&self, side: Side, length: usize) -> Option<Vec<u8>> {
        // SAFETY: the host writes a pointer and a length.
        received(|out, out_length| unsafe { proxy_get_buffer_bytes(bodies(side), 0, length, out, out_length) })
    }

    fn set_body(&self, side: Side, length: usize, bytes: &[u8]) -> Result<(), Refused> {
        // SAFETY: the host reads the bytes.
        checked(unsafe { proxy_set_buffer_bytes(bodies(side), 0, length, bytes.as_ptr(), bytes.len()) })
    }

    fn reply(&self, status: u32, details: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Refused> {
        let headers = pairs(headers);
        // SAFETY: the host reads all three.
        checked(unsafe {
            proxy_send_local_response(
                status,
                details.as_ptr(),
                details.len(),
                body.as_ptr(),
                body.len(),
                headers.as_ptr(),
                headers.len(),
                -1,
            )
        })
    }

    fn counter(&self, name: &str) -> Result<u32, Refused> {
        metric(0, name)
    }

    fn gauge(&self, name: &str) -> Result<u32, Refused> {
        metric(1, name)
    }

    fn raise(&self, metric: u32, by: u64) -> Result<(), Refused> {
        // SAFETY: only numbers are passed.
        checked(unsafe { proxy_increment_metric(metric, i64::try_from(by).unwrap_or(i64::MAX)) })
    }

    fn set(&self, metric: u32, to: u64) -> Result<(), Refused> {
        // SAFETY: only numbers are passed.
        checked(unsafe { proxy_record_metric(metric, to) })
    }

    fn now(&self) -> u64 {
        let mut now = 0;
        // SAFETY: the host writes one number.
        let _ = unsafe { proxy_get_current_time_nanoseconds(&raw mut now) };
        now
    }

    fn tick_every(&self, milliseconds: u32) -> Result<(), Refused> {
        // SAFETY: only numbers are passed.
        checked(unsafe { proxy_set_tick_period_milliseconds(milliseconds) })
    }

    fn resume(&self, stream: u32, side: Side) -> Result<(), Refused> {
        // SAFETY: only numbers are passed.
        checked(unsafe { proxy_set_effective_context(stream) })?;
        // SAFETY: the same.
        checked(unsafe { proxy_continue_stream(u32::from(side == Side::Response)) })
    }

    fn call(&self, cluster: &str, headers: &[(&str, &str)], body: &[u8], timeout: u32) -> Result<u32, Refused> {
        let (headers, trailers, mut token) = (pairs(headers), pairs(&[]), 0);
        // SAFETY: the host reads all four and writes one number.
        checked(unsafe {
            proxy_http_call(
                cluster.as_ptr(),
                cluster.len(),
                headers.as_ptr(),
                headers.len(),
                body.as_ptr(),
                body.len(),
                trailers.as_ptr(),
                trailers.len(),
                timeout,
                &raw mut token,
            )
        })?;
        Ok(token)
    }

    fn call_status(&self) -> Option<u32> {
        let name = ":status";
        // SAFETY: the host reads the name, and writes a pointer and a length.
        let status = received(|out, length| unsafe {
            proxy_get_header_map_value(CALL_HEADERS, name.as_ptr(), name.len(), out, length)
        })?;
        std::str::from_utf8(&status).ok()?.parse().ok()
    }
}
