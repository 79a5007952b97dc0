/// A route, and what its caller needs: a permission, `signed in`, or nothing (`everybody`).
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub needs: &'static str,
    /// Ends the session that asks, so that nothing can be asked after it.
    pub ends_session: bool,
    /// Takes files, not a form.
    pub is_upload: bool,
    /// What the path names belongs to no one organisation.
    pub is_shared: bool,
    /// Without which the form could not be read at all.
    pub fields: &'static [(&'static str, &'static str)],
}

const fn route(method: &'static str, path: &'static str, needs: &'static str) -> Route {
    Route { method, path, needs, ends_session: false, is_upload: false, is_shared: false, fields: &[] }
}

const fn get(path: &'static str, needs: &'static str) -> Route {
    route("GET", path, needs)
}

const fn post(path: &'static str, needs: &'static str) -> Route {
    route("POST", path, needs)
}

impl Route {
    const fn ends_session(self) -> Self {
        Self { ends_session: true, ..self }
    }

    const fn upload(self) -> Self {
        Self { is_upload: true, ..self }
    }

    const fn with(self, fields: &'static [(&'static str, &'static str)]) -> Self {
        Self { fields, ..self }
    }

    const fn shared(self) -> Self {
        Self { is_shared: true, ..self }
    }
}

pub const ROUTES: &[Route] = &[
    // server, ui
    get("/healthz", "everybody"),
    get("/readyz", "everybody"),
    get("/metrics", "everybody"),
    post("/csp-reports", "everybody"),
    get("/static/{path:.*}", "everybody"),
    // access
    get("/sign-in", "everybody"),
    post("/sign-in", "everybody"),
    post("/sign-out", "signed in").ends_session(),
    get("/resume", "signed in"),
    get("/password/forgotten", "everybody"),
    post("/password/forgotten", "everybody"),
    get("/password/{token}", "everybody"),
    post("/password/{token}", "everybody"),
    get("/account", "signed in"),
    post("/account/password", "signed in"),
    post("/account/preferences", "signed in"),
    post("/account/sessions/end", "signed in").ends_session(),
    post("/account/sessions/{session}/end", "signed in"),
    get("/account/organisation", "signed in"),
    post("/account/organisation", "signed in"),
    // administration
    get("/admin", "OpenAdministration"),
    get("/admin/users", "ManageUsers"),
    get("/admin/users/new", "ManageUsers"),
    post("/admin/users/new", "ManageUsers"),
    get("/admin/users/{user}", "ManageUsers"),
    post("/admin/users/{user}/details", "ManageUsers"),
    post("/admin/users/{user}/rights", "ManageUsers"),
    post("/admin/users/{user}/rights/end", "ManageUsers"),
    post("/admin/users/{user}/link", "ManageUsers"),
    post("/admin/users/{user}/link/hand-over", "ManageUsers"),
    post("/admin/users/{user}/sessions/end", "ManageUsers"),
    post("/admin/users/{user}/disable", "ManageUsers"),
    post("/admin/users/{user}/enable", "ManageUsers"),
    get("/admin/roles", "SeeRoleMap"),
    get("/admin/audit", "ReadAudit"),
    get("/admin/audit.csv", "ReadAudit"),
    post("/admin/audit/check", "ReadAudit"),
    get("/admin/mail", "ReadMail"),
    get("/admin/mail/{mail}", "ReadMail"),
    post("/admin/mail/{mail}/requeue", "ReadMail"),
    get("/admin/organisations", "MaintainOrganisations"),
    get("/admin/organisations/{vpd}/interface", "MaintainOrganisations").shared(),
    post("/admin/organisations/{vpd}/interface", "MaintainOrganisations").shared(),
    get("/admin/work", "SeeBackgroundWork"),
    post("/admin/work/{job}/requeue", "SeeBackgroundWork"),
    // inbox
    get("/", "signed in"),
    get("/inbox", "ReadInbox"),
    get("/inbox/export.csv", "ReadInbox"),
    get("/inbox/unallocated", "SeeRoleMap"),
    get("/inbox/next", "ReadInbox"),
    get("/inbox/bulk", "DecideItems"),
    post("/inbox/bulk", "DecideItems"),
    post("/inbox/undo", "DecideItems"),
    post("/inbox/items/{item}/claim", "DecideItems"),
    post("/inbox/items/{item}/take-over", "DecideItems"),
    post("/inbox/items/{item}/release", "DecideItems"),
    post("/inbox/items/{item}/reassign", "DecideItems"),
    post("/inbox/items/{item}/note", "DecideItems"),
    post("/inbox/items/{item}/done", "DecideItems"),
    post("/inbox/items/{item}/reopen", "DecideItems"),
    get("/inbox/{message}", "ReadInbox"),
    get("/help", "everybody"),
    get("/help/contact", "everybody"),
    get("/help/privacy", "everybody"),
    get("/help/accessibility", "everybody"),
    // suppliers' systems: by a token, which their own tests are about
    get("/api", "everybody"),
    get("/api/openapi.json", "everybody"),
    get("/api/employment-checks/v1/applications", "everybody"),
    get("/api/employment-checks/v1/applications/{application}/checks", "everybody"),
    get("/api/employment-checks/v1/applications/{application}/checks/{standard}", "everybody"),
    post("/api/employment-checks/v1/applications/{application}/checks/{standard}", "everybody"),
    get("/admin/tokens", "ManageApiTokens"),
    post("/admin/tokens", "ManageApiTokens"),
    post("/admin/tokens/{token}/revoke", "ManageApiTokens"),
    // file exchange, positions, people
    get("/interfaces", "SeeInterfaces"),
    get("/interfaces/send", "SendFiles"),
    post("/interfaces/send", "SendFiles"),
    get("/interfaces/upload", "UploadFiles"),
    post("/interfaces/upload", "UploadFiles").upload(),
    get("/interfaces/expected", "SetExpectedFiles"),
    get("/interfaces/expected/{interface}/{sender}", "SetExpectedFiles").shared(),
    post("/interfaces/expected/{interface}/{sender}", "SetExpectedFiles").shared(),
    get("/interfaces/held-posts/{post}", "DecideHeldFiles"),
    post("/interfaces/held-posts/{post}", "DecideHeldFiles"),
    get("/interfaces/files/{file}", "SeeInterfaces"),
    get("/interfaces/files/{file}/decide", "DecideHeldFiles"),
    post("/interfaces/files/{file}/decide", "DecideHeldFiles"),
    post("/interfaces/files/{file}/process", "DecideHeldFiles"),
    get("/interfaces/files/{file}/download", "DecideHeldFiles"),
    post("/interfaces/files/{file}/download", "DecideHeldFiles"),
    get("/interfaces/files/{file}/records/{record}", "DecideHeldFiles"),
    post("/interfaces/files/{file}/records/{record}", "DecideHeldFiles"),
    get("/interfaces/codes", "MaintainCodes"),
    get("/interfaces/codes/{code_list}", "MaintainCodes").shared(),
    post("/interfaces/codes/{code_list}", "MaintainCodes").shared(),
    get("/interfaces/codes/{code_list}/change", "MaintainCodes").shared(),
    post("/interfaces/codes/{code_list}/change", "MaintainCodes").shared(),
    get("/interfaces/bodies", "MaintainBodies"),
    get("/interfaces/bodies/{body}", "MaintainBodies").shared(),
    post("/interfaces/bodies/{body}/hour", "MaintainBodies").shared(),
    post("/interfaces/bodies/{body}/contacts", "MaintainBodies").shared(),
    post("/interfaces/bodies/{body}/contacts/confirm", "MaintainBodies")
        .with(&[("contact", "00000000-0000-0000-0000-000000000007")])
        .shared(),
    post("/interfaces/bodies/{body}/contacts/end", "MaintainBodies")
        .with(&[("contact", "00000000-0000-0000-0000-000000000007")])
        .shared(),
    get("/positions", "SeePositions"),
    get("/positions/dpn-report", "SeeDpnReport"),
    get("/positions/dpn-report/duplicates", "SeeDpnReport"),
    get("/positions/dpn-report/all", "SeeDpnReport"),
    get("/positions/dpn-report/report.xlsx", "SeeDpnReport"),
    get("/positions/dpn-report/report.csv", "SeeDpnReport"),
    get("/positions/dpn-report/report.pdf", "SeeDpnReport"),
    get("/positions/dpn-report/settle", "ChangePositions"),
    post("/positions/dpn-report/settle", "ChangePositions"),
    post("/positions/dpn-report/settled/{id}/undo", "ChangePositions"),
    get("/positions/forecast", "SeeDpnReport"),
    get("/positions/readiness", "SeeReadiness"),
    post("/positions/readiness/steps", "SeeReadiness"),
    get("/positions/readiness/request", "ChangePositions"),
    post("/positions/readiness/request", "ChangePositions").upload(),
    get("/positions/readiness/requests/{request}", "SeeReadiness"),
    post("/positions/readiness/requests/{request}/reply", "SeeReadiness"),
    get("/positions/readiness/requests/{request}/email", "SeeReadiness"),
    get("/positions/readiness/requests/{request}/report", "SeeReadiness"),
    get("/interfaces/requests", "AnswerRequests"),
    get("/interfaces/requests/{request}", "AnswerRequests"),
    post("/interfaces/requests/{request}/answer", "AnswerRequests"),
    get("/interfaces/requests/{request}/email", "AnswerRequests"),
    get("/interfaces/requests/{request}/report", "AnswerRequests"),
    get("/positions/deanery-list", "ChangePositions"),
    post("/positions/deanery-list", "ChangePositions").upload(),
    get("/positions/deanery-list/{list}", "ChangePositions"),
    get("/positions/deanery-list/{list}/posts/{row}", "ChangePositions"),
    post("/positions/deanery-list/{list}/posts/{row}/assign", "ChangePositions"),
    post("/positions/deanery-list/{list}/posts/{row}/draft", "ChangePositions"),
    post("/positions/deanery-list/{list}/posts/{row}/query", "ChangePositions"),
    get("/positions/deanery-list/{list}/positions/{position}", "ChangePositions"),
    post("/positions/deanery-list/{list}/positions/{position}/assign", "ChangePositions"),
    post("/positions/deanery-list/{list}/positions/{position}/query", "ChangePositions"),
    get("/positions/unbucketed/{unbucketing}", "ChangePositions"),
    post("/positions/unbucketed/{unbucketing}/undo", "ChangePositions"),
    get("/positions/{position}/unbucket", "ChangePositions"),
    post("/positions/{position}/unbucket", "ChangePositions").with(&[("from", "6/5/2026")]),
    get("/positions/mass-update", "ChangePositions"),
    post("/positions/mass-update", "ChangePositions").upload(),
    get("/positions/mass-update/template.csv", "ChangePositions"),
    get("/positions/mass-update/template.xlsx", "ChangePositions"),
    get("/positions/mass-update/{update}", "ChangePositions"),
    post("/positions/mass-update/{update}/apply", "ChangePositions"),
    post("/positions/mass-update/{update}/cancel", "ChangePositions"),
    post("/positions/mass-update/{update}/undo", "ChangePositions"),
    get("/positions/mass-update/{update}/file.csv", "ChangePositions"),
    get("/positions/mass-update/{update}/file.xlsx", "ChangePositions"),
    post("/positions/changes/{position_change}/undo", "ChangePositions"),
    get("/positions/{position}/edit", "ChangePositions"),
    post("/positions/{position}/edit", "ChangePositions"),
    get("/positions/{position}/end", "ChangePositions"),
    post("/positions/{position}/end", "ChangePositions"),
    get("/positions/{position}", "SeePositions"),
    get("/people/{person}", "SeePeople"),
    // doctors in training
    get("/doctors", "SeeDoctors"),
    get("/doctors/new", "EnterApplicants"),
    post("/doctors/new", "EnterApplicants"),
    get("/doctors/records/{file}/{record}", "SeeDoctors"),
    post("/doctors/records/{file}/{record}/try-again", "PutRecordsRight"),
    post("/doctors/records/{file}/{record}/ask-again", "PutRecordsRight"),
    post("/doctors/records/{file}/{record}/dismiss", "PutRecordsRight"),
    get("/doctors/duplicates", "SeeDoctors"),
    get("/doctors/duplicates/{id}", "SeeDoctors"),
    post("/doctors/duplicates/{id}/same", "SettleDuplicates"),
    post("/doctors/duplicates/{id}/different", "SettleDuplicates"),
    post("/doctors/merges/{id}/undo", "SettleDuplicates"),
    post("/doctors/applications/{id}/status", "ChangeApplications").with(&[
        ("shown", "preferred_applicant"),
        ("event-1", "offer_conditionally"),
        ("reason-1", "test"),
    ]),
    post("/doctors/applications/{id}/take-back", "ChangeApplications")
        .with(&[("step", "01890000-0000-7000-8000-000000000000")]),
    get("/doctors/day-one", "SeeDoctors"),
    get("/doctors/day-one.csv", "SeeDoctors"),
    get("/doctors/applications/{id}/hire", "SeeDoctors"),
    post("/doctors/applications/{id}/hire", "ChangeApplications")
        .with(&[("hired-on", "2026-08-05"), ("confirmed", "yes")]),
    post("/doctors/applications/{id}/hand-over", "SeeDoctors"),
    post("/doctors/hires/{hire}/undo", "ChangeApplications"),
    get("/doctors/hires/{hire}/cancel", "ChangeApplications"),
    post("/doctors/hires/{hire}/cancel", "ChangeApplications"),
    get("/doctors/{person}/leaving", "ChangeApplications"),
    post("/doctors/{person}/leaving", "ChangeApplications"),
    post("/doctors/leavings/{leaving}/undo", "ChangeApplications"),
    get("/doctors/applications/{id}/checks", "SeeDoctors"),
    get("/doctors/applications/{id}/checks/{standard}", "ChangeApplications"),
    post("/doctors/applications/{id}/checks/{standard}", "ChangeApplications")
        .with(&[("status", "in_progress"), ("version", "0")]),
    get("/doctors/exceptions", "SeeDoctors"),
    // rotation
    get("/rotation", "SeeRotation"),
    get("/rotation/grid", "SeeRotation"),
    get("/rotation/grids", "SeeRotation"),
    get("/rotation/board.csv", "SeeRotation"),
    get("/rotation/board.xlsx", "SeeRotation"),
    get("/rotation/export.csv", "SeeRotation"),
    get("/rotation/export.xlsx", "SeeRotation"),
    // changes from the deanery
    get("/doctors/changes", "SeeChanges"),
    get("/doctors/changes/bulk", "ChangeApplications"),
    post("/doctors/changes/bulk", "ChangeApplications"),
    post("/doctors/changes/undo", "DismissChanges"),
    get("/doctors/changes/{change}", "SeeChanges"),
    post("/doctors/changes/{change}/withdraw", "ChangeApplications"),
    post("/doctors/changes/{change}/apply", "ChangeApplications"),
    post("/doctors/changes/{change}/dismiss", "DismissChanges"),
    post("/doctors/changes/{change}/undo", "DismissChanges"),
    post("/doctors/changes/{change}/hand-over", "DismissChanges"),
    // lead_and_host
    get("/shared-posts/contact", "KeepEmployerContact"),
    post("/shared-posts/contact", "KeepEmployerContact"),
    get("/positions/new-posts", "SeeNewPosts"),
    get("/positions/new-posts/{change}", "SeeNewPosts"),
    post("/positions/new-posts/{change}/draft", "MakeNewPosts"),
    post("/positions/new-posts/{change}/link", "MakeNewPosts"),
    post("/positions/new-posts/{change}/dismiss", "SeeNewPosts"),
    post("/positions/new-posts/{change}/undo", "SeeNewPosts"),
    post("/positions/new-posts/{change}/hand-over", "SeeNewPosts"),
    get("/doctors/{person}", "SeeDoctors"),
    post("/doctors/{person}/ni-number", "ShowNiNumbers"),
];
