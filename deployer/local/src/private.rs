//! Files and folders for their owner's eyes only, whatever the umask.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// Makes a folder whose parent is there, 0700. A link in its place is refused: it could lead out of a project.
pub fn folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !fs::symlink_metadata(path)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("{} is no folder", path.display())));
    }
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Makes these folders in one another, the first one in `base`; the innermost one.
pub fn folders(base: &Path, parts: &[&str]) -> io::Result<PathBuf> {
    let mut path = base.to_owned();
    for part in parts {
        path.push(part);
        folder(&path)?;
    }
    Ok(path)
}

/// Opens a file to write it anew, 0600; a link in its place is refused.
pub fn create(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().write(true).create(true).truncate(true), path)
}

/// Opens a file to write at its end, 0600; a link in its place is refused.
pub fn append(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().append(true).create(true), path)
}

/// Opens a file to read and write it as it is, 0600; a link in its place is refused.
pub fn update(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true).write(true).create(true).truncate(false), path)
}

/// Writes a whole file, 0600: the old one or the new one is there, never a part.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let mut file = create(&part)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // Half a file is no use to anybody; that it cannot be removed is the smaller trouble.
        let _ = fs::remove_file(&part);
    }
    written
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = options.mode(0o600).custom_flags(no_follow).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}
