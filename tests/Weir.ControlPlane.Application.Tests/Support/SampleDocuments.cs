namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>Documents as an administrator would apply them, in JSON.</summary>
internal static class SampleDocuments
{
    public const string Connection = """
        { "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": "orders", "labels": { "env": "prod" } },
          "spec": { "protocol": "postgres", "agents": { "names": ["edge"] },
            "upstream": { "host": "127.0.0.1", "port": 5439, "database": "orders", "tls": "disable", "user": "orders_app", "password": { "env": "ORDERS_DB_PASSWORD" } } } }
        """;

    public const string EngineersStanding = """
        { "apiVersion": "weir/v1", "kind": "AccessRule", "metadata": { "name": "engineers-orders" },
          "spec": { "principals": { "groups": ["engineers"] }, "connections": { "names": ["orders"] }, "access": "write", "mode": "standing" } }
        """;

    public const string SupportMayAsk = """
        { "apiVersion": "weir/v1", "kind": "AccessRule", "metadata": { "name": "support-orders" },
          "spec": { "principals": { "groups": ["support"] }, "connections": { "names": ["orders"] }, "access": "read", "mode": "request",
            "request": { "approvers": ["dba"], "approvals": 1, "maxDuration": "4h", "requireReason": true } } }
        """;

    public const string AssistantsMayAsk = """
        { "apiVersion": "weir/v1", "kind": "AccessRule", "metadata": { "name": "assistants-orders" },
          "spec": { "principals": { "kinds": ["ai_agent"] }, "connections": { "names": ["orders"] }, "access": "read", "mode": "request",
            "request": { "approvers": ["dba", "engineers"], "approvals": 1, "maxDuration": "1h", "requireReason": false } } }
        """;

    public const string NoDestructiveDdl = """
        { "apiVersion": "weir/v1", "kind": "Guardrail", "metadata": { "name": "no-destructive-ddl" },
          "spec": { "connections": { "labels": { "env": "prod" } }, "when": { "effects": ["drop", "truncate"] }, "action": "deny", "message": "Ship a migration." } }
        """;

    public static string ConnectionWithStoredPassword(string password, string name = "orders") => $$"""
        { "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": "{{name}}" },
          "spec": { "protocol": "postgres", "agents": { "names": ["edge"] },
            "upstream": { "host": "db", "port": 5432, "database": "orders", "tls": "require", "user": "orders_app", "password": { "stored": "{{password}}" } } } }
        """;

    /// <summary>What most tests start from.</summary>
    public static string[] All { get; } = [Connection, EngineersStanding, SupportMayAsk, AssistantsMayAsk, NoDestructiveDdl];
}
