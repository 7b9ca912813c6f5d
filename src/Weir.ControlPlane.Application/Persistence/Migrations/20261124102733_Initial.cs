using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Weir.ControlPlane.Application.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "agents",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    labels = table.Column<string>(type: "jsonb", nullable: false),
                    identity_public_key = table.Column<byte[]>(type: "bytea", maxLength: 500, nullable: false),
                    version = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    enrolled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    connected_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    advertised_endpoint = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    capabilities = table.Column<string>(type: "jsonb", nullable: false),
                    snapshot_version = table.Column<long>(type: "bigint", nullable: false),
                    snapshot_error = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    live_sessions = table.Column<int>(type: "integer", nullable: false),
                    spool_bytes = table.Column<long>(type: "bigint", nullable: false),
                    spool_capacity_bytes = table.Column<long>(type: "bigint", nullable: false),
                    removed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agents", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor_id = table.Column<Guid>(type: "uuid", nullable: true),
                    actor_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    actor_kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    action = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    target_kind = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    target_id = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    before_digest = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    after_digest = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    details = table.Column<string>(type: "jsonb", nullable: false),
                    previous_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_events", x => new { x.organization_id, x.sequence });
                });

            migrationBuilder.CreateTable(
                name: "enrollment_tokens",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    used_by = table.Column<Guid>(type: "uuid", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_enrollment_tokens", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "groups",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_groups", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "organization_counters",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    policy_version = table.Column<long>(type: "bigint", nullable: false),
                    credentials_sequence = table.Column<long>(type: "bigint", nullable: false),
                    audit_sequence = table.Column<long>(type: "bigint", nullable: false),
                    audit_head = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    seal_number = table.Column<long>(type: "bigint", nullable: false),
                    seal_head = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_counters", x => x.organization_id);
                });

            migrationBuilder.CreateTable(
                name: "organization_keys",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    wrapped_data_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    protected_masking_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    protected_seal_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    seal_public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_keys", x => x.organization_id);
                });

            migrationBuilder.CreateTable(
                name: "organization_settings",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    max_age = table.Column<long>(type: "bigint", nullable: false),
                    max_age_service_accounts = table.Column<long>(type: "bigint", nullable: false),
                    recorded_rows = table.Column<int>(type: "integer", nullable: false),
                    recorded_bytes = table.Column<int>(type: "integer", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_settings", x => x.organization_id);
                });

            migrationBuilder.CreateTable(
                name: "organizations",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organizations", x => x.organization_id);
                });

            migrationBuilder.CreateTable(
                name: "policy_documents",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    labels = table.Column<string>(type: "jsonb", nullable: false),
                    spec = table.Column<string>(type: "text", nullable: false),
                    updated_by = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_policy_documents", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "principals",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    display_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    on_behalf_of = table.Column<Guid>(type: "uuid", nullable: true),
                    roles = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    disabled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_principals", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "reviews",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    statement = table.Column<long>(type: "bigint", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    on_behalf_of = table.Column<Guid>(type: "uuid", nullable: true),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    parameters = table.Column<string>(type: "jsonb", nullable: false),
                    reasons = table.Column<string>(type: "jsonb", nullable: false),
                    binding = table.Column<byte[]>(type: "bytea", maxLength: 64, nullable: false),
                    context = table.Column<string>(type: "jsonb", nullable: false),
                    relations = table.Column<string>(type: "jsonb", nullable: false),
                    sensitive_columns = table.Column<string>(type: "jsonb", nullable: false),
                    estimated_rows = table.Column<double>(type: "double precision", nullable: true),
                    rows_changed = table.Column<string>(type: "jsonb", nullable: true),
                    not_run_because = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    reviewers = table.Column<string>(type: "jsonb", nullable: false),
                    approvals_needed = table.Column<int>(type: "integer", nullable: false),
                    valid_for = table.Column<long>(type: "bigint", nullable: false),
                    approvals = table.Column<string>(type: "jsonb", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    is_waiting = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    comment = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    approved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    approved_rows = table.Column<long>(type: "bigint", nullable: true),
                    consumed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    was_forwarded = table.Column<bool>(type: "boolean", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reviews", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "session_seals",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_sequence = table.Column<long>(type: "bigint", nullable: false),
                    last_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    sealed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    previous_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    signature = table.Column<byte[]>(type: "bytea", maxLength: 72, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_seals", x => new { x.organization_id, x.number });
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    principal_kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    on_behalf_of = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    credential_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    client_address = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    tls = table.Column<bool>(type: "boolean", nullable: false),
                    relayed = table.Column<bool>(type: "boolean", nullable: false),
                    application_name = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    context = table.Column<string>(type: "jsonb", nullable: false),
                    upstream_user = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    server_version = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    protocol = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    snapshot_version = table.Column<long>(type: "bigint", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    end_reason = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: true),
                    end_detail = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    statements = table.Column<long>(type: "bigint", nullable: false),
                    denied = table.Column<long>(type: "bigint", nullable: false),
                    bytes_in = table.Column<long>(type: "bigint", nullable: false),
                    bytes_out = table.Column<long>(type: "bigint", nullable: false),
                    last_sequence = table.Column<long>(type: "bigint", nullable: false),
                    last_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    integrity = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    integrity_fault = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sessions", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "agent_connection_statuses",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    agent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    is_reachable = table.Column<bool>(type: "boolean", nullable: false),
                    detail = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    idle_masking_rules = table.Column<string>(type: "jsonb", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_agent_connection_statuses", x => new { x.organization_id, x.agent_id, x.connection });
                    table.ForeignKey(
                        name: "fk_agent_connection_statuses_agents_organization_id_agent_id",
                        columns: x => new { x.organization_id, x.agent_id },
                        principalTable: "agents",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "document_secrets",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    document_id = table.Column<Guid>(type: "uuid", nullable: false),
                    slot = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    protected_value = table.Column<byte[]>(type: "bytea", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_document_secrets", x => new { x.organization_id, x.document_id, x.slot });
                    table.ForeignKey(
                        name: "fk_document_secrets_policy_documents_organization_id_document_~",
                        columns: x => new { x.organization_id, x.document_id },
                        principalTable: "policy_documents",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "access_credentials",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: true),
                    scram_verifier = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    issued_by = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    changed_sequence = table.Column<long>(type: "bigint", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_access_credentials", x => new { x.organization_id, x.id });
                    table.ForeignKey(
                        name: "fk_access_credentials_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "access_requests",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    on_behalf_of = table.Column<Guid>(type: "uuid", nullable: true),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    access = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    duration = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    rule = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    approvers = table.Column<string>(type: "jsonb", nullable: false),
                    approvals_needed = table.Column<int>(type: "integer", nullable: false),
                    approvals = table.Column<string>(type: "jsonb", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    decided_by = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    comment = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_access_requests", x => new { x.organization_id, x.id });
                    table.ForeignKey(
                        name: "fk_access_requests_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "api_tokens",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    prefix = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_tokens", x => new { x.organization_id, x.id });
                    table.ForeignKey(
                        name: "fk_api_tokens_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "external_logins",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    issuer = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    subject = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_sign_in_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_external_logins", x => new { x.organization_id, x.issuer, x.subject });
                    table.ForeignKey(
                        name: "fk_external_logins_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "grants",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    connection = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    access = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    starts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_by = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    changed_sequence = table.Column<long>(type: "bigint", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_grants", x => new { x.organization_id, x.id });
                    table.ForeignKey(
                        name: "fk_grants_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "group_memberships",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    group_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    source = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_group_memberships", x => new { x.organization_id, x.principal_id, x.group_id, x.source });
                    table.ForeignKey(
                        name: "fk_group_memberships_groups_organization_id_group_id",
                        columns: x => new { x.organization_id, x.group_id },
                        principalTable: "groups",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_group_memberships_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "local_logins",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    principal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    password_hash = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    locked_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_local_logins", x => new { x.organization_id, x.principal_id });
                    table.ForeignKey(
                        name: "fk_local_logins_principals_organization_id_principal_id",
                        columns: x => new { x.organization_id, x.principal_id },
                        principalTable: "principals",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "session_events",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_events", x => new { x.organization_id, x.session_id, x.sequence });
                    table.ForeignKey(
                        name: "fk_session_events_sessions_organization_id_session_id",
                        columns: x => new { x.organization_id, x.session_id },
                        principalTable: "sessions",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "session_statements",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    full_length = table.Column<long>(type: "bigint", nullable: false),
                    parameters = table.Column<string>(type: "jsonb", nullable: false),
                    decision = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    reasons = table.Column<string>(type: "jsonb", nullable: false),
                    effects = table.Column<string>(type: "jsonb", nullable: false),
                    relations = table.Column<string>(type: "jsonb", nullable: false),
                    command = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    protocol = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    snapshot_version = table.Column<long>(type: "bigint", nullable: false),
                    review_id = table.Column<Guid>(type: "uuid", nullable: true),
                    status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    command_tag = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    rows = table.Column<long>(type: "bigint", nullable: true),
                    sql_state = table.Column<string>(type: "character varying(5)", maxLength: 5, nullable: true),
                    error_message = table.Column<string>(type: "text", nullable: true),
                    duration_micros = table.Column<long>(type: "bigint", nullable: true),
                    rows_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    rows_recorded = table.Column<long>(type: "bigint", nullable: true),
                    bytes_returned = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_session_statements", x => new { x.organization_id, x.session_id, x.number });
                    table.ForeignKey(
                        name: "fk_session_statements_sessions_organization_id_session_id",
                        columns: x => new { x.organization_id, x.session_id },
                        principalTable: "sessions",
                        principalColumns: new[] { "organization_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_access_credentials_id",
                table: "access_credentials",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_access_credentials_organization_id_changed_sequence",
                table: "access_credentials",
                columns: new[] { "organization_id", "changed_sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_access_credentials_organization_id_principal_id",
                table: "access_credentials",
                columns: new[] { "organization_id", "principal_id" });

            migrationBuilder.CreateIndex(
                name: "ix_access_requests_organization_id_principal_id",
                table: "access_requests",
                columns: new[] { "organization_id", "principal_id" });

            migrationBuilder.CreateIndex(
                name: "ix_access_requests_organization_id_status_created_at",
                table: "access_requests",
                columns: new[] { "organization_id", "status", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_agents_id",
                table: "agents",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_agents_organization_id_name",
                table: "agents",
                columns: new[] { "organization_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_tokens_organization_id_principal_id",
                table: "api_tokens",
                columns: new[] { "organization_id", "principal_id" });

            migrationBuilder.CreateIndex(
                name: "ix_api_tokens_secret_hash",
                table: "api_tokens",
                column: "secret_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_enrollment_tokens_secret_hash",
                table: "enrollment_tokens",
                column: "secret_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_external_logins_organization_id_principal_id",
                table: "external_logins",
                columns: new[] { "organization_id", "principal_id" });

            migrationBuilder.CreateIndex(
                name: "ix_grants_organization_id_changed_sequence",
                table: "grants",
                columns: new[] { "organization_id", "changed_sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_grants_organization_id_principal_id",
                table: "grants",
                columns: new[] { "organization_id", "principal_id" });

            migrationBuilder.CreateIndex(
                name: "ix_grants_organization_id_status_ends_at",
                table: "grants",
                columns: new[] { "organization_id", "status", "ends_at" });

            migrationBuilder.CreateIndex(
                name: "ix_group_memberships_organization_id_group_id",
                table: "group_memberships",
                columns: new[] { "organization_id", "group_id" });

            migrationBuilder.CreateIndex(
                name: "ix_groups_organization_id_name",
                table: "groups",
                columns: new[] { "organization_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_organizations_name",
                table: "organizations",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_policy_documents_organization_id_kind_name",
                table: "policy_documents",
                columns: new[] { "organization_id", "kind", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_principals_organization_id_name",
                table: "principals",
                columns: new[] { "organization_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_reviews_organization_id_agent_id_status",
                table: "reviews",
                columns: new[] { "organization_id", "agent_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_reviews_organization_id_status_created_at",
                table: "reviews",
                columns: new[] { "organization_id", "status", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_session_seals_organization_id_session_id",
                table: "session_seals",
                columns: new[] { "organization_id", "session_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_sessions_organization_id_agent_id_status",
                table: "sessions",
                columns: new[] { "organization_id", "agent_id", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_organization_id_principal_id_started_at",
                table: "sessions",
                columns: new[] { "organization_id", "principal_id", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_organization_id_started_at_id",
                table: "sessions",
                columns: new[] { "organization_id", "started_at", "id" });

            InitialRowLevelSecurity.Protect(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_credentials");

            migrationBuilder.DropTable(
                name: "access_requests");

            migrationBuilder.DropTable(
                name: "agent_connection_statuses");

            migrationBuilder.DropTable(
                name: "api_tokens");

            migrationBuilder.DropTable(
                name: "audit_events");

            migrationBuilder.DropTable(
                name: "document_secrets");

            migrationBuilder.DropTable(
                name: "enrollment_tokens");

            migrationBuilder.DropTable(
                name: "external_logins");

            migrationBuilder.DropTable(
                name: "grants");

            migrationBuilder.DropTable(
                name: "group_memberships");

            migrationBuilder.DropTable(
                name: "local_logins");

            migrationBuilder.DropTable(
                name: "organization_counters");

            migrationBuilder.DropTable(
                name: "organization_keys");

            migrationBuilder.DropTable(
                name: "organization_settings");

            migrationBuilder.DropTable(
                name: "organizations");

            migrationBuilder.DropTable(
                name: "reviews");

            migrationBuilder.DropTable(
                name: "session_events");

            migrationBuilder.DropTable(
                name: "session_seals");

            migrationBuilder.DropTable(
                name: "session_statements");

            migrationBuilder.DropTable(
                name: "agents");

            migrationBuilder.DropTable(
                name: "policy_documents");

            migrationBuilder.DropTable(
                name: "groups");

            migrationBuilder.DropTable(
                name: "principals");

            migrationBuilder.DropTable(
                name: "sessions");
        }
    }
}
