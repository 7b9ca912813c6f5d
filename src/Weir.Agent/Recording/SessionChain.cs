namespace Weir.Agent.Recording;

/// <summary>
/// Where the chain of a session's events stands. Changed by the <see cref="Spool"/> only, under its lock and together with the append;
/// the session's own driver may read it without.
/// </summary>
internal sealed class SessionChain
{
    private readonly byte[] _hash = new byte[32];

    public SessionChain(Guid sessionId) => SessionId = sessionId;

    public SessionChain(Guid sessionId, long sequence, ReadOnlySpan<byte> hash, long statements, long denied)
    {
        SessionId = sessionId;
        Sequence = sequence;
        hash.CopyTo(_hash);
        Statements = statements;
        Denied = denied;
    }

    public Guid SessionId { get; }

    /// <summary>Sequence of the last event; 0 before the first.</summary>
    public long Sequence { get; private set; }

    /// <summary>SHA-256 of the last serialized event; zero bytes before the first.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Where the last event, or the checkpoint after it, begins in the spool.</summary>
    public long LastPosition { get; set; }

    /// <summary>Statements without a finish.</summary>
    public List<OpenStatement> Open { get; } = [];

    public long Statements { get; set; }

    public long Denied { get; set; }

    public void Advance(ReadOnlySpan<byte> hash)
    {
        Sequence++;
        hash.CopyTo(_hash);
    }

    /// <summary>Where the chain stands after events that an earlier process recorded.</summary>
    public void Recover(long sequence, ReadOnlySpan<byte> hash)
    {
        Sequence = sequence;
        hash.CopyTo(_hash);
    }

    /// <summary>A statement that was recorded and has no finish yet, and the bytes of the spool that are kept for it.</summary>
    internal struct OpenStatement
    {
        public long Number;
        public int ReservedBytes;
    }
}
