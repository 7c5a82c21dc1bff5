//! A verifier that lets every certificate pass and remembers it, and that never lets a wrong signature pass.

use std::sync::{Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Remembers the chain of one handshake.
#[derive(Debug)]
pub(crate) struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Verifier {
    pub(crate) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms, chain: Mutex::default() }
    }

    /// The chain as presented, leaf first.
    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn algorithms(&self) -> WebPkiSupportedAlgorithms {
        self.algorithms
    }

    /// Verifies the handshake signature with the bare public key, for certificates that webpki does not read: those of
    /// X.509 version 1, which old mail servers sign for themselves.
    fn by_key(&self, message: &[u8], leaf: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Option<()> {
        let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
        let key = &certificate.public_key().subject_public_key.data;
        let mut fitting = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut algorithms = fitting.by_ref().flat_map(|(_, algorithms)| algorithms.iter());
        algorithms.find_map(|algorithm| algorithm.verify_signature(key, message, signed.signature()).ok())
    }

    fn judged(
        &self,
        judgement: Result<HandshakeSignatureValid, Error>,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match judgement {
            Ok(valid) => Ok(valid),
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => judgement,
            Err(error) => {
                self.by_key(message, leaf, signed).map(|()| HandshakeSignatureValid::assertion()).ok_or(error)
            }
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(others).map(|der| der.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judged(verify_tls12_signature(message, leaf, signed, &self.algorithms), message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judged(verify_tls13_signature(message, leaf, signed, &self.algorithms), message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
