namespace Weir.Protocol.Postgres.Scram;

/// <summary>The SASL mechanism names of RFC 7677, and the binding type PostgreSQL uses (RFC 5929).</summary>
public static class ScramMechanism
{
    public const string Sha256 = "SCRAM-SHA-256";
    public const string Sha256Plus = "SCRAM-SHA-256-PLUS";
    public const string ChannelBindingType = "tls-server-end-point";

    /// <summary>Random bytes of one side's nonce, as PostgreSQL takes them (base64 makes 24 characters of them).</summary>
    public const int NonceLength = 18;

    /// <summary>Longest SCRAM message accepted from either side, in bytes (PostgreSQL's PG_MAX_SASL_MESSAGE_LENGTH).</summary>
    public const int MaxMessageLength = 1024;
}
