namespace Weir.Protocol.Postgres.Scram;

/// <summary>What the server's last message means for the client.</summary>
public enum ScramClientOutcome
{
    /// <summary>The server knows the verifier: it is the right one.</summary>
    Verified,

    /// <summary>The server reports an error instead of a signature.</summary>
    Refused,

    /// <summary>The server accepted without knowing the verifier: it is not the right one. Never go on.</summary>
    WrongSignature,
}
