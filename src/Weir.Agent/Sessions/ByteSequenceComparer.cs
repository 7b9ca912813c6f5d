using System.Diagnostics.CodeAnalysis;
using Weir.Sql.Lexing;

namespace Weir.Agent.Sessions;

/// <summary>Compares byte strings by content, and lets dictionaries be asked with spans. The whole key is compared, never its hash alone.</summary>
internal sealed class ByteSequenceComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static ByteSequenceComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x is null ? y is null : y is not null && x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // Seeded per process: nobody outside can prepare collisions.
        return (int)ShapeHash.Of(alternate);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
