using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests;

internal delegate void BodyAction(ReadOnlySpan<byte> body);

/// <summary>One well-formed message, and how it is read whole, every value looked at.</summary>
/// <param name="Name">Of the message.</param>
/// <param name="Direction">Who sends it.</param>
/// <param name="Bytes">With type and length.</param>
/// <param name="Read">Reads the body and walks everything in it.</param>
/// <param name="IsOpenEnded">The last field runs to the end of the message, so a shorter or longer one may be valid.</param>
internal sealed record MessageSample(string Name, MessageDirection Direction, byte[] Bytes, BodyAction Read, bool IsOpenEnded = false)
{
    internal ReadOnlySpan<byte> Body => Bytes.AsSpan(FrameHeader.Size);

    public override string ToString() => $"{Direction} {Name}";
}
