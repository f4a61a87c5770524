//! `sso-server demo` (SPEC 14): the service, an organization `demo` and a development identity
//! provider beside it, so that a newcomer signs in without setting anything up.
//!
//! Loopback only, since anybody can sign in as anybody. It refuses to listen elsewhere, reads no
//! `sso.toml` and uses a data folder of its own, so that it cannot touch a real service.

mod flags;
mod idp;
mod operator;
mod setup;

pub(crate) use flags::DemoFlags;

use crate::config::StartError;
use crate::http::listener;
use crate::service::Service;
use idp::Idp;
use operator::Operator;
use sso_core::ambient::{SystemClock, SystemRandom};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Runs the demo until `stop` completes.
///
/// # Errors
/// A port in use, a folder that cannot be written, a setting that cannot be used: one sentence.
pub(crate) async fn run(
    flags: DemoFlags,
    stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let (config, idp_listen) = flags.read(|name| std::env::var_os(name))?;
    crate::telemetry::start(&config);
    let listener = listener::bind(config.listen, "SSO_LISTEN").await?;
    let idp_listener = listener::bind(idp_listen, "--idp-listen").await?;

    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let service = Service::start(&config, listener, clock.clone(), random.clone()).await?;
    let idp = Idp::new(&config.public_url, idp_listen.port(), service.routes(), clock, random)?;
    let (metadata, idp_origin) = (idp.metadata(), idp.origin().to_owned());
    let (end, ended) = oneshot::channel::<()>();
    let idp = tokio::spawn(listener::serve(idp_listener, idp.routes(), async {
        let _ = ended.await;
    }));
    tracing::warn!(
        address = %idp_origin,
        "the development identity provider is running: anybody can sign in as anybody, \
         never for production"
    );
    let operator = Operator::new(service.routes(), &config)?;
    setup::organization(&operator, metadata).await?;

    println!("\nThe demo is running, with a development identity provider at {idp_origin}");
    println!("Accounts: {}", operator.example("orgs/demo/users", &config));
    println!("Open {}", config.public_url.join("/sso/demo/login"));

    stop.await;
    drop(end);
    service.stop().await;
    let _ = idp.await;
    Ok(())
}
