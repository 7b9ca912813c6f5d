namespace Weir.Policy.Documents;

/// <summary>TLS towards the database, as libpq's sslmode names it.</summary>
public enum UpstreamTls
{
    Disable,
    Prefer,
    Require,
    VerifyFull,
}
