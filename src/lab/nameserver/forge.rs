//! An answer that is changed on its way out, by somebody who has no key of the zone.

use std::iter;
use std::sync::Arc;

use async_trait::async_trait;
use hickory_net::NetError;
use hickory_proto::ProtoError;
use hickory_proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::MX;
use hickory_proto::rr::{Name, RData, Record};
use hickory_proto::serialize::binary::BinEncoder;
use hickory_server::server::{Request, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::{MessageResponse, MessageResponseBuilder};

use super::fault::Fault;

/// The host that spoofed MX records name.
const IMPOSTOR: &str = "mx.evil.test.";

/// Hands on every answer, changed.
#[derive(Clone)]
pub(super) struct Forge<R> {
    inner: R,
    fault: Fault,
    /// The request once more: an answer repeats its question.
    request: Arc<Request>,
}

impl<R> Forge<R> {
    pub(super) fn new(inner: R, fault: Fault, request: &Request) -> Result<Self, ProtoError> {
        let request = Request::from_bytes(request.as_slice().to_vec(), request.src(), request.protocol())?;
        Ok(Self { inner, fault, request: Arc::new(request) })
    }
}

#[async_trait]
impl<R: ResponseHandler> ResponseHandler for Forge<R> {
    async fn send_response<'a>(
        &mut self,
        response: MessageResponse<
            '_,
            'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
        >,
    ) -> Result<ResponseInfo, NetError> {
        let mut octets = Vec::new();
        response.destructive_emit(&mut BinEncoder::new(&mut octets))?;
        let mut message = Message::from_vec(&octets)?;
        for record in message.answers.iter_mut().chain(&mut message.authorities) {
            change(self.fault, record);
        }
        let mut builder = MessageResponseBuilder::from_message_request(&self.request);
        if let Some(edns) = &message.edns {
            builder.edns(edns);
        }
        let (answers, authorities) = (message.answers.iter(), message.authorities.iter());
        let changed = builder.build(message.metadata, answers, authorities, iter::empty(), message.additionals.iter());
        self.inner.send_response(changed).await
    }
}

fn change(fault: Fault, record: &mut Record) {
    match (fault, &mut record.data) {
        (Fault::Tampered, RData::DNSSEC(DNSSECRData::RRSIG(signature))) => {
            let mut octets = signature.sig().to_vec();
            if let Some(first) = octets.first_mut() {
                *first ^= 1;
            }
            *signature = RRSIG::from_sig(signature.input().clone(), octets);
        }
        (Fault::Spoofed, RData::MX(MX { exchange, .. })) => {
            *exchange = Name::from_ascii(IMPOSTOR).unwrap_or_default();
        }
        _ => {}
    }
}
