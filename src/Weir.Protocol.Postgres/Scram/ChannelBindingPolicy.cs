namespace Weir.Protocol.Postgres.Scram;

/// <summary>How one side treats channel binding.</summary>
public enum ChannelBindingPolicy
{
    /// <summary>Neither offered nor used: a TLS balancer in front of a listener, or no TLS at all.</summary>
    Disable,

    /// <summary>Used when both sides can.</summary>
    Prefer,

    /// <summary>Without it the exchange fails.</summary>
    Require,
}
