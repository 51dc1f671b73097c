//! Passes over what cannot open a session.
//!
//! The SDK takes anything but a request as the end of a session that has not begun. A client may say more than that: one
//! that gave up waiting for the answer of its probe says so in a notification before it shakes hands.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::model::JsonRpcMessage;
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;

/// A transport that hands over only requests until the session has begun.
pub(super) struct Opening<T> {
    inner: T,
    begun: Arc<AtomicBool>,
}

impl<T> Opening<T> {
    /// Wraps a transport; whoever sets the flag says that the session has begun.
    pub(super) fn new(inner: T) -> (Self, Arc<AtomicBool>) {
        let begun = Arc::new(AtomicBool::new(false));
        (Self { inner, begun: Arc::clone(&begun) }, begun)
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Opening<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let message = self.inner.receive().await?;
            if matches!(message, JsonRpcMessage::Request(_)) || self.begun.load(Ordering::Relaxed) {
                return Some(message);
            }
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}
