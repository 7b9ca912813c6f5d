using System.Security.Cryptography;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>
/// Where the recording of a session stands, and whether an event continues it. Nothing that arrives in order is thrown away: an event that does not fit
/// the chain is stored as evidence and the session is marked.
/// </summary>
internal sealed class RecordingChain(Guid sessionId, long lastSequence, byte[] lastHash, bool isSealed)
{
    public static byte[] NoHash { get; } = new byte[SHA256.HashSizeInBytes];

    public Guid SessionId { get; } = sessionId;

    public long LastSequence { get; private set; } = lastSequence;

    public byte[] LastHash { get; private set; } = lastHash;

    public bool IsSealed { get; private set; } = isSealed;

    /// <summary>What was wrong first, if anything was.</summary>
    public string? Fault { get; private set; }

    public static RecordingChain OfNew(Guid sessionId) => new(sessionId, 0, NoHash, false);

    /// <summary>False when events before this one are missing: the agent sends them again.</summary>
    public bool Continue(IngestedEvent next)
    {
        if (next.Event.Sequence != LastSequence + 1)
        {
            return false;
        }

        if (IsSealed)
        {
            Break($"event {next.Event.Sequence} came after the end");
        }
        else if (!next.Event.PreviousHash.Span.SequenceEqual(LastHash))
        {
            Break($"event {next.Event.Sequence} does not continue event {LastSequence}");
        }

        LastSequence = next.Event.Sequence;
        LastHash = next.Hash;
        IsSealed |= next.Event.Body is RecordedBody.Ended;
        return true;
    }

    public void Break(string fault) => Fault ??= fault;
}
