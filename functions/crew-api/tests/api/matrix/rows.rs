//! The table: what each operation answers each caller.

/// The callers, in the order of a row's columns. A guest holds a link to a waiver and no session.
pub const CALLERS: [&str; 6] = ["anonymous", "guest", "crew", "captain", "admin", "revoked"];

/// What one operation answers each caller.
pub struct Row {
    pub operation: &'static str,
    /// What the request names. Of a sail: `own`, on which the caller holds a slot (a captain the captain's), `other`, on
    /// which the caller has none, `unknown`. Of a person or a waiver: the caller's, another's, nobody's; `aboard`
    /// is another's waiver on the caller's own sail, `held` one on hold.
    pub object: &'static str,
    /// The status for each of [`CALLERS`].
    pub statuses: [u16; 6],
}

const fn row(operation: &'static str, object: &'static str, statuses: [u16; 6]) -> Row {
    Row { operation, object, statuses }
}

const EVERYBODY: [u16; 6] = [200; 6];
/// Whoever is signed in, and 404 for what there is not.
const SIGNED_IN: [u16; 6] = signed_in(200);
const ADMINS: [u16; 6] = admins(200);
/// Administrators, and the captain of this sail.
const COMMAND: [u16; 6] = [401, 401, 403, 200, 200, 401];

const fn signed_in(status: u16) -> [u16; 6] {
    [401, 401, status, status, status, 401]
}

const fn admins(status: u16) -> [u16; 6] {
    [401, 401, 403, 403, status, 401]
}

pub const ROWS: &[Row] = &[
    row("readHealth", "-", EVERYBODY),
    row("readKeys", "-", EVERYBODY),
    row("readSun", "-", EVERYBODY),
    row("listSails", "-", EVERYBODY),
    row("askForLink", "-", [202; 6]),
    row("redeemLink", "own", [200, 200, 200, 200, 200, 400]),
    row("redeemLink", "unknown", [400; 6]),
    row("redeemCode", "own", [200, 200, 200, 200, 200, 400]),
    row("redeemCode", "unknown", [400; 6]),
    row("readSession", "own", SIGNED_IN),
    row("endSession", "own", signed_in(204)),
    row("endSessions", "own", signed_in(204)),
    row("listCrew", "-", SIGNED_IN),
    row("listCrew", "unknown", signed_in(404)),
    row("listPeople", "-", ADMINS),
    row("listPeople", "unknown", admins(404)),
    row("invitePerson", "-", admins(201)),
    row("readPerson", "own", ADMINS),
    row("readPerson", "other", ADMINS),
    row("readPerson", "unknown", admins(404)),
    row("readPerson", "garbage", admins(404)),
    row("changePerson", "own", ADMINS),
    row("changePerson", "other", ADMINS),
    row("changePerson", "unknown", admins(404)),
    row("changePerson", "garbage", admins(404)),
    row("readPersonHistory", "own", ADMINS),
    row("readPersonHistory", "other", ADMINS),
    row("readPersonHistory", "unknown", admins(404)),
    row("inviteAgain", "own", admins(202)),
    row("inviteAgain", "other", admins(202)),
    row("inviteAgain", "unknown", admins(404)),
    row("revokePerson", "own", admins(409)),
    row("revokePerson", "other", ADMINS),
    row("revokePerson", "unknown", admins(404)),
    row("restorePerson", "own", ADMINS),
    row("restorePerson", "other", ADMINS),
    row("restorePerson", "unknown", admins(404)),
    row("readReport", "known", ADMINS),
    row("readReport", "unknown", admins(404)),
    row("suggestWindows", "-", SIGNED_IN),
    row("createSail", "-", admins(201)),
    row("readSail", "own", SIGNED_IN),
    row("readSail", "other", SIGNED_IN),
    row("readSail", "unknown", signed_in(404)),
    row("editSail", "own", ADMINS),
    row("editSail", "other", ADMINS),
    row("editSail", "unknown", admins(404)),
    row("stepSail", "own", ADMINS),
    row("stepSail", "other", ADMINS),
    row("stepSail", "unknown", admins(404)),
    // Sixteen hours before its departure the sail starts for nobody: 409 is for those who may ask.
    row("stepSail", "own start", [401, 401, 403, 409, 409, 401]),
    row("stepSail", "other start", admins(409)),
    row("readAudit", "own", ADMINS),
    row("readAudit", "other", ADMINS),
    row("readAudit", "unknown", admins(404)),
    row("listRoles", "own", SIGNED_IN),
    row("listRoles", "other", SIGNED_IN),
    row("listRoles", "unknown", signed_in(404)),
    // Who has a slot gets no other; administrators are no crew.
    row("claimRole", "own", signed_in(409)),
    row("claimRole", "other", [401, 401, 200, 200, 409, 401]),
    row("claimRole", "unknown", [401, 401, 404, 404, 409, 401]),
    // The caller's own slot, somebody else's, a slot of no sail.
    row("designateRole", "own slot", [401, 401, 200, 409, 200, 401]),
    row("designateRole", "own", COMMAND),
    row("designateRole", "other", ADMINS),
    row("designateRole", "unknown", admins(404)),
    row("releaseRole", "own slot", [401, 401, 200, 200, 409, 401]),
    row("releaseRole", "own", COMMAND),
    row("releaseRole", "other", ADMINS),
    row("releaseRole", "unknown", admins(409)),
    row("readChecklist", "own", SIGNED_IN),
    row("readChecklist", "other", SIGNED_IN),
    row("readChecklist", "unknown", signed_in(404)),
    row("editChecklist", "own", COMMAND),
    row("editChecklist", "other", ADMINS),
    row("editChecklist", "unknown", admins(404)),
    row("tickChecklist", "own", SIGNED_IN),
    row("tickChecklist", "other", ADMINS),
    row("tickChecklist", "unknown", admins(404)),
    row("readWaiverPage", "own", [404, 200, 404, 404, 404, 404]),
    row("readWaiverPage", "unknown", [404; 6]),
    row("signWaiverAsGuest", "own", [404, 201, 404, 404, 404, 404]),
    row("signWaiverAsGuest", "unknown", [404; 6]),
    row("readOwnWaiver", "own", SIGNED_IN),
    row("readOwnWaiver", "other", SIGNED_IN),
    row("readOwnWaiver", "unknown", signed_in(404)),
    row("signWaiverAsCrew", "own", signed_in(201)),
    row("signWaiverAsCrew", "other", signed_in(201)),
    row("signWaiverAsCrew", "unknown", signed_in(404)),
    row("makeWaiverLink", "own", COMMAND),
    row("makeWaiverLink", "other", ADMINS),
    row("makeWaiverLink", "unknown", admins(404)),
    row("renewWaiverLink", "own", COMMAND),
    row("renewWaiverLink", "other", ADMINS),
    row("renewWaiverLink", "unknown", admins(404)),
    row("listWaivers", "own", COMMAND),
    row("listWaivers", "other", ADMINS),
    row("listWaivers", "unknown", admins(404)),
    row("readWaiver", "own", ADMINS),
    row("readWaiver", "other", ADMINS),
    row("readWaiver", "aboard", ADMINS),
    row("readWaiver", "unknown", admins(404)),
    row("board", "own", ADMINS),
    row("board", "other", ADMINS),
    row("board", "aboard", COMMAND),
    row("board", "unknown", admins(404)),
    row("clearHold", "held", ADMINS),
    row("clearHold", "aboard", admins(409)),
    row("clearHold", "unknown", admins(404)),
    row("listHolds", "-", ADMINS),
    row("listUnknownSends", "-", ADMINS),
];
