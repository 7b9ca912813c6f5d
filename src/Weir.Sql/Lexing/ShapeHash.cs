using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Sql.Lexing;

/// <summary>
/// Fast 64-bit hash with a seed drawn at process start, so that nobody outside can prepare texts that collide. For tables
/// in this process only: the value means nothing elsewhere or tomorrow.
/// </summary>
public static class ShapeHash
{
    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private static readonly ulong Key = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed ^ (ulong)bytes.Length;
        while (bytes.Length >= 16)
        {
            hash = Fold(
                hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ 0x9E3779B97F4A7C15,
                Key ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            bytes = bytes[16..];
        }

        Span<byte> rest = stackalloc byte[16];
        rest.Clear();
        bytes.CopyTo(rest);
        hash = Fold(
            hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest) ^ 0xC2B2AE3D27D4EB4F,
            Key ^ BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
        return Fold(hash ^ 0x165667B19E3779F9, Key);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}
