"""People who sign up: their tables, functions, routes, and what the functions may do."""

from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

GROUPS = {"admin": 1, "premium": 5, "member": 10}
USERS = Table(
    name="users",
    key="userId",
    kind=Kind.PERSONAL,
    indexes=(Index("email-index", "email"), Index("username-index", "username")),
)
TABLES = (
    USERS,
    Table(name="auth-codes", key="codeId", kind=Kind.TRANSIENT, ttl="ttl"),
    Table(name="privacy-requests", key="requestId", kind=Kind.LEGAL),
)
POOL = tuple(
    f"cognito-idp:Admin{name}"
    for name in (
        "CreateUser", "SetUserPassword", "DisableUser", "EnableUser", "UpdateUserAttributes", "GetUser",
        "InitiateAuth", "RespondToAuthChallenge", "SetUserMFAPreference", "AddUserToGroup", "UserGlobalSignOut",
        "DeleteUser",
    )
)  # fmt: skip
LEAVING = tuple(
    f"cognito-idp:Admin{name}"
    for name in ("InitiateAuth", "RespondToAuthChallenge", "UserGlobalSignOut", "DisableUser", "DeleteUser")
)
FEW = 5  # requests per second

AUTH = Function(
    name="auth",
    handler="programs.creator.modules.user_auth.handlers.auth.handle",
    routes=(
        Route("POST /auth/signup", rate=FEW),
        Route("POST /auth/confirm", rate=FEW),
        Route("POST /auth/resend", rate=FEW),
        Route("POST /auth/login", rate=FEW),
        Route("POST /auth/recover", rate=FEW),
        Route("POST /auth/refresh"),
        Route("POST /auth/logout"),
        Route("POST /auth/forgot", rate=FEW),
        Route("POST /auth/reset", rate=FEW),
        Route("GET /auth/me", Auth.PERSON),
        Route("PATCH /auth/me", Auth.PERSON),
        Route("POST /auth/me/totp", Auth.PERSON),
        Route("POST /auth/me/totp/confirm", Auth.PERSON, rate=FEW),
        Route("POST /auth/me/totp/recovery", Auth.PERSON, rate=FEW),
        Route("DELETE /auth/me/totp", Auth.PERSON, rate=FEW),
        Route("POST /auth/invitations", Auth.PERSON, rate=FEW),
        Route("POST /auth/unlock", Auth.PERSON, rate=FEW),
    ),
    reads=("users",),
    writes=("users", "auth-codes", "privacy-requests"),
    secrets=("app",),
    posts=True,
    allows=(Allow(POOL, ("{pool}",)),),
    facts=("POOL_ID", "CLIENT_ID", "SESSION_SECONDS", "SIGNUP", "MFA"),
    alarm=Alarm(errors=5),
)
PRIVACY = Function(
    name="privacy",
    handler="programs.creator.modules.user_auth.handlers.privacy.handle",
    routes=(
        Route("POST /auth/me/export", Auth.PERSON),
        Route("GET /auth/me/export/{id}", Auth.PERSON),
        Route("DELETE /auth/me", Auth.PERSON),
    ),
    reads=("users", "privacy-requests"),
    writes=("users", "privacy-requests"),
    secrets=("app",),
    allows=(
        Allow(LEAVING, ("{pool}",)),
        Allow(("s3:PutObject", "s3:GetObject"), ("{bucket_media}/exports/*",)),
        Allow(("lambda:InvokeFunction",), ("arn:aws:lambda:{region}:{account}:function:creator-privacy",)),
    ),
    facts=("POOL_ID", "CLIENT_ID", "BUCKET_MEDIA", "PRIVACY_MODULES"),
    timeout=300,
    alarm=Alarm(errors=1),
)
FUNCTIONS = (AUTH, PRIVACY)
PROBES = (
    Probe("GET /auth/me", 401),
    Probe("POST /auth/login", 401, {"email": "nobody@probe.invalid.example", "password": "not-a-password"}),
)
