namespace Weir.Protocol.Postgres;

/// <summary>Who sends: the same type byte means different messages in the two directions.</summary>
public enum MessageDirection
{
    /// <summary>Client to server.</summary>
    Frontend,

    /// <summary>Server to client.</summary>
    Backend,
}
