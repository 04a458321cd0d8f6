//! The server of a site while somebody works on it.

use std::ffi::OsString;

use deployer_aws::kinds::site::SiteBuild;

use super::ArtifactStore;
use super::child::{Child, Started};
use super::error::ArtifactError;
use super::event::{Progress, Teller};
use super::install::install;
use super::site::folder_above;

/// Names the port of 127.0.0.1 that it listens on.
const PORT: &str = "PORT";
/// Names the product's own address, where all is that is not the site's.
const URL: &str = "DEPLOYER_URL";

impl ArtifactStore {
    /// Starts the server of a site with what it needs. It sees of the environment what builds see, its port and the
    /// product's address. Absent: the site has none.
    pub async fn dev_server(
        &self,
        site: &SiteBuild,
        port: u16,
        url: &str,
        progress: Progress<'_>,
    ) -> Option<Result<Started, ArtifactError>> {
        let script = site.dev.clone()?;
        if let Some(install_script) = &site.install {
            let teller = Teller::new(vec![site.address.clone()], progress);
            let installed = install(self.place(), &self.cache, install_script, folder_above(&site.dir), &teller).await;
            if let Err(error) = installed {
                return Some(Err(error));
            }
        }
        let own = [(PORT, port.to_string()), (URL, url.to_owned())];
        let own = own.into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let environment: Vec<_> = self.environment.iter().cloned().chain(own).collect();
        let folder = self.project.join(folder_above(&site.dir));
        let child = Child {
            program: "sh",
            arguments: vec!["-c".to_owned(), script],
            folder: &folder,
            environment: &environment,
        };
        Some(child.start().map_err(ArtifactError::io("running", child.program.as_ref())))
    }
}
