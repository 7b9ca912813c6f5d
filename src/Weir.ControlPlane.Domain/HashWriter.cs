using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Domain;

/// <summary>SHA-256 over fields that are each preceded by their length, so that no two lists of fields give the same bytes.</summary>
internal sealed class HashWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public HashWriter Add(ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        _hash.AppendData(length);
        _hash.AppendData(field);
        return this;
    }

    /// <summary>An absent field is not an empty one.</summary>
    public HashWriter Add(string? field)
    {
        if (field is null)
        {
            Span<byte> absent = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(absent, -1);
            _hash.AppendData(absent);
            return this;
        }

        return Add(Encoding.UTF8.GetBytes(field));
    }

    public HashWriter Add(long field)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, field);
        return Add(bytes);
    }

    public HashWriter Add(Guid field)
    {
        Span<byte> bytes = stackalloc byte[16];
        field.TryWriteBytes(bytes, bigEndian: true, out _);
        return Add(bytes);
    }

    public byte[] Finish() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
