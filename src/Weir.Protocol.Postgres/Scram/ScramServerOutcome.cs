namespace Weir.Protocol.Postgres.Scram;

/// <summary>How an exchange ended for the server. Only <see cref="Accepted"/> lets the client in.</summary>
public enum ScramServerOutcome
{
    Accepted,

    /// <summary>Wrong password, or a mock verifier: the client must not learn which. 28P01.</summary>
    WrongProof,

    /// <summary>The client saw another certificate than the one presented: somebody is between. 28000.</summary>
    ChannelBindingMismatch,
}
