namespace Weir.WebConsole.Areas.Policies;

/// <summary>Documents to begin with, one per kind. Each is valid as it stands.</summary>
internal static class PolicyTemplates
{
    public const string Connection = """
        {
          "apiVersion": "weir/v1",
          "kind": "Connection",
          "metadata": {
            "name": "orders",
            "labels": { "env": "prod" }
          },
          "spec": {
            "protocol": "postgres",
            "agents": { "names": ["agent-1"] },
            "upstream": {
              "host": "db.internal",
              "port": 5432,
              "database": "orders",
              "tls": "verify-full",
              "user": "orders_app",
              "password": { "env": "ORDERS_DB_PASSWORD" }
            }
          }
        }
        """;

    public const string AccessRule = """
        {
          "apiVersion": "weir/v1",
          "kind": "AccessRule",
          "metadata": { "name": "engineers-orders" },
          "spec": {
            "principals": { "groups": ["engineers"] },
            "connections": { "names": ["orders"] },
            "access": "read",
            "mode": "request",
            "request": {
              "approvers": ["dba"],
              "approvals": 1,
              "maxDuration": "4h",
              "requireReason": true
            }
          }
        }
        """;

    public const string Guardrail = """
        {
          "apiVersion": "weir/v1",
          "kind": "Guardrail",
          "metadata": { "name": "unbounded-writes" },
          "spec": {
            "connections": { "labels": { "env": "prod" } },
            "when": {
              "effects": ["update", "delete"],
              "withoutWhere": true
            },
            "action": "review",
            "review": {
              "reviewers": ["dba"],
              "approvals": 1,
              "expiresAfter": "15m"
            },
            "message": "This changes every row of a table. A dba has to agree first."
          }
        }
        """;

    public const string GuardrailPack = """
        {
          "apiVersion": "weir/v1",
          "kind": "GuardrailPack",
          "metadata": { "name": "baseline" },
          "spec": {
            "pack": "postgres-baseline",
            "connections": { "labels": { "env": "prod" } }
          }
        }
        """;

    public const string MaskingRule = """
        {
          "apiVersion": "weir/v1",
          "kind": "MaskingRule",
          "metadata": { "name": "card-numbers" },
          "spec": {
            "connections": { "labels": { "env": "prod" } },
            "columns": ["*.*.credit_card"],
            "mask": { "partial": { "keepLast": 4 } }
          }
        }
        """;
}
